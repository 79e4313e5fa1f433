import { describe, expect, it } from 'vitest';
import { isPrunable } from '../../src/channels/channelAnalysis.js';
import type { ModelProto, NodeProto } from '../../src/onnx/messages.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { type Folded, foldMeans } from '../../src/rewrite/foldMeans.js';
import type { Plan } from '../../src/rewrite/plan/plan.js';
import { relativeDifference } from '../../src/runtime/relativeDifference.js';
import { tensor } from '../../src/runtime/session.js';
import { analyze, groupAt } from '../support/analyze.js';
import { killGroups } from '../support/killGroups.js';
import { floats, integers, type ModelSketch, modelOf, node, positive } from '../support/modelOf.js';
import { runModel } from '../support/runModel.js';

/** Channels 1 and 3 of four never change: their weights are zero, and their bias is their mean. */
const HELD = [1, 3];
const BIAS = [0.5, 0.7, -0.3, -1.1];

interface Outcome {
  readonly folded: Folded;
  /** Difference from the original without and with the fold. */
  readonly before: number;
  readonly after: number;
}

async function cutHeld(
  sketch: Omit<ModelSketch, 'inputs' | 'outputs'>,
  spatial: readonly number[],
  mayAdd = true,
): Promise<Outcome> {
  const model = modelOf({ ...sketch, inputs: { x: ['N', 2, ...spatial] }, outputs: ['y'] });
  const analysis = await analyze(model);
  const group = groupAt(analysis, 'h');
  expect(isPrunable(group)).toBe(true);
  const copies = new Int32Array(analysis.unitCount).fill(1);
  for (const place of HELD) copies[group.units[place]!] = 0;
  const plan: Plan = { copies };
  const cut = await applyPlan(analysis, plan);
  const means = new Map(
    analysis.contractions.flatMap(({ data }) => {
      const axis = analysis.table.find(data)!;
      if (axis.width % 4 !== 0) return [];
      return [
        [axis, Float64Array.from({ length: axis.width }, (_, i) => BIAS[Math.floor((4 * i) / axis.width)]!)] as const,
      ];
    }),
  );
  const folded = await foldMeans(analysis, plan, cut, means, mayAdd);
  const size = 3 * 2 * spatial.reduce((product, dim) => product * dim, 1);
  const x = tensor(
    'float32',
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * i)),
    [3, 2, ...spatial],
  );
  const run = async (which: ModelProto) => (await runModel(which, { x })).y!.data as Float32Array;
  const expected = await run(model);
  return {
    folded,
    before: relativeDifference(await run(cut), expected),
    after: relativeDifference(await run(folded.model), expected),
  };
}

const [P, Q] = [0.4, -0.8];
const convWeights = { w1: floats([P, Q, 0, 0, Q, P, 0, 0], [4, 2, 1, 1]), b1: floats(BIAS) };
const conv = node('Conv', ['x', 'w1', 'b1'], 'h');

describe('folding the means of removed channels', () => {
  it.each<readonly [string, Omit<ModelSketch, 'inputs' | 'outputs'>, readonly number[]]>([
    [
      'a bias of Conv',
      { weights: { ...convWeights, w2: [3, 4, 1, 1], b2: [3] }, nodes: [conv, node('Conv', ['h', 'w2', 'b2'], 'y')] },
      [3, 3],
    ],
    [
      'a kernel without padding',
      { weights: { ...convWeights, w2: [3, 4, 2, 3], b2: [3] }, nodes: [conv, node('Conv', ['h', 'w2', 'b2'], 'y')] },
      [4, 4],
    ],
    [
      'a Conv without a bias',
      { weights: { ...convWeights, w2: [3, 4, 1, 1] }, nodes: [conv, node('Conv', ['h', 'w2'], 'y')] },
      [3, 3],
    ],
    [
      'the running mean of a BatchNorm behind it',
      {
        weights: { ...convWeights, w2: [3, 4, 1, 1], s: positive([3]), t: [3], m: [3], v: positive([3]) },
        nodes: [conv, node('Conv', ['h', 'w2'], 'c'), node('BatchNormalization', ['c', 's', 't', 'm', 'v'], 'y')],
      },
      [3, 3],
    ],
    [
      'Gemm with alpha and beta, behind a Flatten',
      {
        weights: { ...convWeights, w2: [5, 16], b2: [1, 5] },
        nodes: [
          conv,
          node('Flatten', ['h'], 'f'),
          node('Gemm', ['f', 'w2', 'b2'], 'y', { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } }),
        ],
      },
      [2, 2],
    ],
    [
      'the Add behind a MatMul',
      {
        weights: { w1: floats([P, 0, Q, 0, Q, 0, P, 0], [2, 4]), b1: floats(BIAS), w2: [4, 3], b2: [3] },
        nodes: [
          node('MatMul', ['x', 'w1'], 'm1'),
          node('Add', ['m1', 'b1'], 'h'),
          node('MatMul', ['h', 'w2'], 'm2'),
          node('Add', ['b2', 'm2'], 'y'),
        ],
      },
      [],
    ],
    [
      'grouped convolutions',
      {
        weights: { ...convWeights, w2: [4, 2, 1, 1], b2: [4] },
        nodes: [conv, node('Conv', ['h', 'w2', 'b2'], 'y', { group: 2 })],
      },
      [3, 3],
    ],
  ])('is exact for channels that never change: %s', async (_, sketch, spatial) => {
    const { folded, before, after } = await cutHeld(sketch, spatial);
    expect(folded.skipped).toEqual([]);
    expect(folded.folded).toHaveLength(1);
    expect(before).toBeGreaterThan(1e-2);
    expect(after).toBeLessThan(1e-6);
  });

  it('is right inside, and on the average, where a convolution is padded', async () => {
    const { before, after } = await cutHeld(
      {
        weights: { ...convWeights, w2: [3, 4, 3, 3], b2: [3] },
        nodes: [conv, node('Conv', ['h', 'w2', 'b2'], 'y', { pads: [1, 1, 1, 1] })],
      },
      [12, 12],
    );
    expect(after).toBeLessThan(before);
  });

  it('serves every reader of the channels', async () => {
    const { folded, before, after } = await cutHeld(
      {
        weights: { ...convWeights, w2: [3, 4, 1, 1], b2: [3], w3: [3, 4, 1, 1] },
        nodes: [
          conv,
          node('Conv', ['h', 'w2', 'b2'], 'p'),
          node('Conv', ['h', 'w3'], 'q'),
          node('Mul', ['p', 'q'], 'y'),
        ],
      },
      [3, 3],
    );
    expect(folded.folded).toEqual(['p', 'q']);
    expect(before).toBeGreaterThan(1e-2);
    expect(after).toBeLessThan(1e-6);
  });

  it('makes no bias where parameters count, and says so', async () => {
    const { folded, before, after } = await cutHeld(
      { weights: { ...convWeights, w2: [3, 4, 1, 1] }, nodes: [conv, node('Conv', ['h', 'w2'], 'y')] },
      [3, 3],
      false,
    );
    expect(folded.folded).toEqual([]);
    expect(folded.skipped).toEqual([{ node: 'y', reason: 'it has no bias, and a new one would add parameters' }]);
    expect(after).toBe(before);
  });

  it.each<readonly [string, ModelSketch['nodes']]>([
    [
      'a bias that others read',
      [
        node('Conv', ['h', 'w2', 'b2'], 'p'),
        node('Reshape', ['b2', 'one'], 'z'),
        node('Add', ['p', 'z'], 'q'),
        node('Identity', ['q'], 'y'),
      ],
    ],
    [
      'a MatMul without an Add',
      [node('Transpose', ['h'], 't', { perm: [0, 2, 3, 1] }), node('MatMul', ['t', 'w3'], 'y')],
    ],
  ])('leaves %s alone', async (_, nodes) => {
    const { folded, before, after } = await cutHeld(
      {
        weights: { ...convWeights, w2: [3, 4, 1, 1], b2: [3], w3: [4, 3], one: integers([1, 3, 1, 1]) },
        nodes: [conv, ...nodes],
      },
      [3, 3],
    );
    expect(folded.folded).toEqual([]);
    expect(folded.skipped.map(({ reason }) => reason)).toEqual(['it has no bias of its own']);
    expect(after).toBe(before);
  });
});

describe('folding the means of a block that dies', () => {
  const block = (tail: readonly NodeProto[], weights: ModelSketch['weights']) =>
    modelOf({
      inputs: { x: ['N', 2, 3, 3] },
      outputs: ['y'],
      nodes: [
        node('Conv', ['x', 'ws'], 's'),
        node('Conv', ['s', 'w1', 'b1'], 'h'),
        node('Conv', ['h', 'w2'], 'c'),
        ...tail,
      ],
      weights: {
        ws: [3, 2, 1, 1],
        w1: floats(Array(12).fill(0), [4, 3, 1, 1]),
        b1: floats(BIAS),
        w2: [3, 4, 1, 1],
        ...weights,
      },
    });
  const fold = async (model: ModelProto, targetsBiases: boolean) => {
    const analysis = await analyze(model);
    const plan = killGroups(analysis, 'h');
    const cut = await applyPlan(analysis, plan);
    const axis = analysis.table.find({ value: analysis.model.graph.value('h')!, axis: 1 })!;
    const means = new Map([[axis, Float64Array.from(BIAS)]]);
    const folded = await foldMeans(analysis, plan, cut, means, !targetsBiases);
    const x = tensor(
      'float32',
      Float32Array.from({ length: 54 }, (_, i) => Math.sin(i * i)),
      [3, 2, 3, 3],
    );
    const run = async (which: ModelProto) => (await runModel(which, { x })).y!.data as Float32Array;
    const expected = await run(model);
    const [before, after] = [await run(cut), await run(folded.model)].map((y) => relativeDifference(y, expected));
    return { folded, before: before!, after: after! };
  };

  it('puts them into the constant that is left, before what is made of it', async () => {
    const norm = { g: positive([3]), b: [3], m: [3], v: positive([3]) };
    const tail = [
      node('BatchNormalization', ['c', 'g', 'b', 'm', 'v'], 'n'),
      node('Sigmoid', ['n'], 'a'),
      node('Add', ['s', 'a'], 'y'),
    ];
    for (const targetsBiases of [false, true]) {
      const { folded, before, after } = await fold(block(tail, norm), targetsBiases);
      expect(folded).toMatchObject({ folded: ['c'], skipped: [] });
      expect(before).toBeGreaterThan(1e-2);
      expect(after).toBeLessThan(1e-6);
      expect(folded.model.graph!.node.map(({ opType }) => opType)).toEqual(['Conv', 'Add']);
    }
  });

  it('says so where nothing is left', async () => {
    const { folded } = await fold(block([node('Add', ['s', 'c'], 'k'), node('Relu', ['k'], 'y')], {}), false);
    expect(folded).toMatchObject({
      folded: [],
      skipped: [{ node: 'c', reason: 'it is gone, and leaves no constant' }],
    });
  });
});
