import type { JsonSchema, JsonType } from '../../src/report/schemas.js';

/** Where a JSON value breaks a schema, as paths with reasons; empty where it does not. */
export function violations(value: unknown, schema: JsonSchema, path = '$'): readonly string[] {
  const type = typeOf(value);
  const allowed = [schema.type].flat();
  if (!allowed.includes(type) && !(type === 'integer' && allowed.includes('number'))) {
    return [`${path}: ${type} is not ${allowed.join(' or ')}`];
  }
  const found: string[] = [];
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum) found.push(`${path}: below ${schema.minimum}`);
    if (schema.maximum !== undefined && value > schema.maximum) found.push(`${path}: above ${schema.maximum}`);
  }
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) found.push(`${path}: not in the enum`);
  if (Array.isArray(value)) {
    if (schema.items === undefined) return [...found, `${path}: no items`];
    return [...found, ...value.flatMap((item, i) => violations(item, schema.items!, `${path}[${i}]`))];
  }
  if (type !== 'object') return found;
  const entries = Object.entries(value as Record<string, unknown>);
  for (const name of schema.required ?? []) {
    if (!entries.some(([key]) => key === name)) found.push(`${path}.${name}: is missing`);
  }
  for (const [name, item] of entries) {
    const property = schema.properties?.[name] ?? schema.additionalProperties;
    if (property === undefined || property === false) found.push(`${path}.${name}: is not in the schema`);
    else if (property !== true) found.push(...violations(item, property, `${path}.${name}`));
  }
  return found;
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (Number.isInteger(value)) return 'integer';
  return typeof value as JsonType;
}
