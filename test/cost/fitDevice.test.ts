import { describe, expect, test } from 'vitest';
import { fitDevice, fitKind, STEPS, type TimedWork } from '../../src/cost/devices/fitDevice.js';
import { nonNegativeFit } from '../../src/cost/devices/nonNegativeFit.js';

/** Works of a layer from `width` channels to as many, on `pixels`, in blocks of `step`. */
const work = (kind: string, width: number, pixels: number, step: number, rates: readonly number[]): TimedWork => {
  const mflopsAt = (block: number) => (2 * pixels * (Math.ceil(width / block) * block) ** 2) / 1e6;
  const mb = (8 * pixels * width) / 1e6;
  const [overhead = 0, perMflop = 0, perMB = 0] = rates;
  return { kind, mflops: STEPS.map(mflopsAt), mb, ms: overhead + perMflop * mflopsAt(step) + perMB * mb };
};

const WIDTHS = [5, 12, 17, 30, 33, 40, 51, 64, 77, 96];
const works = (kind: string, step: number, rates: readonly number[]) =>
  WIDTHS.flatMap((width) => [64, 400].map((pixels) => work(kind, width, pixels, step, rates)));

describe('nonNegativeFit', () => {
  const sample = (features: readonly number[], result: number) => ({ features, result, weight: 1 });

  test('finds what made the results', () => {
    const rows = [
      [1, 2, 5],
      [1, 3, 1],
      [1, 7, 2],
      [1, 4, 4],
    ];
    const { coefficients, residual } = nonNegativeFit(rows.map((row) => sample(row, 0.5 + 2 * row[1]! + 3 * row[2]!)));
    for (const [k, wanted] of [0.5, 2, 3].entries()) expect(coefficients[k]).toBeCloseTo(wanted, 9);
    expect(residual).toBeCloseTo(0, 12);
  });

  test('leaves out what would be negative', () => {
    const { coefficients } = nonNegativeFit([sample([1, 1], 1), sample([1, 2], 0.5), sample([1, 3], 0)]);
    expect(coefficients).toEqual([0.5, 0]);
  });

  test('copes with features that hang on each other, that are all zero, and with none at all', () => {
    expect(nonNegativeFit([sample([1, 2], 4), sample([2, 4], 8)]).residual).toBeCloseTo(0, 12);
    expect(nonNegativeFit([sample([0, 0], 4)]).coefficients).toEqual([0, 0]);
    expect(nonNegativeFit([]).coefficients).toEqual([]);
  });

  test('weighs', () => {
    const { coefficients } = nonNegativeFit([
      { features: [1], result: 1, weight: 3 },
      { features: [1], result: 5, weight: 1 },
    ]);
    expect(coefficients[0]).toBeCloseTo(2, 12);
  });
});

describe('what nodes of a kind take', () => {
  test.each(STEPS)('is found again, with blocks of %d', (step) => {
    const time = fitKind(works('Conv', step, [0.004, 0.01, 0.02]));
    expect(time.step).toBe(step);
    expect(time.overheadMs).toBeCloseTo(0.004, 6);
    expect(time.msPerMflop).toBeCloseTo(0.01, 6);
    expect(time.msPerMB).toBeCloseTo(0.02, 6);
  });

  test('is nothing for what is computed along with others', () => {
    expect(fitKind(works('Relu', 1, [0, 0, 0]))).toEqual({ overheadMs: 0, msPerMflop: 0, msPerMB: 0, step: 1 });
  });

  test('has no blocks where there is no reason for them', () => {
    const noisy = works('Conv', 1, [0.004, 0.01, 0.02]).map((timed, i) => ({
      ...timed,
      ms: timed.ms * (1 + 0.05 * (-1) ** i),
    }));
    expect(fitKind(noisy).step).toBe(1);
  });
});

test('a run is what its nodes take, scaled, with what it takes beside them', () => {
  const kinds = { Conv: works('Conv', 8, [0.004, 0.01, 0.02]), Tanh: works('Tanh', 1, [0.001, 0, 0.05]) };
  const free = works('Relu after Conv', 1, [0, 0, 0]);
  const runs = WIDTHS.map((_, i) => {
    const convs = kinds.Conv.slice(0, i + 2);
    const tanhs = kinds.Tanh.slice(0, 3 * (i % 3) + 1).map((node) => ({ ...node, mflops: STEPS.map(() => 0) }));
    const nodes = [...convs, ...tanhs, ...free.slice(0, i)];
    const sum = nodes.reduce((total, { ms }) => total + ms, 0);
    return { nodes, ms: 0.05 + 1.1 * sum + 0.003 * (convs.length + tanhs.length) };
  });
  const fitted = fitDevice(runs);
  expect(fitted.runMs).toBeCloseTo(0.05, 4);
  expect(fitted.kinds.Conv!.msPerMflop).toBeCloseTo(0.011, 4);
  expect(fitted.kinds.Conv!.overheadMs).toBeCloseTo(1.1 * 0.004 + 0.003, 4);
  expect(fitted.kinds.Conv!.step).toBe(8);
  expect(fitted.kinds['Relu after Conv']).toEqual({ overheadMs: 0, msPerMflop: 0, msPerMB: 0, step: 1 });
  expect(fitted.other.msPerMB).toBeCloseTo(1.1 * 0.05, 3);
});
