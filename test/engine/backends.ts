import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { registerOnnxRuntimeBackend } from '../../src/engine/onnxruntime/index.js';
import { registerCpuReferences } from './cpuReferences.js';

// The cpu backend greets with a warning meant for users who look for speed.
tf.env().set('IS_NODE', false);

registerCpuReferences();

export type Values = Float32Array | Int32Array | Uint8Array;

/** What a tensor is, read out. */
export interface Reading {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: Values;
}

/** Largest difference that two float32 implementations may have, relative to the largest magnitude. */
export const floatTolerance = 1e-5;

/** Runs the same code on one backend and reads the resulting tensors. */
export async function runOn(
  backend: 'cpu' | 'onnxruntime',
  code: () => tf.Tensor | readonly tf.Tensor[],
): Promise<readonly Reading[]> {
  registerOnnxRuntimeBackend(tf, { threads: 1 });
  await tf.setBackend(backend);
  const result = code();
  const tensors = result instanceof tf.Tensor ? [result] : result;
  const readings: Reading[] = [];
  for (const tensor of tensors) {
    readings.push({ dtype: tensor.dtype, shape: tensor.shape, values: (await tensor.data()) as Values });
  }
  return readings;
}

/**
 * Fails unless both backends give the same tensors: types and shapes exactly, values within the tolerance.
 *
 * @param magnitude what the numbers were made of, where they may cancel out
 */
export function expectSame(
  actual: readonly Reading[],
  expected: readonly Reading[],
  tolerance = floatTolerance,
  magnitude = 0,
): void {
  expect(actual.map(({ dtype, shape }) => ({ dtype, shape }))).toEqual(
    expected.map(({ dtype, shape }) => ({ dtype, shape })),
  );
  for (const [i, { values }] of actual.entries()) {
    const wanted = expected[i]!.values;
    expect(values.length).toBe(wanted.length);
    let largest = magnitude;
    for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    for (let j = 0; j < wanted.length; j++) {
      const a = values[j]!;
      const b = wanted[j]!;
      const isSame = Number.isFinite(b) ? Math.abs(a - b) <= tolerance * largest : Object.is(a, b);
      if (!isSame) {
        expect.fail(`tensor ${i}, element ${j}: ${a} instead of ${b}\nall: ${values.join()}\nnot: ${wanted.join()}`);
      }
    }
  }
}

/** Reproducible numbers in [-1, 1): a linear congruential generator. */
export function numbers(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) as number;
  });
}
