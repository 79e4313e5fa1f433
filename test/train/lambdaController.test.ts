import { describe, expect, it } from 'vitest';
import { LambdaController } from '../../src/train/lambdaController.js';

/** 100 units that cost 1 each, with prices 1, 2, …; what the penalty pulls comes off every price, up to a resistance. */
function simulate(resistance: number, limit: number) {
  const steps = 400;
  const prices = Array.from({ length: 100 }, (_, u) => u + 1);
  const controller = new LambdaController({ whole: 100, limit, pull: steps });
  const path: number[] = [];
  let lambda = 0;
  for (let step = 0; step < steps; step++) {
    const alive = prices.filter((price) => price > 0).length;
    const sorted = prices.filter((price) => price > 0).sort((a, b) => a - b);
    const priceFor = (cost: number) => sorted[Math.max(0, Math.ceil(alive - cost) - 1)] ?? 0;
    lambda = controller.look({ done: step / steps, aliveCost: alive, priceFor });
    prices.forEach((price, u) => {
      if (price > 0) prices[u] = Math.max(0, price - Math.max(0, lambda - resistance));
    });
    path.push(prices.filter((price) => price > 0).length);
  }
  return { path, lambda };
}

describe('LambdaController', () => {
  it('brings the cost down along the line, and pulls no more at the limit', () => {
    const { path, lambda } = simulate(0, 50);
    expect(path.at(-1)).toBeLessThanOrEqual(50);
    expect(path.at(-1)).toBeGreaterThanOrEqual(48);
    // Half-way down at 40 % of the phase, since the limit is to be reached at 80 %.
    expect(Math.abs(path[160]! - 75)).toBeLessThanOrEqual(8);
    expect(lambda).toBe(0);
  });

  it('pulls harder where the loss resists', () => {
    const { path } = simulate(0.3, 50);
    expect(path.at(-1)).toBeLessThanOrEqual(52);
  });
});
