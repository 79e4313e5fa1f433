import { describe, expect, it } from 'vitest';
import { gateReach, openness, sigmoid } from '../../src/sparsity/gateReach.js';

/** The same way in steps so small that they need no care. */
function simulated(logits: readonly number[], threshold: number, dt: number): number {
  let [now, pulled] = [logits, 0];
  while (openness(now) > threshold) {
    const shut = 1 - openness(now);
    now = now.map((logit) => logit - dt * shut * sigmoid(logit));
    pulled += dt;
  }
  return pulled;
}

describe('gateReach', () => {
  it('is 2ℓ + 2 sinh ℓ for a gate alone', () => {
    const threshold = sigmoid(-1);
    expect(gateReach([0], threshold)).toBeCloseTo(2 + 2 * Math.sinh(1), 9);
    expect(gateReach([2], threshold)).toBeCloseTo(6 + 2 * Math.sinh(2) + 2 * Math.sinh(1), 9);
    expect(gateReach([-1.001], threshold)).toBe(0);
    expect(gateReach([2.5], 0.1) / simulated([2.5], 0.1, 1e-3)).toBeCloseTo(1, 3);
  });

  it('follows several gates of one unit down together', () => {
    // What is shut for good changes nothing.
    expect(gateReach([1.5, -60], 0.1) / gateReach([1.5], 0.1)).toBeCloseTo(1, 3);
    for (const logits of [
      [1, 1],
      [2.5, -1],
      [0.5, 1.5, 1],
    ]) {
      expect(gateReach(logits, 0.2) / simulated(logits, 0.2, 1e-3)).toBeCloseTo(1, 2);
    }
    expect(openness([0, 0])).toBeCloseTo(0.75, 12);
    expect(gateReach([-3, -3], 0.1)).toBe(0);
  });
});
