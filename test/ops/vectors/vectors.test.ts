/** @file Lowerings against ONNX's own examples: neither this project nor ONNX Runtime made what is expected here. */
import { describe, expect, test } from 'vitest';
import { allOps } from '../../../src/ops/allOps.js';
import { leftOut, refused } from './leftOut.js';
import { expectedOf, lowerVector, readVectors, type Vector } from './vector.js';

const vectors = readVectors(new URL('../../../fixtures/onnx-operators.tar.gz', import.meta.url));

/** Of ONNX's own runner. */
const [RELATIVE, ABSOLUTE] = [1e-3, 1e-7];

/** Records of which neither release has an example that can be run: none at all, or of these opsets. */
const WITHOUT_VECTOR: readonly string[] = [
  'GlobalLpPool@2',
  'GroupNormalization@18',
  'Hardmax@1',
  'MaxRoiPool@1',
  'Multinomial@7',
  'RandomNormal@1',
  'RandomNormalLike@1',
  'RandomUniform@1',
  'RandomUniformLike@1',
  'ReduceLogSum@18',
  'ReduceLogSumExp@18',
  'Resize@10',
  'SimplifiedLayerNormalization@1',
  'Slice@1',
  'Squeeze@1',
  'TopK@1',
  'Upsample@7',
];

const named = (table: typeof leftOut, { name }: Vector) => table.some(([pattern]) => pattern.test(name));
const recordName = ({ type, since }: { readonly type: string; readonly since: number }) => `${type}@${since}`;

/** What is wrong with what tf.js gives; undefined where it is what was expected. */
async function fault(vector: Vector): Promise<string | undefined> {
  const found = await lowerVector(vector);
  if (typeof found === 'string') return found;
  for (const [i, { shape, values }] of expectedOf(vector).entries()) {
    const result = found[i];
    if (result === undefined) return `output ${i} is missing`;
    if (result.shape.join() !== shape.join()) return `output ${i} is [${result.shape}], not [${shape}]`;
    for (let at = 0; at < values.length; at++) {
      const [a, b] = [result.values[at]!, values[at]!];
      if (Object.is(a, b) || a === b) continue;
      if (Number.isFinite(b) && Math.abs(a - b) <= ABSOLUTE + RELATIVE * Math.abs(b)) continue;
      return `output ${i} is ${a} at ${at}, not ${b}`;
    }
  }
  return undefined;
}

test('no vector has vanished', () => {
  expect(vectors.length).toBe(1124);
  const covered = new Set(vectors.filter((vector) => !named(leftOut, vector)).map(({ op }) => recordName(op)));
  const ofOnnx = allOps.ops.filter(({ domain }) => domain === '').map(recordName);
  expect(ofOnnx.filter((name) => !covered.has(name))).toEqual(WITHOUT_VECTOR);
});

describe('lowered to tf.js, an operator gives what ONNX says', () => {
  const run = vectors.filter((vector) => !named(refused, vector) && !named(leftOut, vector));
  test.each([...new Set(run.map(({ op }) => op))].map((op) => [recordName(op), op] as const))('%s', async (_, op) => {
    const examples = run.filter((vector) => vector.op === op);
    const faults: string[] = [];
    for (const vector of examples) {
      const found = await fault(vector);
      if (found !== undefined) faults.push(`${vector.name}: ${found}`);
    }
    expect(faults).toEqual([]);
  });
});

describe('what has no form in tf.js says why', () => {
  test.each(refused)('%s', async (pattern, reason) => {
    const examples = vectors.filter(({ name }) => pattern.test(name));
    expect(examples.length).toBeGreaterThan(0);
    for (const vector of examples) expect(await lowerVector(vector), vector.name).toBe(reason);
  });
});

describe('what is left out has still to be left out', () => {
  test.each(leftOut)('%s: %s', async (pattern) => {
    const examples = vectors.filter(({ name }) => pattern.test(name));
    expect(examples.length).toBeGreaterThan(0);
    for (const vector of examples) expect(await fault(vector).catch(String), vector.name).toBeDefined();
  });
});
