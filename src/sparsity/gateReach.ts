/** @file How far the penalty must pull until gates are shut. */

/** Largest change of a logit in a step along the way. */
const STRIDE = 0.05;

/**
 * What has to be pulled, at `w = 1`, until the gates of a unit together are open with a probability of no more than a
 * threshold.
 *
 * The penalty of a unit is `P = 1 − ∏(1 − p_m)`, its gradient on a logit `(1 − P)·p_m`. So one gate alone falls by
 * `dℓ/dt = −p(1 − p)`, and takes `F(ℓ) − F(ℓ₀)` with `F(ℓ) = 2ℓ + 2·sinh ℓ` down to `ℓ₀`. Several fall by
 * `dℓ_m/dσ = −p_m` each in a time of their own, `dσ = (1 − P)·dt`, along which this goes step by step.
 */
export function gateReach(logits: readonly number[], threshold: number): number {
  if (openness(logits) <= threshold) return 0;
  const [only] = logits;
  if (logits.length === 1) return potential(only!) - potential(Math.log(threshold / (1 - threshold)));
  let [now, reach] = [[...logits], 0];
  for (;;) {
    const stride = STRIDE / Math.max(...now.map(sigmoid));
    // Midpoint: the probabilities half-way.
    const half = now.map((logit) => logit - (stride / 2) * sigmoid(logit));
    const next = now.map((logit, m) => logit - stride * sigmoid(half[m]!));
    const step = stride / (1 - openness(half));
    const [before, after] = [openness(now), openness(next)];
    if (after <= threshold) return reach + (step * (before - threshold)) / (before - after);
    reach += step;
    now = next;
  }
}

/** `1 − ∏(1 − p_m)`: the probability that any of the gates is open. */
export function openness(logits: readonly number[]): number {
  return 1 - logits.reduce((product, logit) => product * sigmoid(-logit), 1);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function potential(logit: number): number {
  return 2 * logit + 2 * Math.sinh(logit);
}
