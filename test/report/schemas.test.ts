import { describe, expect, it } from 'vitest';
import { report } from '../../src/index.js';
import { type JsonSchema, SCHEMAS } from '../../src/report/schemas.js';
import { SAMPLE_REPORT } from './sampleReport.js';
import { SAMPLE_EXPLANATION, SAMPLE_MORPHED, SAMPLE_PRUNED, SAMPLE_WIDENED } from './sampleResults.js';
import { violations } from './structuralCheck.js';

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('SCHEMAS', () => {
  it.each(['fixtures/models/resnet_bn.onnx', 'fixtures/digits-vgg.onnx'])(
    'holds for the report of %s',
    async (path) => {
      expect(violations(asJson(await report(path)), SCHEMAS.report)).toEqual([]);
    },
  );

  it.each([
    ['report', SAMPLE_REPORT],
    ['morph', SAMPLE_MORPHED],
    ['morph', { ...SAMPLE_MORPHED, widen: SAMPLE_MORPHED.target }],
    ['widen', SAMPLE_WIDENED],
    ['prune', SAMPLE_WIDENED],
    ['prune', SAMPLE_PRUNED],
    ['explain', SAMPLE_EXPLANATION],
  ] as const)('holds for a result of %s', (command, result) => {
    expect(violations(asJson(result), SCHEMAS[command])).toEqual([]);
  });

  it('takes models without accuracy', () => {
    const input = { ...SAMPLE_WIDENED.input, accuracy: null };
    expect(violations(asJson({ ...SAMPLE_WIDENED, input }), SCHEMAS.widen)).toEqual([]);
  });

  it('forbids what is missing, added, of another type or out of range', () => {
    const { seconds, ...rest } = SAMPLE_MORPHED;
    const broken = {
      ...rest,
      extra: seconds,
      input: { ...SAMPLE_MORPHED.input, flops: 0.5, accuracy: 1.5, path: null },
      target: { ...SAMPLE_MORPHED.target, resource: 'time' },
    };
    expect(violations(asJson(broken), SCHEMAS.morph)).toEqual([
      '$.seconds: is missing',
      '$.input.path: null is not string',
      '$.input.flops: number is not integer',
      '$.input.accuracy: above 1',
      '$.target.resource: not in the enum',
      '$.extra: is not in the schema',
    ]);
  });

  it('says of every property what it is', () => {
    const silent: string[] = [];
    const walk = (schema: JsonSchema, path: string): void => {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        if (property.description === undefined && property.properties === undefined) silent.push(`${path}.${name}`);
        walk(property, `${path}.${name}`);
      }
      if (schema.items !== undefined) walk(schema.items, `${path}[]`);
    };
    for (const [command, schema] of Object.entries(SCHEMAS)) walk(schema, command);
    expect(silent).toEqual([]);
  });
});
