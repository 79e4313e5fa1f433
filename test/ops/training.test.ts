import { describe, expect, test } from 'vitest';
import { allCases } from './cases/allCases.js';
import { lowerCase, tf } from './lowerCase.js';

const find = (record: string, title: string) =>
  allCases.find((candidate) => candidate.record === record && candidate.title === title)!;

describe('while training', () => {
  test('BatchNormalization uses the statistics of the batch, and moves the running ones towards them', async () => {
    const op = find('BatchNormalization@7', 'of [2, 3, 2, 2] at opset 15');
    const updated = new Map<number, tf.Tensor>();
    const updateStatistic = (input: number, value: tf.Tensor) => void updated.set(input, value);
    const { variables, apply } = await lowerCase(op, { training: true, updateStatistic });
    const [x, scale, shift] = variables.map(({ tensor }) => tensor.dataSync());
    const results = apply(variables.map(({ tensor }) => tensor));
    if ('untrainable' in results) throw new Error(results.untrainable);
    const y = results[0]!.dataSync();
    // The same case outside training tells what the running statistics were.
    const before = (await lowerCase(op)).statistics;
    for (let channel = 0; channel < 3; channel++) {
      const at = [0, 1].flatMap((n) => [0, 1, 2, 3].map((i) => (n * 3 + channel) * 4 + i));
      const mean = at.reduce((sum, i) => sum + x![i]!, 0) / 8;
      const squares = at.reduce((sum, i) => sum + (x![i]! - mean) ** 2, 0);
      for (const i of at) {
        const normal = (x![i]! - mean) / Math.sqrt(squares / 8 + 0.01);
        expect(y[i]).toBeCloseTo(normal * scale![channel]! + shift![channel]!, 5);
      }
      const [oldMean, oldVariance] = before.map((tensor) => tensor.dataSync()[channel]!);
      expect(updated.get(3)!.dataSync()[channel]).toBeCloseTo(0.9 * oldMean! + 0.1 * mean, 5);
      expect(updated.get(4)!.dataSync()[channel]).toBeCloseTo(0.9 * oldVariance! + (0.1 * squares) / 7, 5);
    }
    expect([...updated.keys()]).toEqual([3, 4]);
  });

  test.each([
    ['Dropout@7', 'outside training', 0.3],
    ['Dropout@12', 'outside training', 0.3],
    ['Dropout@12', 'without a ratio', 0.5],
  ])('%s drops by its ratio and scales up the rest, the same for the same seed', async (record, title, ratio) => {
    const op = { ...find(record, title), inputs: { x: [40, 50] } };
    const run = async (seed: number) => {
      const { variables, apply } = await lowerCase(op, {
        training: true,
        noise: (shape) => tf.randomUniform([...shape], 0, 1, 'float32', seed),
      });
      const results = apply(variables.map(({ tensor }) => tensor));
      if ('untrainable' in results) throw new Error(results.untrainable);
      return { x: variables[0]!.tensor.dataSync(), y: results[0]!.dataSync() };
    };
    const { x, y } = await run(1);
    const kept = [...y].filter((value) => value !== 0).length;
    y.forEach((value, i) => {
      if (value !== 0) expect(value).toBeCloseTo(x[i]! / (1 - ratio), 4);
    });
    // Five standard deviations of the binomial.
    expect(Math.abs(kept / 2000 - (1 - ratio))).toBeLessThan(5 * Math.sqrt((ratio * (1 - ratio)) / 2000));
    expect((await run(1)).y).toEqual(y);
    expect((await run(2)).y).not.toEqual(y);
  });
});
