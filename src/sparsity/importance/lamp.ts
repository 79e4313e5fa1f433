/**
 * Layer-adaptive magnitude: the share that a unit has in the squared norm of all that are no smaller than it,
 *
 *     lamp(u) = ‖w_u‖² / Σ_{v: ‖w_v‖ ≥ ‖w_u‖} ‖w_v‖²
 *
 * The largest of every group has 1, so no group goes as a whole. Of equals, the later ones in the list are worth more.
 *
 * @param norms of the units of one group
 * @see Lee et al., Layer-adaptive Sparsity for the Magnitude-based Pruning, ICLR 2021, arXiv 2010.07611
 */
export function lamp(norms: ArrayLike<number>): Float64Array {
  const scores = new Float64Array(norms.length);
  const descending = Array.from(norms, (_, i) => i).sort((a, b) => norms[b]! - norms[a]! || b - a);
  let sum = 0;
  for (const i of descending) {
    const square = norms[i]! ** 2;
    sum += square;
    scores[i] = sum === 0 ? 0 : square / sum;
  }
  return scores;
}
