/** One observation: what each feature was, what came of them, and how much it counts. */
export interface Sample {
  readonly features: readonly number[];
  readonly result: number;
  readonly weight: number;
}

export interface Fit {
  /** By feature, none below 0. */
  readonly coefficients: readonly number[];
  /** Weighted sum of the squared differences. */
  readonly residual: number;
}

/**
 * The non-negative least squares of `Σ_i w_i (Σ_k c_k x_ik − y_i)²`, exactly, by trying which features are in: there are
 * three at most.
 *
 * @see Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23
 */
export function nonNegativeFit(samples: readonly Sample[]): Fit {
  const count = samples[0]?.features.length ?? 0;
  const scales = Array.from({ length: count }, (_, k) => Math.max(...samples.map(({ features }) => features[k]!), 0));
  let best: Fit = { coefficients: Array.from({ length: count }, () => 0), residual: residualOf(samples, []) };
  for (let subset = 1; subset < 2 ** count; subset++) {
    const used = scales.flatMap((scale, k) => ((subset >> k) % 2 === 1 && scale > 0 ? [k] : []));
    const solved = solve(samples, used, scales);
    if (solved === undefined || solved.some((coefficient) => !(coefficient >= 0))) continue;
    const coefficients = scales.map((scale, k) => (used.includes(k) ? solved[used.indexOf(k)]! / scale : 0));
    const residual = residualOf(samples, coefficients);
    if (residual < best.residual) best = { coefficients, residual };
  }
  return best;
}

function residualOf(samples: readonly Sample[], coefficients: readonly number[]): number {
  return samples.reduce((sum, { features, result, weight }) => {
    const predicted = coefficients.reduce((total, coefficient, k) => total + coefficient * features[k]!, 0);
    return sum + weight * (predicted - result) ** 2;
  }, 0);
}

/** The normal equations of some features, each scaled to at most 1; undefined where they hang on each other. */
function solve(
  samples: readonly Sample[],
  used: readonly number[],
  scales: readonly number[],
): readonly number[] | undefined {
  const rows = used.map((a) => [
    ...used.map((b) => sum(samples, ({ features }) => (features[a]! / scales[a]!) * (features[b]! / scales[b]!))),
    sum(samples, ({ features, result }) => (features[a]! / scales[a]!) * result),
  ]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows[k]!;
    if (!(Math.abs(pivot[k]!) > 1e-9 * sum(samples, () => 1))) return undefined;
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / pivot[k]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * pivot[j]!);
    }
  }
  return rows.map((row, k) => row[rows.length]! / row[k]!);
}

function sum(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return samples.reduce((total, sample) => total + sample.weight * of(sample), 0);
}
