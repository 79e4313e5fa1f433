import * as tfjs from '@tensorflow/tfjs-core';
import { registeredBackend } from './registeredBackend.js';
import type { Source } from './source.js';

const draws = new WeakMap<Source, () => Float32Array>();

/**
 * A tensor whose numbers are made anew at every run of a compiled step: noise, a learning rate. Elsewhere a tensor like
 * any other, made once.
 *
 * @param draw gives as many numbers as the shape has elements
 */
export function drawn(
  shape: readonly number[],
  draw: () => Float32Array,
  tf: Pick<typeof tfjs, 'engine' | 'tensor'> = tfjs,
): tfjs.Tensor {
  const tensor = tf.tensor(draw(), [...shape], 'float32');
  const value = registeredBackend(tf)?.tracedIfOwn(tensor);
  if (value !== undefined) drawFrom(value.source, draw);
  return tensor;
}

/** Lets the numbers of a source be made anew at every run of the step that it is made in. */
export function drawFrom(source: Source, draw: () => Float32Array): void {
  draws.set(source, draw);
}

/** What makes the numbers of a source anew. */
export function drawnBy(source: Source): (() => Float32Array) | undefined {
  return draws.get(source);
}
