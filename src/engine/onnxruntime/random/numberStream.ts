/**
 * Numbers in [0, 1), multiples of 2⁻⁵³: the same for the same key, on every machine. Doty-Humphrey's sfc32, whose 128
 * bits of state are mixed from the key.
 *
 * @param key a seed, and what tells this stream from others of that seed
 */
export function numberStream(...key: readonly number[]): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  const halves = new Uint32Array(Float64Array.from(key).buffer);
  for (const half of halves) {
    a = (a ^ half) | 0;
    for (let round = 0; round < 12; round++) word();
  }
  return () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
}
