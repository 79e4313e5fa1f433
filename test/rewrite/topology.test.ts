/** @file Groups that die: what goes with them, what stays in their place, and which cannot be done without. */
import { describe, expect, test } from 'vitest';
import { DataType } from '../../src/onnx/dataType.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { createTensor } from '../../src/onnx/tensorData.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { analyze } from '../support/analyze.js';
import { expectCutLaw, expectPlanLaw, expectWidenLaw } from '../support/expectLaw.js';
import { killGroups } from '../support/killGroups.js';
import { floats, integers, type ModelSketch, modelOf, node, positive } from '../support/modelOf.js';

const KERNEL = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** Nodes as `output = Op(inputs)`, in the order of the file. */
function told({ graph }: ModelProto): readonly string[] {
  return graph!.node.map(({ opType, input, output }) => `${output.join(' ')} = ${opType}(${input.join(', ')})`);
}

function stored({ graph }: ModelProto): readonly string[] {
  return graph!.initializer.map(({ name, dims }) => `${name} [${dims.join(', ')}]`);
}

/** What is left of a net, by the law, when the groups of some nodes die. */
async function leftOf(sketch: ModelSketch, ...dead: readonly string[]): Promise<ModelProto> {
  const analysis = await analyze(modelOf(sketch));
  return expectPlanLaw(analysis, killGroups(analysis, ...dead));
}

async function obstacleOf(sketch: ModelSketch, ...dead: readonly string[]): Promise<string> {
  const analysis = await analyze(modelOf(sketch));
  const error: unknown = await applyPlan(analysis, killGroups(analysis, ...dead)).catch((caught: unknown) => caught);
  return error instanceof Error ? error.message : 'none';
}

/** x → stem → relu → a block of two convolutions around which the stem's channels skip → head → y. */
const RESIDUAL: ModelSketch = {
  inputs: { x: ['N', 3, 8, 8] },
  outputs: ['y'],
  nodes: [
    node('Conv', ['x', 'ws', 'bs'], 'stem', KERNEL),
    node('Relu', ['stem'], 'r0'),
    node('Conv', ['r0', 'w1', 'b1'], 'c1', KERNEL),
    node('Relu', ['c1'], 'r1'),
    node('Conv', ['r1', 'w2', 'b2'], 'c2', KERNEL),
    node('Add', ['c2', 'r0'], 'sum'),
    node('Relu', ['sum'], 'r2'),
    node('Conv', ['r2', 'wh'], 'y', KERNEL),
  ],
  weights: {
    ...{ ws: [6, 3, 3, 3], bs: [6], w1: [4, 6, 3, 3], b1: [4], w2: [6, 4, 3, 3], b2: [6], wh: [5, 6, 3, 3] },
  },
};

describe('a residual block', () => {
  test('leaves its skip, and the constant that it added', async () => {
    const left = await leftOf(RESIDUAL, 'c1');
    expect(told(left)).toEqual([
      'stem = Conv(x, ws, bs)',
      'r0 = Relu(stem)',
      'sum = Add(c2, r0)',
      'r2 = Relu(sum)',
      'y = Conv(r2, wh)',
    ]);
    expect(stored(left)).toEqual(['ws [6, 3, 3, 3]', 'bs [6]', 'wh [5, 6, 3, 3]', 'c2 [1, 6, 1, 1]']);
  });

  test('leaves its skip alone where it has no bias', async () => {
    const nodes = RESIDUAL.nodes.map((proto) =>
      proto.name === 'c2' ? node('Conv', ['r1', 'w2'], 'c2', KERNEL) : proto,
    );
    const left = await leftOf({ ...RESIDUAL, nodes }, 'c1');
    expect(told(left)).toEqual(['stem = Conv(x, ws, bs)', 'r0 = Relu(stem)', 'r2 = Relu(r0)', 'y = Conv(r2, wh)']);
  });

  test('adds its constant to the bias of the convolution on its skip, also to a new one', async () => {
    for (const bias of [['bk'], []]) {
      const skipping = [node('Conv', ['r0', 'wk', ...bias], 'skip'), node('Add', ['c2', 'skip'], 'sum')];
      const nodes = RESIDUAL.nodes.flatMap((proto) => (proto.name === 'sum' ? skipping : [proto]));
      const weights = { ...RESIDUAL.weights, wk: [6, 6, 1, 1], bk: [6] };
      const left = await leftOf({ ...RESIDUAL, nodes, weights }, 'c1');
      expect(told(left)).toEqual([
        'stem = Conv(x, ws, bs)',
        'r0 = Relu(stem)',
        `skip = Conv(r0, wk, ${bias[0] ?? 'skip_bias'})`,
        'r2 = Relu(skip)',
        'y = Conv(r2, wh)',
      ]);
    }
  });

  test('with BatchNormalization leaves what that makes of zeros', async () => {
    const norm = (name: string) => [`${name}.s`, `${name}.b`, `${name}.m`, `${name}.v`];
    const nodes = RESIDUAL.nodes.flatMap((proto) => {
      if (proto.name === 'c1')
        return [node('Conv', ['r0', 'w1'], 'k1', KERNEL), node('BatchNormalization', ['k1', ...norm('n1')], 'c1')];
      if (proto.name === 'c2')
        return [node('Conv', ['r1', 'w2'], 'k2', KERNEL), node('BatchNormalization', ['k2', ...norm('n2')], 'c2')];
      return [proto];
    });
    const normed = (name: string, width: number) => ({
      [`${name}.s`]: [width],
      [`${name}.b`]: [width],
      [`${name}.m`]: [width],
      [`${name}.v`]: positive([width]),
    });
    const weights = { ...RESIDUAL.weights, ...normed('n1', 4), ...normed('n2', 6) };
    const left = await leftOf({ ...RESIDUAL, nodes, weights }, 'k1');
    expect(told(left)).toEqual([
      'stem = Conv(x, ws, bs)',
      'r0 = Relu(stem)',
      'sum = Add(c2, r0)',
      'r2 = Relu(sum)',
      'y = Conv(r2, wh)',
    ]);
  });
});

describe('towers of a Concat', () => {
  const towers = (concat: readonly string[]): ModelSketch => ({
    inputs: { x: ['N', 3, 6, 6] },
    outputs: ['y'],
    nodes: [
      node('Conv', ['x', 'wa'], 'a'),
      node('Conv', ['x', 'wb'], 'b0'),
      node('Relu', ['b0'], 'b1'),
      node('Conv', ['b1', 'wb2', 'bb2'], 'b', KERNEL),
      node('MaxPool', ['x'], 'p', KERNEL),
      node('Conv', ['p', 'wc'], 'c'),
      node('Concat', concat, 'all', { axis: 1 }),
      node('Conv', ['all', 'wh'], 'y', KERNEL),
    ],
    weights: {
      ...{ wa: [4, 3, 1, 1], wb: [2, 3, 1, 1], wb2: [5, 2, 3, 3], bb2: [5], wc: [3, 3, 1, 1] },
      wh: [2, concat.reduce((sum, name) => sum + { a: 4, b: 5, c: 3 }[name]!, 0), 3, 3],
    },
  });

  test('one disappears with all that leads to it, and its part of the weights behind', async () => {
    const left = await leftOf(towers(['a', 'b', 'c']), 'b');
    expect(told(left)).toEqual([
      'a = Conv(x, wa)',
      'p = MaxPool(x)',
      'c = Conv(p, wc)',
      'all = Concat(a, c)',
      'y = Conv(all, wh)',
    ]);
    expect(stored(left)).toEqual(['wa [4, 3, 1, 1]', 'wc [3, 3, 1, 1]', 'wh [2, 7, 3, 3]']);
  });

  test('of the last one only that is left', async () => {
    const left = await leftOf(towers(['a', 'b', 'c']), 'b', 'c');
    expect(told(left)).toEqual(['a = Conv(x, wa)', 'y = Conv(a, wh)']);
  });

  test('not all of them', async () => {
    expect(await obstacleOf(towers(['a', 'b']), 'a', 'b')).toContain("the graph output 'y' would be a constant");
  });

  test('one cannot become a constant', async () => {
    expect(await obstacleOf(towers(['a', 'b']), 'b0')).toBe(
      "test.onnx: the plan leaves groups without any channel, and node 'all' (Concat) would join a constant with channels; keep at least one channel of each of them",
    );
  });
});

describe('gates', () => {
  const gated: ModelSketch = {
    inputs: { x: ['N', 3, 6, 6] },
    outputs: ['y'],
    nodes: [
      node('Conv', ['x', 'ws'], 's'),
      node('GlobalAveragePool', ['s'], 'p'),
      node('Conv', ['p', 'w1', 'b1'], 'f1'),
      node('Relu', ['f1'], 'r'),
      node('Conv', ['r', 'w2', 'b2'], 'f2'),
      node('Sigmoid', ['f2'], 'g'),
      node('Mul', ['s', 'g'], 'm'),
      node('Conv', ['m', 'wh'], 'y', KERNEL),
    ],
    weights: { ws: [6, 3, 1, 1], w1: [2, 6, 1, 1], b1: [2], w2: [6, 2, 1, 1], b2: [6], wh: [2, 6, 3, 3] },
  };

  test('become one factor for each channel', async () => {
    const left = await leftOf(gated, 'f1');
    expect(told(left)).toEqual(['s = Conv(x, ws)', 'm = Mul(s, g)', 'y = Conv(m, wh)']);
    expect(stored(left)).toEqual(['ws [6, 3, 1, 1]', 'wh [2, 6, 3, 3]', 'g [1, 6, 1, 1]']);
  });
});

describe('dense layers', () => {
  const dense = (skip: string, out: readonly string[]): ModelSketch => ({
    inputs: { x: ['N', 5], z: ['N', 6] },
    outputs: ['y'],
    nodes: [
      node('Gemm', ['x', 'w1', 'b1'], 'h', { beta: { float: 0.5 } }),
      node('Relu', ['h'], 'r'),
      node('Gemm', ['r', 'w2', 'b2'], 'g', { beta: { float: 0.5 } }),
      node('Add', ['g', skip], 's'),
      node('Gemm', ['x', 'w3', 'b3'], 'k', { beta: { float: 2 } }),
      node('Sum', ['s', ...out], 'y'),
    ],
    weights: { w1: [5, 4], b1: [4], w2: [4, 6], b2: [6], w3: [5, 6], b3: [1, 6] },
  });

  test('scale their biases', async () => {
    const left = await leftOf(dense('z', ['k']), 'h');
    expect(told(left)).toEqual(['s = Add(g, z)', 'k = Gemm(x, w3, b3)', 'y = Sum(s, k)']);
    expect(stored(left)).toEqual(['w3 [5, 6]', 'b3 [1, 6]', 'g [1, 6]']);
  });

  test('take constants into scaled biases', async () => {
    const left = await leftOf(dense('k', ['z']), 'h');
    expect(told(left)).toEqual(['k = Gemm(x, w3, b3)', 'y = Sum(k, z)']);
  });
});

describe('what cannot be done without', () => {
  test('a chain', async () => {
    expect(await obstacleOf(RESIDUAL, 'stem')).toContain("the graph output 'y' would be a constant");
  });

  test('the only way from an input to an output', async () => {
    const sketch: ModelSketch = {
      inputs: { x: ['N', 5], z: ['N', 6] },
      outputs: ['y'],
      nodes: [node('Gemm', ['x', 'w1'], 'h'), node('Gemm', ['h', 'w2'], 'g'), node('Add', ['g', 'z'], 'y')],
      weights: { w1: [5, 4], w2: [4, 6] },
    };
    expect(await obstacleOf(sketch, 'h')).toContain("the graph output 'y' would no longer depend on 'x'");
  });

  test('what is spread over a border of zeros', async () => {
    const nodes = RESIDUAL.nodes.flatMap((proto) =>
      proto.name === 'sum' ? [node('Conv', ['c2', 'w3'], 'c3', KERNEL), node('Add', ['c3', 'r0'], 'sum')] : [proto],
    );
    const weights = { ...RESIDUAL.weights, w3: [6, 6, 3, 3] };
    expect(await obstacleOf({ ...RESIDUAL, nodes, weights }, 'c1')).toContain("'c3' (Conv) would spread a constant");
  });

  test('what gives a sum its size', async () => {
    const nodes = RESIDUAL.nodes.map((proto) => (proto.name === 'sum' ? node('Add', ['c2', 'pooled'], 'sum') : proto));
    const pool = node('GlobalAveragePool', ['r0'], 'pooled');
    expect(await obstacleOf({ ...RESIDUAL, nodes: [...nodes.slice(0, 2), pool, ...nodes.slice(2)] }, 'c1')).toContain(
      "'sum' (Add) would spread a constant",
    );
  });

  test('what tells its shape', async () => {
    const nodes = RESIDUAL.nodes.flatMap((proto) =>
      proto.name === 'sum'
        ? [
            node('Shape', ['r1'], 'size', { start: 2 }),
            node('Concat', ['two', 'size'], 'target', { axis: 0 }),
            node('Expand', ['seed', 'target'], 'e'),
            node('Add', ['c2', 'e'], 'c3'),
            node('Add', ['c3', 'r0'], 'sum'),
          ]
        : [proto],
    );
    const weights = { ...RESIDUAL.weights, seed: [1, 6, 1, 1], two: integers([1, 6]) };
    expect(await obstacleOf({ ...RESIDUAL, nodes, weights }, 'c1')).toContain(
      "'size' (Shape) reads what would be gone",
    );
  });
});

test('a constant is transposed, and goes through a Dropout that is at rest', async () => {
  const order = (perm: readonly number[]) => ({ perm });
  const left = await leftOf(
    {
      inputs: { x: ['N', 4, 3, 3] },
      outputs: ['y'],
      nodes: [
        node('Transpose', ['x'], 't', order([0, 2, 3, 1])),
        node('MatMul', ['t', 'w1'], 'h'),
        node('MatMul', ['h', 'w2'], 'm'),
        node('Add', ['m', 'b2'], 'a'),
        node('Dropout', ['a', 'ratio', 'training'], 'd'),
        node('Mul', ['d', 'gamma'], 'g'),
        node('Transpose', ['g'], 'back', order([0, 3, 1, 2])),
        node('Add', ['x', 'back'], 'y'),
      ],
      weights: {
        ...{ w1: [4, 5], w2: [5, 4], b2: [4], gamma: [4], ratio: floats([0.5], []) },
        training: createTensor('', DataType.BOOL, [], Uint8Array.of(0)),
      },
    },
    'h',
  );
  expect(told(left)).toEqual(['y = Add(x, back)']);
  expect(stored(left)).toEqual(['back [1, 4, 1, 1]']);
});

describe('the fixtures', () => {
  const load = async (name: string) =>
    analyze((await readModelFile(new URL(`../../fixtures/models/${name}.onnx`, import.meta.url).pathname)).model);
  const goneFrom = async (name: string, ...dead: readonly string[]) => {
    const analysis = await load(name);
    const cut = await expectPlanLaw(analysis, killGroups(analysis, ...dead));
    const left = new Set(cut.graph!.node.map((proto) => proto.name));
    const rest = await analyze(cut);
    for (let seed = 1; seed <= 2; seed++) {
      await expectWidenLaw(rest, seed);
      await expectCutLaw(rest, seed);
    }
    return analysis.model.graph.nodes.map((each) => each.name).filter((each) => !left.has(each));
  };

  test('a tower of Inception goes, with its Relu and its norms; the rest can be cut and widened again', async () => {
    expect(await goneFrom('inception_bn', '/a.1/a.1.1/a.1.1.0/Conv')).toEqual([
      '/a.1/a.1.0/a.1.0.0/Conv',
      '/a.1/a.1.0/a.1.0.1/BatchNormalization',
      '/a.1/a.1.0/a.1.0.2/Relu',
      '/a.1/a.1.1/a.1.1.0/Conv',
      '/a.1/a.1.1/a.1.1.1/BatchNormalization',
      '/a.1/a.1.1/a.1.1.2/Relu',
    ]);
  });

  test('a block of a ResNet goes, but for the sum where its skip is an activation', async () => {
    expect(await goneFrom('resnet_bn', '/blocks/blocks.0/c1/Conv')).toEqual([
      '/blocks/blocks.0/c1/Conv',
      '/blocks/blocks.0/b1/BatchNormalization',
      '/blocks/blocks.0/Relu',
      '/blocks/blocks.0/c2/Conv',
      '/blocks/blocks.0/b2/BatchNormalization',
    ]);
    // Where it is a BatchNorm, that takes the constant in.
    expect(await goneFrom('resnet_bn', '/blocks/blocks.1/c1/Conv')).toContain('/blocks/blocks.1/Add');
    expect(await goneFrom('resnet', '/blocks/blocks.0/c1/Conv')).toEqual([
      '/blocks/blocks.0/c1/Conv',
      '/blocks/blocks.0/Relu',
      '/blocks/blocks.0/c2/Conv',
    ]);
  });
});
