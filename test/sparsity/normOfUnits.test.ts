import { describe, expect, it } from 'vitest';
import { makeFloats } from '../../src/graph/make.js';
import type { NormOptions } from '../../src/sparsity/normOfUnits.js';
import { penaltyLayout } from '../../src/sparsity/penaltyLayout.js';
import { ProximalStep } from '../../src/sparsity/proximalStep.js';
import { TrainableModel } from '../../src/train/trainableModel.js';
import { analyze } from '../support/analyze.js';
import { cpuEngine } from '../support/cpuEngine.js';
import { modelOf, node } from '../support/modelOf.js';

/** Two layers give the sum: its first unit has (3, 0) of one and (0, −4) of the other, its second (1, 1) and (1, 1). */
async function setUp(options: NormOptions & { readonly threshold?: number }) {
  const engine = await cpuEngine();
  const analysis = await analyze(
    modelOf({
      inputs: { x: ['N', 2] },
      outputs: ['y'],
      nodes: [
        node('MatMul', ['x', 'wa'], 'a'),
        node('MatMul', ['x', 'wb'], 'b'),
        node('Add', ['a', 'b'], 'sum'),
        node('MatMul', ['sum', 'wy'], 'y'),
      ],
      weights: {
        wa: makeFloats('wa', [3, 1, 0, 1], [2, 2]),
        wb: makeFloats('wb', [0, 1, -4, 1], [2, 2]),
        wy: [2, 5],
      },
    }),
  );
  const layout = penaltyLayout(analysis, 'auto');
  const model = new TrainableModel(engine, analysis.model);
  const step = new ProximalStep(engine, layout, model.parameters, options);
  const read = () => {
    const of = (name: string) => [...model.parameters.get(analysis.model.graph.value(name)!)!.dataSync()];
    const [a, b] = [of('wa'), of('wb')];
    return [0, 1].map((u) => [a[u]!, a[2 + u]!, b[u]!, b[2 + u]!]);
  };
  const apply = (t: number) => step.apply(engine.tf.scalar(t));
  return { step, read, apply };
}

function expectClose(found: ArrayLike<number>, expected: readonly number[]) {
  expect(found.length).toBe(expected.length);
  expected.forEach((number, i) => {
    expect(found[i]).toBeCloseTo(number, 5);
  });
}

const ALIVE = Uint8Array.from([1, 1]);

/** (3 − a)² + (4 − a)² = (2a)² at a = r/8. */
const MIXED_REACH = 8 * ((Math.sqrt(196 + 200) - 14) / 4);

describe('norms of units', () => {
  it.each<[string, NormOptions, number[], number[] | undefined]>([
    ['over all constants together', {}, [5 / 2, 2 / 2], undefined],
    ['the largest of both layers', { join: 'max' }, [4 / Math.SQRT2, 1], [25 / (4 / Math.SQRT2), 4]],
    // Each of four |w| comes down by r/8, and the rest by r/4 in length.
    ['half of absolute values', { l1Fraction: 0.5 }, [0.5 * 2.5 + (0.5 * 7) / 4, 1], [MIXED_REACH, 4]],
    ['absolute values alone: the largest weight is the last to die', { l1Fraction: 1 }, [7 / 4, 1], [16, 4]],
    [
      'the largest of mixed norms',
      { l1Fraction: 0.5, join: 'max' },
      [0.5 * (4 / Math.SQRT2) + (0.5 * 4) / 2, 1],
      [25 / (Math.SQRT2 + 1), 4],
    ],
  ])('%s', async (_, options, norms, reaches) => {
    const { step } = await setUp(options);
    const seen = await step.look();
    expectClose(seen.norms, norms);
    if (reaches === undefined) expect(seen.reaches).toBeUndefined();
    else expectClose(seen.reaches!, reaches);
  });

  it.each<NormOptions>([
    {},
    { join: 'max' },
    { l1Fraction: 0.1 },
    { l1Fraction: 0.5 },
    { l1Fraction: 1 },
    { l1Fraction: 0.7, join: 'max' },
  ])('a step as far as the reach makes zeros, and none that is shorter: %o', async (options) => {
    const w = [2, 0.5];
    for (const u of [0, 1]) {
      for (const share of [0.999, 1.001]) {
        const { step, apply, read } = await setUp(options);
        const { norms, reaches } = await step.look();
        const reach = reaches?.[u] ?? norms[u]! * 4;
        step.update(Float64Array.from(w), ALIVE);
        apply((share * reach) / w[u]!);
        expect(read()[u]!.every((weight) => weight === 0)).toBe(share > 1);
      }
    }
  });
});

describe('ProximalStep', () => {
  it('has less far to go to a threshold, and makes zeros of what is below it in the end', async () => {
    const { step, read } = await setUp({ threshold: 2 });
    const { norms, reaches } = await step.look();
    // From 2.5 to 2 is a fifth of the way; what is below has next to nothing left.
    expectClose(norms, [2.5, 1]);
    expectClose(reaches!, [(0.5 / 2.5) * 2.5 * 4, 0]);
    expect(reaches![1]).toBeGreaterThan(0);
    step.update(new Float64Array(2), Uint8Array.from([1, 0]));
    step.end();
    expectClose(read()[0]!, [3, 0, 0, -4]);
    expect(read()[1]).toEqual([0, 0, 0, 0]);
  });

  it('takes absolute values from each weight, then shrinks what is left of the unit', async () => {
    const { step, apply, read } = await setUp({ l1Fraction: 0.5 });
    step.update(Float64Array.from([1, 0]), ALIVE);
    apply(2);
    // 2 · 0.5 / 4 from each, then 2 · 0.5 / √4 off the length.
    const factor = 1 - 0.5 / Math.hypot(2.75, 3.75);
    expectClose(read()[0]!, [2.75 * factor, 0, 0, -3.75 * factor]);
    expectClose(read()[1]!, [1, 1, 1, 1]);
  });

  it('shrinks all members of a unit by one factor where the largest counts', async () => {
    const { step, apply, read } = await setUp({ join: 'max' });
    step.update(Float64Array.from([1, 0]), ALIVE);
    apply(2);
    const factor = 1 - (2 * (4 / Math.SQRT2)) / 25;
    expectClose(read()[0]!, [3 * factor, 0, 0, -4 * factor]);
    step.update(Float64Array.from([1, 0]), Uint8Array.from([1, 0]));
    apply(0);
    expectClose(read()[0]!, [3 * factor, 0, 0, -4 * factor]);
    expect(read()[1]).toEqual([0, 0, 0, 0]);
  });
});
