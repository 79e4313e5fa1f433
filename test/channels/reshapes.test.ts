/** @file Golden cases of reshapes, by where their shape comes from. */
import { describe, expect, test } from 'vitest';
import { isPrunable } from '../../src/channels/channelAnalysis.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import type { NodeProto } from '../../src/onnx/messages.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { analyze, analyzeAt, groupAt, unitPattern } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { inputOf, integers, modelOf, node, type WeightSketch } from '../support/modelOf.js';
import { randomCut } from '../support/randomPlan.js';

const SAME = { pads: [1, 1, 1, 1] };

/** Conv (4 channels on 2 × 2) → a reshape to [N, 16] → MatMul. */
function flattened(
  nodes: readonly NodeProto[],
  weights: Readonly<Record<string, WeightSketch>> = {},
  reshaped = 'flat',
) {
  return modelOf({
    inputs: { x: ['N', 3, 2, 2] },
    weights: { w1: [4, 3, 3, 3], f1: [16, 5], ...weights },
    nodes: [node('Conv', ['x', 'w1'], 'conv', SAME), ...nodes, node('MatMul', [reshaped, 'f1'], 'y')],
    outputs: ['y'],
  });
}

async function expectLaws(analysis: Awaited<ReturnType<typeof analyze>>): Promise<void> {
  for (const seed of [1, 2]) await expectCutLaw(analysis, seed);
  for (const seed of [3, 4]) await expectWidenLaw(analysis, seed);
}

const BLOCKS = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3];

describe('a Reshape that flattens, wherever its shape comes from', () => {
  test.each<readonly [string, readonly NodeProto[], Readonly<Record<string, WeightSketch>>]>([
    ['[0, -1]', [node('Reshape', ['conv', 's'], 'flat')], { s: integers([0, -1]) }],
    ['[-1, 16], the width as a literal', [node('Reshape', ['conv', 's'], 'flat')], { s: integers([-1, 16]) }],
    [
      'a Constant node',
      [node('Constant', [], 's', { value: { tensor: integers([-1, 16]) } }), node('Reshape', ['conv', 's'], 'flat')],
      {},
    ],
    [
      'a Constant node of value_ints',
      [node('Constant', [], 's', { value_ints: [-1, 16] }), node('Reshape', ['conv', 's'], 'flat')],
      {},
    ],
    [
      'Concat of the batch (Shape → Gather → Unsqueeze) and a constant',
      [
        node('Shape', ['conv'], 'shape'),
        node('Gather', ['shape', 'zero'], 'batch'),
        node('Unsqueeze', ['batch', 'axes'], 'batch1'),
        node('Concat', ['batch1', 'sixteen'], 's', { axis: 0 }),
        node('Reshape', ['conv', 's'], 'flat'),
      ],
      { zero: integers([0], []), axes: integers([0]), sixteen: integers([16]) },
    ],
    [
      'Concat of a Slice of the shape and -1',
      [
        node('Shape', ['conv'], 'shape'),
        node('Slice', ['shape', 'zero', 'one'], 'batch'),
        node('Concat', ['batch', 'rest'], 's', { axis: 0 }),
        node('Reshape', ['conv', 's'], 'flat'),
      ],
      { zero: integers([0]), one: integers([1]), rest: integers([-1]) },
    ],
  ])('%s', async (_, nodes, weights) => {
    const analysis = await analyze(flattened(nodes, weights));
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
    expect(unitPattern(analysis, 'flat')).toEqual(BLOCKS);
    await expectLaws(analysis);
  });

  test.each([0, 1, 2, 3, 4])('Flatten at axis %i of four', async (axis) => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: [1, 3, 2, 2] },
        weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1], s: integers([1, 4, 2, 2]) },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Flatten', ['conv'], 'flat', { axis }),
          node('Reshape', ['flat', 's'], 'back'),
          node('Conv', ['back', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    await expectLaws(analysis);
  });
});

describe('shape constants', () => {
  test('two Reshapes may read one constant and yet get widths of their own', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 2, 2] },
        weights: { wa: [4, 3, 3, 3], wb: [4, 3, 3, 3], fa: [16, 5], fb: [16, 5], s: integers([-1, 16]) },
        nodes: [
          node('Conv', ['x', 'wa'], 'a', SAME),
          node('Conv', ['x', 'wb'], 'b', SAME),
          node('Reshape', ['a', 's'], 'flatA'),
          node('Reshape', ['b', 's'], 'flatB'),
          node('MatMul', ['flatA', 'fa'], 'ya'),
          node('MatMul', ['flatB', 'fb'], 'yb'),
          node('Add', ['ya', 'yb'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['a (4): a', 'b (4): b']);
    await expectLaws(analysis);
  });

  test('a constant that a subgraph reads as well is not dropped', async () => {
    const branch = (name: string, op: NodeProto) =>
      createMessage('GraphProto', {
        name,
        node: [op],
        output: [createMessage('ValueInfoProto', { name: `${name}Out` })],
      });
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 2, 2] },
        typedInputs: [inputOf('flag', [1], 9), inputOf('other', ['N', 16])],
        weights: { w1: [4, 3, 3, 3], f1: [16, 16], s: integers([-1, 16]) },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Reshape', ['conv', 's'], 'flat'),
          node('MatMul', ['flat', 'f1'], 'product'),
          node('If', ['flag'], 'chosen', {
            then_branch: { graph: branch('a', node('Reshape', ['other', 's'], 'aOut')) },
            else_branch: { graph: branch('b', node('Reshape', ['other', 's'], 'bOut')) },
          }),
          node('Add', ['product', 'chosen'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
    await expectLaws(analysis);
  });

  test.each([
    ['a Slice reads it as its end', node('Slice', ['shape', 'zero', 'four'], 'some'), 'some'],
    ['a Gather reads it as its index', node('Gather', ['long', 'four'], 'some'), 'some'],
  ])('an element that reaches the Reshape through Concat stays where %s', async (_, other, name) => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 2, 2] },
        weights: {
          w1: [4, 3, 3, 3],
          w2: [2, 4, 1, 1],
          four: integers([4]),
          zero: integers([0]),
          rest: integers([2, 2]),
          long: integers([7, 7, 7, 7, 3]),
        },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Shape', ['x'], 'shape'),
          node('Gather', ['shape', 'zero'], 'batch'),
          other,
          node('Concat', ['batch', 'four', 'rest'], 's', { axis: 0 }),
          node('Reshape', ['conv', 's'], 'same'),
          node('Conv', ['same', 'w2'], 'y'),
        ],
        outputs: ['y', name],
      }),
    );
    await expectLaws(analysis);
  });

  test('two Reshapes that reach one element of a constant through arithmetic get widths of their own', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 2, 2] },
        weights: {
          wa: [4, 3, 3, 3],
          wb: [4, 3, 3, 3],
          w2: [2, 8, 1, 1],
          zero: integers([0]),
          four: integers([4]),
          rest: integers([2, 2]),
        },
        nodes: [
          node('Conv', ['x', 'wa'], 'a', SAME),
          node('Conv', ['x', 'wb'], 'b', SAME),
          node('Shape', ['x'], 'shape'),
          node('Gather', ['shape', 'zero'], 'batch'),
          node('Concat', ['batch', 'four', 'rest'], 's', { axis: 0 }),
          node('Reshape', ['a', 's'], 'ra'),
          node('Reshape', ['b', 's'], 'rb'),
          node('Concat', ['ra', 'rb'], 'both', { axis: 1 }),
          node('Conv', ['both', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['a (4): a', 'b (4): b']);
    await expectLaws(analysis);
  });

  test("an element that one node needs as it is and another at a new width is each one's own", async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3] },
        weights: {
          wa: [3, 8],
          wb: [3, 16],
          f: [8, 2],
          zero: integers([0]),
          eight: integers([8]),
          rest: integers([-1]),
        },
        nodes: [
          node('Shape', ['x'], 'shape'),
          node('Gather', ['shape', 'zero'], 'batch'),
          node('MatMul', ['x', 'wa'], 'a'),
          node('Concat', ['batch', 'eight'], 'stateShape', { axis: 0 }),
          node('ConstantOfShape', ['stateShape'], 'state'),
          node('Add', ['a', 'state'], 'sum'),
          node('MatMul', ['sum', 'f'], 'y'),
          node('MatMul', ['x', 'wb'], 'b'),
          node('Concat', ['batch', 'eight', 'rest'], 'rowsShape', { axis: 0 }),
          node('Reshape', ['b', 'rowsShape'], 'rows'),
        ],
        outputs: ['y', 'rows'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['a (8): a']);
    await expectLaws(analysis);
  });

  test('a width that is only copied by 0 follows, though the blocks do not line up', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: [1, 3, 2, 3] },
        weights: { w1: [6, 3, 3, 3], s: integers([-1, 0, 1]), f1: [1, 2] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Reshape', ['conv', 's'], 'odd'),
          node('MatMul', ['odd', 'f1'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    await expectLaws(analysis);
  });

  test('heads: [N, T, C] → [N, T, heads, C / heads] cuts whole heads', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 4, 3] },
        weights: { f1: [3, 6], split: integers([0, 4, 3, 2]), join: integers([0, 4, 6]), f2: [6, 2] },
        nodes: [
          node('MatMul', ['x', 'f1'], 'qkv'),
          node('Reshape', ['qkv', 'split'], 'heads'),
          node('Relu', ['heads'], 'act'),
          node('Reshape', ['act', 'join'], 'joined'),
          node('MatMul', ['joined', 'f2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['qkv (3): qkv']);
    expect(unitPattern(analysis, 'qkv', 2)).toEqual([0, 0, 1, 1, 2, 2]);
    await expectLaws(analysis);
  });
});

describe('a product of two free sizes, [T, N, C] as rows', () => {
  /** Dimension `axis` of `of`, as exporters read it. */
  const size = (of: string, axis: number, name: string): readonly NodeProto[] => [
    node('Shape', [of], `${name}Shape`),
    node('Gather', [`${name}Shape`, `i${axis}`], name, { axis: 0 }),
  ];
  const weights = { i0: integers([0]), i1: integers([1]), i2: integers([2]) };

  test('is told from one of them, though the batch of the analysis is 1', async () => {
    const analysis = await analyzeAt(
      modelOf({
        inputs: { x: ['T', 'N', 3] },
        weights: { w1: [3, 6], w2: [6, 5], w3: [5, 2], flatShape: integers([-1, 6]), five: integers([5]), ...weights },
        nodes: [
          node('MatMul', ['x', 'w1'], 'a'),
          node('Reshape', ['a', 'flatShape'], 'flat'),
          node('Gemm', ['flat', 'w2'], 'b'),
          ...size('a', 0, 't'),
          ...size('a', 1, 'n'),
          node('Concat', ['t', 'n', 'five'], 'backShape', { axis: 0 }),
          node('Reshape', ['b', 'backShape'], 'back'),
          node('MatMul', ['back', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
      { x: [4, 1, 3] },
    );
    expect(prunableGroups(analysis)).toEqual(['a (6): a', 'b (5): b']);
    await expectLaws(analysis);
  });

  test('attention with its heads in the batch loses columns, and the stream channels', async () => {
    const stream = ['a', 'merged'];
    // [T, N, 2 · 4] → [T, N · 2, 4] → [N · 2, T, 4], and the scores back to [T · N, 8].
    const heads = (name: string, perm: readonly number[]): readonly NodeProto[] => [
      node('MatMul', ['a', `${name}W`], name),
      node('Concat', ['t', 'rows', 'columns'], `${name}Shape`, { axis: 0 }),
      node('Reshape', [name, `${name}Shape`], `${name}Heads`),
      node('Transpose', [`${name}Heads`], `${name}T`, { perm }),
    ];
    const analysis = await analyzeAt(
      modelOf({
        inputs: { x: ['T', 'N', 3] },
        weights: {
          ...{ w1: [3, 8], qW: [8, 8], kW: [8, 8], vW: [8, 8], outW: [8, 8], outB: [8], w3: [8, 2] },
          ...{ two: integers([2]), ...weights },
        },
        nodes: [
          node('MatMul', ['x', 'w1'], 'a'),
          ...size('a', 0, 't'),
          ...size('a', 1, 'n'),
          ...size('a', 2, 'width'),
          node('Mul', ['n', 'two'], 'rows'),
          node('Div', ['width', 'two'], 'columns'),
          ...heads('q', [1, 0, 2]),
          ...heads('k', [1, 2, 0]),
          ...heads('v', [1, 0, 2]),
          node('MatMul', ['qT', 'kT'], 'scores'),
          node('Softmax', ['scores'], 'soft', { axis: -1 }),
          node('MatMul', ['soft', 'vT'], 'mixed'),
          node('Transpose', ['mixed'], 'mixedT', { perm: [1, 0, 2] }),
          node('Mul', ['t', 'n'], 'tn'),
          node('Concat', ['tn', 'width'], 'flatShape', { axis: 0 }),
          node('Reshape', ['mixedT', 'flatShape'], 'flat'),
          node('Gemm', ['flat', 'outW', 'outB'], 'gemm'),
          node('Concat', ['t', 'n', 'width'], 'backShape', { axis: 0 }),
          node('Reshape', ['gemm', 'backShape'], 'merged'),
          node('Add', ['a', 'merged'], 'sum'),
          node('MatMul', ['sum', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
      { x: [4, 1, 3] },
    );
    expect(prunableGroups(analysis)).toEqual([`a (8): a, gemm`, 'q (4): q, k', 'v (4): v']);
    expect(stream.map((name) => groupAt(analysis, name, 2).name)).toEqual(['a', 'a']);
    // Only what is multiplied with calculated weights cannot be widened.
    expect(analysis.groups.filter(isPrunable).map(({ name, unrepeatable }) => [name, unrepeatable])).toEqual([
      ['a', undefined],
      ['q', "node 'scores' (MatMul): sums over it with a weight that is calculated"],
      ['v', undefined],
    ]);
    for (let seed = 1; seed <= 10; seed++) await expectCutLaw(analysis, seed);
    for (let seed = 11; seed <= 13; seed++) await expectWidenLaw(analysis, seed);
  });
});

describe('channels flattened with free sizes', () => {
  /** GroupNorm as exporters write it where the image size is free, [N, C, H, W] → [N, groups, C ∕ groups · H · W]. */
  const groupNorm = (channels: number, groups: number) =>
    analyzeAt(
      modelOf({
        inputs: { x: ['N', 3, 'H', 'W'] },
        weights: {
          ...{ w1: [channels, 3, 3, 3], w2: [2, channels, 1, 1], scale: [groups], shift: [groups] },
          ...{ gamma: [channels, 1, 1], beta: [channels, 1, 1], target: integers([0, groups, -1]) },
        },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Reshape', ['conv', 'target'], 'grouped'),
          node('InstanceNormalization', ['grouped', 'scale', 'shift'], 'normal'),
          node('Shape', ['conv'], 'shape'),
          node('Reshape', ['normal', 'shape'], 'back'),
          node('Mul', ['back', 'gamma'], 'scaled'),
          node('Add', ['scaled', 'beta'], 'shifted'),
          node('Conv', ['shifted', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
      { x: [1, 3, 4, 6] },
    );

  test('are cut in whole groups of a normalisation', async () => {
    const analysis = await groupNorm(8, 4);
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
    expect(unitPattern(analysis, 'conv')).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    await expectLaws(analysis);
  });

  test('stay where all of them are one group', async () => {
    const analysis = await groupNorm(6, 1);
    expect(groupAt(analysis, 'conv').pinned).toBe("node 'grouped' (Reshape): mixes it with the batch");
  });

  test('stay where the target cuts through them', async () => {
    // [6, H, W] → [4, 1.5 · H · W]
    const analysis = await analyzeAt(
      modelOf({
        inputs: { x: [1, 3, 'H', 'W'] },
        weights: { w1: [6, 3, 1, 1], target: integers([1, 4, -1]), f: [4, 2] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv'),
          node('Reshape', ['conv', 'target'], 'odd'),
          node('Transpose', ['odd'], 'turned', { perm: [0, 2, 1] }),
          node('MatMul', ['turned', 'f'], 'y'),
        ],
        outputs: ['y'],
      }),
      { x: [1, 3, 4, 6] },
    );
    expect(groupAt(analysis, 'conv').pinned).toBe("node 'odd' (Reshape): mixes it with the batch");
  });
});

describe('a target of two free sizes and a width', () => {
  /** Conv a → Conv b → [N, C, H·W] → back to [N, C, H, W] → Conv. */
  const net = (target: readonly NodeProto[], weights: Readonly<Record<string, WeightSketch>> = {}) =>
    modelOf({
      inputs: { x: ['N', 3, 'H', 'W'] },
      weights: {
        ...{ wa: [6, 3, 1, 1], wb: [6, 6, 1, 1], wc: [2, 6, 1, 1], rows: integers([0, 0, -1]) },
        ...{ i0: integers([0]), i1: integers([1]), i23: integers([2, 3]), ...weights },
      },
      nodes: [
        node('Conv', ['x', 'wa'], 'a'),
        node('Conv', ['a', 'wb'], 'b'),
        node('Reshape', ['b', 'rows'], 'flat'),
        node('Relu', ['flat'], 'act'),
        node('Shape', ['a'], 'shape'),
        ...target,
        node('Reshape', ['act', 's'], 'back'),
        node('Conv', ['back', 'wc'], 'y'),
      ],
      outputs: ['y'],
    });
  const around = (width: string): readonly NodeProto[] => [
    node('Gather', ['shape', 'i0'], 'n'),
    node('Gather', ['shape', 'i23'], 'hw'),
    node('Concat', ['n', width, 'hw'], 's', { axis: 0 }),
  ];

  test.each<readonly [string, readonly NodeProto[], Readonly<Record<string, WeightSketch>>]>([
    ['that is read from another value', [node('Identity', ['shape'], 's')], {}],
    ['that is read alone', [node('Gather', ['shape', 'i1'], 'c'), ...around('c')], {}],
    ['that is a constant', around('six'), { six: integers([6]) }],
    ['that others read as well', [...around('six'), node('Cast', ['six'], 'float', { to: 1 })], { six: integers([6]) }],
    [
      'that is calculated',
      [
        node('Gather', ['shape', 'i1'], 'c'),
        node('Div', ['c', 'two'], 'h'),
        node('Mul', ['h', 'two'], 'd'),
        ...around('d'),
      ],
      { two: integers([2]) },
    ],
  ])('asks nothing of the width %s', async (_, target, weights) => {
    const analysis = await analyzeAt(net(target, weights), { x: [1, 3, 4, 5] });
    expect(prunableGroups(analysis)).toEqual(['a (6): a', 'b (6): b']);
    await expectLaws(analysis);
  });

  test('keeps a constant where it is, if no other node reads it', async () => {
    const analysis = await analyzeAt(net(around('six'), { six: integers([6]) }), { x: [1, 3, 4, 5] });
    const copies = new Int32Array(analysis.unitCount).fill(1);
    for (const unit of groupAt(analysis, 'b').units.slice(2)) copies[unit] = 0;
    const { graph } = await applyPlan(analysis, { copies });
    expect(graph?.node.map(({ opType }) => opType)).toEqual(analysis.model.graph.nodes.map(({ opType }) => opType));
  });
});

describe('an Expand to free sizes, as exporters write it', () => {
  /** [N, T, 6] → [N, T, 1, 6] → [N, T, 4, 6] → MatMul; `test` says which elements of the target mean the input's width. */
  const net = (test: (value: string) => NodeProto) =>
    modelOf({
      inputs: { x: ['N', 'T', 3] },
      weights: {
        ...{ w1: [3, 6], w2: [6, 2], i0: integers([0]), i1: integers([1]), i2: integers([2]), four: integers([4]) },
        ...{ flat: integers([-1]), minus: integers([-1], []), five: integers([5], []) },
      },
      nodes: [
        node('MatMul', ['x', 'w1'], 'a'),
        node('Unsqueeze', ['a', 'i2'], 'column'),
        node('Shape', ['a'], 'shape'),
        node('Gather', ['shape', 'i0'], 'n'),
        node('Gather', ['shape', 'i1'], 't'),
        node('Gather', ['shape', 'i2'], 'c'),
        node('Concat', ['n', 't', 'four', 'c'], 'list', { axis: 0 }),
        node('Reshape', ['list', 'flat'], 'target'),
        node('Shape', ['target'], 'count'),
        node('ConstantOfShape', ['count'], 'ones', { value: { tensor: integers([1]) } }),
        node('Mul', ['ones', 'minus'], 'unsaid'),
        test('isUnsaid'),
        node('Where', ['isUnsaid', 'ones', 'target'], 'chosen'),
        node('Expand', ['column', 'chosen'], 'rows'),
        node('Relu', ['rows'], 'act'),
        node('MatMul', ['act', 'w2'], 'y'),
      ],
      outputs: ['y'],
    });

  test('keeps no widths where it asks for -1, which none is', async () => {
    const analysis = await analyzeAt(
      net((value) => node('Equal', ['target', 'unsaid'], value)),
      { x: [1, 5, 3] },
    );
    expect(prunableGroups(analysis)).toEqual(['a (6): a']);
    await expectLaws(analysis);
  });

  test('keeps the width where it asks for another number', async () => {
    const analysis = await analyzeAt(
      net((value) => node('Equal', ['target', 'five'], value)),
      { x: [1, 3, 3] },
    );
    expect(groupAt(analysis, 'a', 2).pinned).toContain("Expand 'rows' calculates with its width");
  });
});

test('products of all rows with all, flattened, leave the columns of the rows to be cut', async () => {
  const analysis = await analyze(
    modelOf({
      inputs: { x: ['N', 3] },
      weights: {
        ...{ w1: [3, 4], w2: [3, 4], w3: [9, 2], three: integers([0, 3, 4]), nine: integers([0, 9]), w4: [3, 4] },
      },
      nodes: [
        node('MatMul', ['x', 'w1'], 'a'),
        node('MatMul', ['x', 'w2'], 'b'),
        node('MatMul', ['x', 'w4'], 'c'),
        node('Concat', ['a', 'b', 'c'], 'all', { axis: 1 }),
        node('Reshape', ['all', 'three'], 'rows'),
        node('Transpose', ['rows'], 'columns', { perm: [0, 2, 1] }),
        node('MatMul', ['rows', 'columns'], 'gram'),
        node('Reshape', ['gram', 'nine'], 'flat'),
        node('MatMul', ['flat', 'w3'], 'y'),
      ],
      outputs: ['y'],
    }),
  );
  expect(prunableGroups(analysis)).toEqual(['a (4): a, b, c']);
  for (let seed = 1; seed <= 5; seed++) await expectCutLaw(analysis, seed);
});

describe('widths that are read as numbers', () => {
  test('a factor that is calculated from the width stays the number that it was', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 2, 2] },
        weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1], one: integers([1], []) },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Shape', ['conv'], 'shape'),
          node('Gather', ['shape', 'one'], 'count'),
          node('Cast', ['count'], 'float', { to: 1 }),
          node('Mul', ['conv', 'float'], 'scaled'),
          node('Conv', ['scaled', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
    await expectLaws(analysis);
  });

  test('a Reshape that divides the width gives its halves to a graph output, which holds them', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 2, 2] },
        weights: {
          w1: [4, 3, 3, 3],
          one: integers([1]),
          two: integers([2]),
          head: integers([0]),
          tail: integers([2, 2, 2]),
          f: [2, 2],
        },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Shape', ['conv'], 'shape'),
          node('Gather', ['shape', 'one'], 'width'),
          node('Div', ['width', 'two'], 'half'),
          node('Concat', ['head', 'half', 'tail'], 's', { axis: 0 }),
          node('Reshape', ['conv', 's'], 'groups'),
          node('MatMul', ['groups', 'f'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(groupAt(analysis, 'conv').pinned).toBe("graph output 'y'");
  });

  test('channels whose count is given out stay', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 2, 2] },
        weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Shape', ['conv'], 'shape'),
          node('Conv', ['conv', 'w2'], 'y'),
        ],
        outputs: ['y', 'shape'],
      }),
    );
    expect(groupAt(analysis, 'conv').pinned).toBe("graph output 'shape' is calculated from the width");
  });

  test('the same cut gives the same bytes', async () => {
    const model = flattened([node('Reshape', ['conv', 's'], 'flat')], { s: integers([-1, 16]) });
    const analysis = await analyze(model);
    const cut = () => applyPlan(analysis, randomCut(analysis, createRng(1)));
    expect(await cut()).toEqual(await cut());
  });
});
