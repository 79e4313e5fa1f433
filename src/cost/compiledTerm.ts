import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { CostTerm } from '../ops/costTerm.js';

/** A cost term over tracked axes; the widths of all others are in the coefficient. */
export interface CompiledTerm {
  readonly coefficient: number;
  /** Indices of tracked axes. */
  readonly axes: readonly number[];
}

export function compileTerm({ model, table }: ChannelAnalysis, { coefficient, axes }: CostTerm): CompiledTerm {
  let factor = coefficient;
  const tracked: number[] = [];
  for (const ref of axes) {
    const axis = table.find(ref);
    if (axis === undefined) factor *= model.typeOf(ref.value).dims[ref.axis] ?? 1;
    else tracked.push(axis.index);
  }
  return { coefficient: factor, axes: tracked };
}

export function evaluateTerm({ coefficient, axes }: CompiledTerm, widths: ArrayLike<number>): number {
  let product = coefficient;
  for (const axis of axes) product *= widths[axis]!;
  return product;
}

/** Adds `factor` · ∂term/∂width to the slopes of the term's axes. */
export function addSlopes(
  slopes: Float64Array,
  { coefficient, axes }: CompiledTerm,
  widths: ArrayLike<number>,
  factor = 1,
) {
  for (let k = 0; k < axes.length; k++) {
    let product = coefficient * factor;
    for (let j = 0; j < axes.length; j++) if (j !== k) product *= widths[axes[j]!]!;
    slopes[axes[k]!] = slopes[axes[k]!]! + product;
  }
}
