import type * as tfjs from '@tensorflow/tfjs-core';

/** The part of tf.js that draws. */
export type DrawingTensorFlow = Pick<typeof tfjs, 'randomNormal' | 'randomUniform' | 'tidy' | 'truncatedNormal'>;

/** Makes the numbers of a random tensor from the seed of its generator. */
export type Draw = (seed: number) => Float32Array;

/**
 * How tf.js made numbers from a seed: uniform, normal, or truncated normal, with which parameters. tf.js draws on the
 * host and tells nobody, but what it draws follows from the seed, and can be drawn again.
 *
 * @returns undefined unless drawing again gives these very numbers
 */
export function recogniseDraw(
  tf: DrawingTensorFlow,
  numbers: Float32Array,
  shape: readonly number[],
  seed: number,
): Draw | undefined {
  const read = (make: (shape: number[]) => tfjs.Tensor): Float32Array =>
    tf.tidy(() => make([...shape]).dataSync() as Float32Array);
  // Each as `location + scale · (what it gives for 0 and 1)`.
  const kinds: readonly ((location: number, scale: number) => Draw)[] = [
    (low, width) => (from) => read((dims) => tf.randomUniform(dims, low, low + width, 'float32', from)),
    (mean, deviation) => (from) => read((dims) => tf.randomNormal(dims, mean, deviation, 'float32', from)),
    (mean, deviation) => (from) => read((dims) => tf.truncatedNormal(dims, mean, deviation, 'float32', from)),
  ];
  for (const kind of kinds) {
    const standard = kind(0, 1)(seed);
    for (const [location, scale] of [[0, 1] as const, ...affineMaps(standard, numbers)]) {
      const draw = kind(location, scale);
      const again = draw(seed);
      if (again.every((number, i) => number === numbers[i])) return draw;
    }
  }
  return undefined;
}

/** Candidates for the a and b of `to = a + b · from`, by decreasing number of digits. */
function affineMaps(from: Float32Array, to: Float32Array): readonly (readonly [number, number])[] {
  let [low, high] = [0, 0];
  for (let i = 1; i < from.length; i++) {
    if (from[i]! < from[low]!) low = i;
    if (from[i]! > from[high]!) high = i;
  }
  const scale = (to[high]! - to[low]!) / (from[high]! - from[low]!);
  const location = to[low]! - scale * from[low]!;
  const size = Math.max(Math.abs(scale), Math.abs(location));
  // With a deviation below zero, tf.js would look for numbers within the bounds of a truncated normal for ever.
  if (!Number.isFinite(size) || !(scale > 0)) return [];
  return [6, 5, 4, 3]
    .map((digits) => {
      const decimals = Math.min(20, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
      return [Number(location.toFixed(decimals)), Number(scale.toFixed(decimals))] as const;
    })
    .filter(([, rounded]) => rounded > 0);
}
