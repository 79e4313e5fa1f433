import { dataErrors } from '../../errors/dataErrors.js';
import type { Batch } from './dataSet.js';
import { narrowInt64 } from './decodeNumbers.js';
import { gatherSamples, gatherTargets } from './gatherSamples.js';
import { NO_NORMALISATION } from './normalisation.js';
import { type DataArray, elementCount, type NumericArray } from './numericArray.js';
import type { OpenOptions } from './options.js';
import { checkSplit } from './split.js';

/**
 * Checks what a data module has yielded, and normalises it.
 * @param where the module and the batch, for messages
 * @throws DATA_MODULE_BATCH, and what {@link checkSplit} throws
 */
export function readModuleBatch(yielded: unknown, options: OpenOptions, where: string): Batch {
  const { normalisation = NO_NORMALISATION, labels } = options;
  if (!isObject(yielded)) throw dataErrors.moduleBatch(where, `a batch is ${typeName(yielded)}`);
  const x = readArray(yielded.x, 'x', where);
  const names = { xName: `${where}, x`, yName: `${where}, y` };
  const raw = yielded.y === undefined ? { x, ...names } : { x, y: readArray(yielded.y, 'y', where), ...names };
  const split = checkSplit(raw, normalisation, labels);
  const count = x.shape[0] ?? 0;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const { y, targets } = split;
  return {
    x: { data: gatherSamples(split.x, order, 0, count, split.affine), shape: x.shape },
    ...(y === undefined ? {} : { y }),
    ...(targets === undefined ? {} : { targets: gatherTargets(targets, order, 0, count) }),
  };
}

function readArray(value: unknown, name: 'x' | 'y', where: string): DataArray {
  if (!isObject(value)) throw dataErrors.moduleBatch(where, `${name} is ${typeName(value)}`);
  const { data, shape } = value;
  if (!isNumeric(data)) throw dataErrors.moduleBatch(where, `${name}.data is ${typeName(data)}`);
  if (!Array.isArray(shape) || !shape.every((size: unknown) => Number.isInteger(size) && (size as number) >= 0)) {
    throw dataErrors.moduleBatch(where, `${name}.shape is ${JSON.stringify(shape) ?? 'undefined'}`);
  }
  const sizes: readonly number[] = shape;
  if (data.length !== elementCount(sizes)) {
    throw dataErrors.moduleBatch(where, `${name}.data has ${data.length} elements, not those of [${sizes.join(', ')}]`);
  }
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  return { data: wide ? narrowInt64(data, `${where}, ${name}`) : data, shape: [...sizes] };
}

function isNumeric(value: unknown): value is NumericArray | BigInt64Array | BigUint64Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether a value has properties to look at. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** What a value is, for a message: `an Array`, `undefined`, `a string`. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const name = typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}
