import { describe, expect, test } from 'vitest';
import { allOps } from '../../src/ops/allOps.js';
import { relativeDifference } from '../../src/runtime/relativeDifference.js';
import { allCases } from './cases/allCases.js';
import { caseName } from './cases/opCase.js';
import { expectedOutputs, lowerCase } from './lowerCase.js';

/** Two float32 implementations of one operator, relative to the largest magnitude. */
const FORWARD_TOLERANCE = 1e-5;

const records = allOps.ops.map((op) => `${op.domain === '' ? '' : `${op.domain}.`}${op.type}@${op.since}`);

test('every record of the registry has a case, and every case a record', () => {
  const covered = new Set(allCases.map(({ record }) => record));
  expect(records.filter((record) => !covered.has(record))).toEqual([]);
  expect([...covered].filter((record) => !records.includes(record))).toEqual([]);
});

test('every case stands at an opset of its record', () => {
  for (const { record, opset, node } of allCases) {
    const { domain = '' } = node;
    expect(allOps.find(domain, node.opType!, domain === '' ? opset : 1)?.since, record).toBe(
      Number(record.split('@')[1]),
    );
  }
});

describe('lowered to tf.js, an operator gives what ONNX Runtime gives', () => {
  const trainable = allCases.filter(({ untrainable }) => untrainable === undefined);
  test.each(trainable.map((op) => [caseName(op), op] as const))('%s', async (_, op) => {
    const lowered = await lowerCase(op);
    const all = lowered.apply(lowered.variables.map(({ tensor }) => tensor));
    if ('untrainable' in all) throw new Error(all.untrainable);
    const results = all.filter((__, output) => op.node.output[output] !== '');
    const expected = await expectedOutputs(op);
    expect(results.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
    for (const [i, result] of results.entries()) {
      expect(relativeDifference(await result.data(), expected[i]!.values)).toBeLessThanOrEqual(FORWARD_TOLERANCE);
    }
  });
});

describe('what has no form in tf.js says why', () => {
  const others = allCases.filter(({ untrainable }) => untrainable !== undefined);
  test.each(others.map((op) => [caseName(op), op] as const))('%s', async (_, op) => {
    const lowered = await lowerCase(op);
    const result = lowered.apply(lowered.variables.map(({ tensor }) => tensor));
    expect(result).toEqual({ untrainable: op.untrainable });
    // The case itself is sound: ONNX Runtime runs it.
    expect((await expectedOutputs(op)).length).toBeGreaterThan(0);
  });
});
