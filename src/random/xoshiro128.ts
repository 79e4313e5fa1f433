/** @file The bits of the project's random numbers: 32-bit integer arithmetic only, so the same on every machine. */

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** State of the generator: four 32-bit words that are not all zero. */
export type Xoshiro128State = readonly [number, number, number, number];

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018).
 * Returns a function that gives the next word, an integer in [0, 2³²).
 */
export function xoshiro128(state: Xoshiro128State): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
}

/** The finaliser of MurmurHash3: a bijection on 32-bit words in which each input bit moves about half of the output. */
export function mix32(word: number): number {
  let z = word | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** splitmix32: a Weyl sequence of step 2³²/φ through {@link mix32}. It turns one word of seed into a stream of state. */
export function splitmix32(seed: number): () => number {
  let s = seed | 0;
  return () => {
    s = (s + 0x9e3779b9) | 0;
    return mix32(s);
  };
}
