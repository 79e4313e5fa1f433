/** @file The one source of randomness: seeded, passed in by the caller, equal on every platform. */
import { mix32, splitmix32, type Xoshiro128State, xoshiro128 } from './xoshiro128.js';

/** A stream of random numbers. */
export interface Rng {
  /** A number in [0, 1), a multiple of 2⁻⁵³. */
  next(): number;
  /**
   * An integer in [0, n), each as likely as the others.
   * @throws RangeError unless n is an integer from 1 to 2³²
   */
  int(n: number): number;
  /** A sample of the normal distribution of mean 0 and standard deviation 1. */
  normal(): number;
  /** Permutes the values in place, each order as likely as the others, and returns the same array. */
  shuffle(values: Int32Array): Int32Array;
  /**
   * A stream of its own that depends on the seed and the label alone, never on how much was drawn before:
   * `rng.fork('epoch 3')` is the same whether or not epochs 0 to 2 were run.
   */
  fork(label: string): Rng;
}

/** 64 bits that name a stream. */
type Key = readonly [number, number];

/**
 * The generator for an integer seed.
 * @throws RangeError when the seed is not a safe integer
 */
export function createRng(seed: number): Rng {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is an integer of at most 53 bits, not ${seed}`);
  return rngOfKey([seed >>> 0, Math.floor(seed / 2 ** 32) | 0]);
}

function stateOf([low, high]: Key): Xoshiro128State {
  const fromLow = splitmix32(low);
  const fromHigh = splitmix32(mix32(high ^ 0x5bd1e995));
  const word = () => fromLow() ^ fromHigh();
  const [a, b, c, d] = [word(), word(), word(), word()];
  // The zero state is the one fixed point of xoshiro.
  return (a | b | c | d) === 0 ? [1, b, c, d] : [a, b, c, d];
}

function childKey([low, high]: Key, label: string): Key {
  let a = mix32(low ^ 0x243f6a88);
  let b = mix32(high ^ 0x85a308d3);
  for (let i = 0; i < label.length; i++) {
    const unit = label.charCodeAt(i);
    a = mix32((a + Math.imul(unit + 1, 0x9e3779b1)) ^ b);
    b = mix32(Math.imul(b, 5) ^ a ^ unit);
  }
  return [mix32(a ^ label.length), mix32(b + label.length)];
}

function rngOfKey(key: Key): Rng {
  const word = xoshiro128(stateOf(key));
  let spareNormal: number | undefined;

  const next = (): number => {
    const high = word() >>> 5;
    const low = word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };

  const int = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`int(n) takes n from 1 to 2^32, not ${n}`);
    // Words from the last, incomplete run of n are drawn again: without that small results would be likelier.
    const limit = 2 ** 32 - (2 ** 32 % n);
    let draw = word();
    while (draw >= limit) draw = word();
    return draw % n;
  };

  return {
    next,
    int,
    // Marsaglia's polar method: of the transcendental functions it needs the logarithm alone.
    normal() {
      if (spareNormal !== undefined) {
        const value = spareNormal;
        spareNormal = undefined;
        return value;
      }
      for (;;) {
        const u = 2 * next() - 1;
        const v = 2 * next() - 1;
        const s = u * u + v * v;
        if (s >= 1 || s === 0) continue;
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        spareNormal = v * factor;
        return u * factor;
      }
    },
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const held = values[i] as number;
        values[i] = values[j] as number;
        values[j] = held;
      }
      return values;
    },
    fork: (label) => rngOfKey(childKey(key, label)),
  };
}
