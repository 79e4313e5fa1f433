import { eachRun, type Member } from './member.js';

/**
 * Sum of the distances from each unit's slices to those of all others: `Σ_v ‖w_u − w_v‖₂`. What lies near the geometric
 * median of its layer can be replaced by the others.
 *
 * @see He et al., Filter Pruning via Geometric Median, CVPR 2019, arXiv 1811.00250
 */
export function fpgm(member: Member): Float64Array {
  const rows = rowsOf(member);
  const sums = new Float64Array(rows.length);
  for (let u = 0; u < rows.length; u++) {
    const a = rows[u]!;
    for (let v = u + 1; v < rows.length; v++) {
      const b = rows[v]!;
      let square = 0;
      for (let i = 0; i < a.length; i++) {
        const difference = a[i]! - b[i]!;
        square += difference * difference;
      }
      const distance = Math.sqrt(square);
      sums[u] = sums[u]! + distance;
      sums[v] = sums[v]! + distance;
    }
  }
  return sums;
}

/** The elements of each unit, one row each, all as long as the longest. */
function rowsOf(member: Member): readonly Float32Array[] {
  const lengths = new Int32Array(member.units.length);
  eachRun(member, (place, start, end) => {
    lengths[place] = lengths[place]! + end - start;
  });
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const rows = member.units.map(() => new Float32Array(longest));
  const filled = new Int32Array(member.units.length);
  member.read((values) =>
    eachRun(member, (place, start, end) => {
      rows[place]!.set(values.subarray(start, end), filled[place]!);
      filled[place] = filled[place]! + end - start;
    }),
  );
  return rows;
}
