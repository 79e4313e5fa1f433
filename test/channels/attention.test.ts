/** @file Attention as exporters leave it: heads are cut whole, or a column of all heads where heads must stay. */
import { describe, expect, test } from 'vitest';
import type { ModelProto, NodeProto } from '../../src/onnx/messages.js';
import { analyze, groupAt, unitPattern } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import {
  type AttributeSketch,
  floats,
  inputOf,
  integers,
  modelOf,
  node,
  type WeightSketch,
} from '../support/modelOf.js';

const TOKENS = 4;
const WIDTH = 6;

/** Collects the nodes and constants of a net; nodes are named by their outputs. */
class Builder {
  readonly nodes: NodeProto[] = [];
  readonly weights: Record<string, WeightSketch> = {};

  add(
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeSketch>> = {},
  ): string {
    this.nodes.push(node(opType, inputs, output, attributes));
    return output;
  }

  weight(name: string, sketch: WeightSketch): string {
    this.weights[name] = sketch;
    return name;
  }

  /** A biased projection of the last axis. */
  dense(x: string, name: string, from: number, to: number): string {
    const product = this.add('MatMul', [x, this.weight(`${name}W`, [from, to])], name);
    return this.add('Add', [this.weight(`${name}B`, [to]), product], `${name}Biased`);
  }

  /** A projection as `heads` of `columns`, with its axes in the order of `perm` of [N, T, heads, columns]. */
  heads(x: string, name: string, heads: number, columns: number, perm: readonly number[], from = WIDTH): string {
    const all = this.dense(x, name, from, heads * columns);
    const shape = this.weight(`${name}Shape`, integers([0, TOKENS, heads, columns]));
    return this.add('Transpose', [this.add('Reshape', [all, shape], `${name}Heads`)], `${name}T`, { perm });
  }

  /** softmax(q · k) · v, merged and projected. @param q [N, H, T, d], k [N, H, d, T], v [N, H, T, e] */
  attend(q: string, k: string, v: string, merged: number, change = (scores: string) => scores): string {
    const scores = change(this.add('MatMul', [q, k], 'scores'));
    const mixed = this.add('MatMul', [this.add('Softmax', [scores], 'softmax', { axis: -1 }), v], 'mixed');
    const back = this.add('Transpose', [mixed], 'mixedT', { perm: [0, 2, 1, 3] });
    const shape = this.weight('mergedShape', integers([0, TOKENS, merged]));
    return this.dense(this.add('Reshape', [back, shape], 'merged'), 'proj', merged, WIDTH);
  }

  /** x → in → [block + residual] → [feed-forward + residual] → out. */
  static net(block: (builder: Builder, x: string) => string, typedInputs: readonly ReturnType<typeof inputOf>[] = []) {
    const builder = new Builder();
    const x = builder.dense('x', 'in', 3, WIDTH);
    const attended = builder.add('Add', [x, block(builder, x)], 'attended');
    const hidden = builder.add('Relu', [builder.dense(attended, 'ff1', WIDTH, 5)], 'hidden');
    const fed = builder.add('Add', [attended, builder.dense(hidden, 'ff2', 5, WIDTH)], 'fed');
    builder.add('MatMul', [fed, builder.weight('outW', [WIDTH, 2])], 'y');
    const { nodes, weights } = builder;
    return modelOf({ inputs: { x: ['N', TOKENS, 3] }, typedInputs, nodes, weights, outputs: ['y'] });
  }
}

const STREAM = 'in (6): in, proj, ff2';
const FEED_FORWARD = 'ff1 (5): ff1';
const BY_TOKEN = [0, 2, 1, 3];
const TRANSPOSED = [0, 2, 3, 1];

async function expectAttention(model: ModelProto, heads: readonly string[]) {
  const analysis = await analyze(model);
  expect(prunableGroups(analysis)).toEqual([STREAM, ...heads, FEED_FORWARD]);
  for (let seed = 1; seed <= 10; seed++) await expectCutLaw(analysis, seed);
  for (let seed = 11; seed <= 13; seed++) await expectWidenLaw(analysis, seed);
  return analysis;
}

describe('attention loses whole heads', () => {
  test.each([
    ['q, k, v', ['q', 'k', 'v']],
    ['v, k, q', ['v', 'k', 'q']],
    ['k, v, q', ['k', 'v', 'q']],
  ])('with projections of their own, in the order %s', async (_, order) => {
    const analysis = await expectAttention(
      Builder.net((net, x) => {
        const made = new Map(
          order.map((name) => [name, net.heads(x, name, 3, 4, name === 'k' ? TRANSPOSED : BY_TOKEN)]),
        );
        return net.attend(made.get('q')!, made.get('k')!, made.get('v')!, 12);
      }),
      [`${order[0]} (3): ${order.join(', ')}`],
    );
    expect(unitPattern(analysis, 'q', 2)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  });

  test('with values of another width than the keys', async () => {
    await expectAttention(
      Builder.net((net, x) =>
        net.attend(
          net.heads(x, 'q', 2, 3, BY_TOKEN),
          net.heads(x, 'k', 2, 3, TRANSPOSED),
          net.heads(x, 'v', 2, 5, BY_TOKEN),
          10,
        ),
      ),
      ['q (2): q, k, v'],
    );
  });

  test.each([
    ['Gather', [2, 0, 3, 1, 4]],
    ['Split and Squeeze', [2, 0, 3, 1, 4]],
    ['Slice and Squeeze', [2, 0, 3, 1, 4]],
  ])('fused as [N, T, 3, heads, columns], taken apart by %s', async (by, perm) => {
    const analysis = await expectAttention(
      Builder.net((net, x) => {
        const all = net.dense(x, 'qkv', WIDTH, 3 * 2 * 4);
        const shape = net.weight('qkvShape', integers([0, TOKENS, 3, 2, 4]));
        const parts = net.add('Transpose', [net.add('Reshape', [all, shape], 'qkv5')], 'qkvT', { perm });
        const axis = by === 'Gather' ? '' : net.weight('first', integers([0]));
        if (by === 'Split and Squeeze') {
          net.nodes.push(
            node('Split', [parts, net.weight('ones', integers([1, 1, 1]))], ['s0', 's1', 's2'], { axis: 0 }),
          );
        }
        const [q, k, v] = ['q', 'k', 'v'].map((name, i) => {
          if (by === 'Gather')
            return net.add('Gather', [parts, net.weight(`i${i}`, integers([i], []))], name, { axis: 0 });
          if (by === 'Slice and Squeeze') {
            const bounds = [net.weight(`from${i}`, integers([i])), net.weight(`to${i}`, integers([i + 1]))];
            net.add('Slice', [parts, ...bounds, axis], `s${i}`);
          }
          return net.add('Squeeze', [`s${i}`, axis], name);
        });
        return net.attend(q!, net.add('Transpose', [k!], 'kT', { perm: [0, 1, 3, 2] }), v!, 8);
      }),
      ['qkv (2): qkv'],
    );
    expect(unitPattern(analysis, 'qkv', 2)).toEqual([0, 1, 2].flatMap(() => [0, 0, 0, 0, 1, 1, 1, 1]));
  });

  test('fused as [N, T, heads, 3 · columns], split by columns', async () => {
    await expectAttention(
      Builder.net((net, x) => {
        const all = net.heads(x, 'qkv', 2, 12, BY_TOKEN);
        net.nodes.push(node('Split', [all, net.weight('fours', integers([4, 4, 4]))], ['q', 'k', 'v'], { axis: 3 }));
        return net.attend('q', net.add('Transpose', ['k'], 'kT', { perm: [0, 1, 3, 2] }), 'v', 8);
      }),
      ['qkv (2): qkv'],
    );
  });

  test('as Einsum', async () => {
    await expectAttention(
      Builder.net((net, x) => {
        const order = [0, 1, 2, 3];
        const [q, k, v] = ['q', 'k', 'v'].map((name) => net.heads(x, name, 3, 4, order));
        net.add('Einsum', [q!, k!], 'scores', { equation: 'bihd,bjhd->bhij' });
        net.add('Softmax', ['scores'], 'softmax', { axis: -1 });
        net.add('Einsum', ['softmax', v!], 'mixed', { equation: 'bhij,bjhd->bihd' });
        const shape = net.weight('mergedShape', integers([0, TOKENS, 12]));
        return net.dense(net.add('Reshape', ['mixed', shape], 'merged'), 'proj', 12, WIDTH);
      }),
      ['q (3): q, k, v'],
    );
  });

  test('with a bias per head from a table of relative positions', async () => {
    const analysis = await expectAttention(
      Builder.net((net, x) => {
        const index = integers(Array.from({ length: TOKENS * TOKENS }, (_, i) => (i * 3) % 7));
        net.add('Gather', [net.weight('table', [7, 3]), net.weight('index', index)], 'rows', { axis: 0 });
        net.add('Reshape', ['rows', net.weight('square', integers([TOKENS, TOKENS, -1]))], 'square3');
        net.add('Transpose', ['square3'], 'byHead', { perm: [2, 0, 1] });
        net.add('Unsqueeze', ['byHead', net.weight('front', integers([0]))], 'bias');
        return net.attend(
          net.heads(x, 'q', 3, 2, BY_TOKEN),
          net.heads(x, 'k', 3, 2, TRANSPOSED),
          net.heads(x, 'v', 3, 2, BY_TOKEN),
          6,
          (scores) => net.add('Add', [scores, 'bias'], 'biased'),
        );
      }),
      ['rows (3): rows, q, k, v'],
    );
    expect(unitPattern(analysis, 'table', 1)).toEqual([0, 1, 2]);
  });

  test('with scaled scores, and a mask by Where', async () => {
    await expectAttention(
      Builder.net((net, x) => {
        const mask = Array.from({ length: TOKENS * TOKENS }, (_, i) => (i % TOKENS <= Math.floor(i / TOKENS) ? 1 : 0));
        net.add('Cast', [net.weight('maskBits', integers(mask, [1, 1, TOKENS, TOKENS]))], 'mask', { to: 9 });
        return net.attend(
          net.heads(x, 'q', 3, 4, BY_TOKEN),
          net.heads(x, 'k', 3, 4, TRANSPOSED),
          net.heads(x, 'v', 3, 4, BY_TOKEN),
          12,
          (scores) => {
            const scaled = net.add('Div', [scores, net.weight('two', floats([2], []))], 'scaled');
            return net.add('Where', ['mask', scaled, net.weight('low', floats([-1e4], []))], 'masked');
          },
        );
      }),
      ['q (3): q, k, v'],
    );
  });

  test('with all shapes, and the scale of the scores, calculated from the shape of the stream', async () => {
    await expectAttention(
      Builder.net((net, x) => {
        const front = net.weight('front', integers([0]));
        const sizes = net.add('Shape', [x], 'sizes');
        const [batch, tokens, width] = [0, 1, 2].map((axis) => {
          const size = net.add('Gather', [sizes, net.weight(`axis${axis}`, integers([axis], []))], `size${axis}`);
          return net.add('Unsqueeze', [size, front], `list${axis}`);
        });
        const heads = net.weight('headCount', integers([3], []));
        const columns = net.add('Div', ['size2', heads], 'columns');
        net.add('Unsqueeze', [columns, front], 'columnList');
        const parts = [batch!, tokens!, net.weight('three', integers([3])), 'columnList'];
        const shape = net.add('Concat', parts, 'headShape', { axis: 0 });
        const split = (name: string, perm: readonly number[]) => {
          const all = net.dense(x, name, WIDTH, WIDTH);
          return net.add('Transpose', [net.add('Reshape', [all, shape], `${name}Heads`)], `${name}T`, { perm });
        };
        const scale = net.add(
          'Pow',
          [net.add('Cast', [columns], 'float', { to: 1 }), net.weight('half', floats([0.5], []))],
          'root',
        );
        const scores = net.add(
          'Div',
          [net.add('MatMul', [split('q', BY_TOKEN), split('k', TRANSPOSED)], 'scores'), scale],
          'scaled',
        );
        net.add('MatMul', [net.add('Softmax', [scores], 'softmax'), split('v', BY_TOKEN)], 'mixed');
        net.add('Transpose', ['mixed'], 'mixedT', { perm: BY_TOKEN });
        const back = net.add('Concat', [batch!, tokens!, width!], 'mergedShape', { axis: 0 });
        return net.dense(net.add('Reshape', ['mixedT', back], 'merged'), 'proj', WIDTH, WIDTH);
      }),
      ['q (3): q, k, v'],
    );
  });

  test.each([
    ['q, k, v', ['q', 'k', 'v']],
    ['v, k, q', ['v', 'k', 'q']],
    ['k, v, q', ['k', 'v', 'q']],
  ])('with keys and values that several heads of queries share, in the order %s', async (_, order) => {
    const analysis = await expectAttention(
      Builder.net((net, x) => {
        const repeated = (name: string) => {
          const few = net.heads(x, name, 2, 4, BY_TOKEN);
          const spread = net.add('Unsqueeze', [few, net.weight('second', integers([2]))], `${name}U`);
          const target = net.weight('spreadShape', integers([1, 2, 3, TOKENS, 4]));
          const shape = net.weight('repeatedShape', integers([-1, 6, TOKENS, 4]));
          return net.add('Reshape', [net.add('Expand', [spread, target], `${name}E`), shape], `${name}R`);
        };
        const made = new Map(
          order.map((name) => [name, name === 'q' ? net.heads(x, 'q', 6, 4, BY_TOKEN) : repeated(name)]),
        );
        const k = net.add('Transpose', [made.get('k')!], 'kRT', { perm: [0, 1, 3, 2] });
        return net.attend(made.get('q')!, k, made.get('v')!, 24);
      }),
      [`${order[0]} (2): ${order.join(', ')}`],
    );
    expect(unitPattern(analysis, 'q', 2)).toEqual(Array.from({ length: 24 }, (_, i) => Math.floor(i / 12)));
    expect(unitPattern(analysis, 'k', 2)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test('turned by position (rotary)', async () => {
    await expectAttention(rotary(3), ['k (3): k, q, v']);
  });

  test('in windows of an image', async () => {
    await expectAttention(
      Builder.net((net, x) => {
        net.add('Reshape', [x, net.weight('image', integers([0, 2, 2, WIDTH]))], 'square');
        net.add('Reshape', ['square', net.weight('windows', integers([0, 2, 1, 1, 2, WIDTH]))], 'windows6');
        net.add('Transpose', ['windows6'], 'byWindow', { perm: [0, 1, 3, 2, 4, 5] });
        net.add('Reshape', ['byWindow', net.weight('rows', integers([-1, 2, WIDTH]))], 'windowed');
        const heads = (name: string, perm: readonly number[]) => {
          const all = net.dense('windowed', name, WIDTH, 12);
          const shape = net.weight('headShape', integers([-1, 2, 3, 4]));
          return net.add('Transpose', [net.add('Reshape', [all, shape], `${name}Heads`)], `${name}T`, { perm });
        };
        net.add('MatMul', [heads('q', BY_TOKEN), heads('k', TRANSPOSED)], 'scores');
        net.add('MatMul', [net.add('Softmax', ['scores'], 'softmax'), heads('v', BY_TOKEN)], 'mixed');
        net.add('Transpose', ['mixed'], 'mixedT', { perm: BY_TOKEN });
        net.add('Reshape', ['mixedT', net.weight('mergedShape', integers([-1, 2, 12]))], 'merged');
        const projected = net.dense('merged', 'proj', 12, WIDTH);
        net.add('Reshape', [projected, net.weight('back', integers([-1, 2, 1, 1, 2, WIDTH]))], 'back6');
        net.add('Transpose', ['back6'], 'byRow', { perm: [0, 1, 3, 2, 4, 5] });
        return net.add('Reshape', ['byRow', net.weight('tokens', integers([-1, TOKENS, WIDTH]))], 'again');
      }),
      ['q (3): q, k, v'],
    );
  });
});

/** Queries and keys [N, H, T, 4] with both halves of each row turned against each other by an angle per token. */
function rotary(heads: number): ModelProto {
  return Builder.net((net, x) => {
    const turned = (name: string) => {
      const plain = net.heads(x, name, heads, 4, BY_TOKEN);
      const part = (which: string, from: number, to: number) =>
        net.add(
          'Slice',
          [
            plain,
            net.weight(`at${from}`, integers([from])),
            net.weight(`at${to}`, integers([to])),
            net.weight('lastAxis', integers([3])),
          ],
          `${name}${which}`,
        );
      const turn = net.add('Neg', [part('Second', 2, 4)], `${name}Neg`);
      const swapped = net.add('Concat', [turn, part('First', 0, 2)], `${name}Swapped`, { axis: -1 });
      const straight = net.add('Mul', [plain, net.weight('cos', [TOKENS, 4])], `${name}Cos`);
      const across = net.add('Mul', [swapped, net.weight('sin', [TOKENS, 4])], `${name}Sin`);
      return net.add('Add', [straight, across], `${name}Turned`);
    };
    const k = net.add('Transpose', [turned('k')], 'kTurnedT', { perm: [0, 1, 3, 2] });
    return net.attend(turned('q'), k, net.heads(x, 'v', heads, 4, BY_TOKEN), heads * 4);
  });
}

describe('attention loses a column over all heads where heads stay', () => {
  test('with one head', async () => {
    await expectAttention(
      Builder.net((net, x) =>
        net.attend(
          net.heads(x, 'q', 1, 4, BY_TOKEN),
          net.heads(x, 'k', 1, 4, TRANSPOSED),
          net.heads(x, 'v', 1, 3, BY_TOKEN),
          3,
        ),
      ),
      ['q (4): q, k', 'v (3): v'],
    );
  });

  test('with one head turned by position: halves go together', async () => {
    const analysis = await expectAttention(rotary(1), ['k (2): k, q', 'v (4): v']);
    expect(unitPattern(analysis, 'q', 2)).toEqual([0, 1, 0, 1]);
    expect(unitPattern(analysis, 'cos', 1)).toEqual([0, 1, 0, 1]);
  });

  test('with a bias per head that is fed', async () => {
    const analysis = await expectAttention(
      Builder.net(
        (net, x) =>
          net.attend(
            net.heads(x, 'q', 3, 4, BY_TOKEN),
            net.heads(x, 'k', 3, 4, TRANSPOSED),
            net.heads(x, 'v', 3, 5, BY_TOKEN),
            15,
            (scores) => net.add('Add', [scores, 'given'], 'biased'),
          ),
        [inputOf('given', ['N', 3, TOKENS, TOKENS])],
      ),
      ['q (4): q, k', 'v (5): v'],
    );
    expect(groupAt(analysis, 'scores').pinned).toBe("graph input 'given'");
    expect(unitPattern(analysis, 'v', 2)).toEqual([0, 1, 2].flatMap(() => [0, 1, 2, 3, 4]));
  });
});

describe('fused attention of whole heads settles how queries and keys are taken apart before it', () => {
  const change: Readonly<Record<string, (net: Builder, apart: string) => string>> = {
    normalised: (net, apart) => net.add('RMSNormalization', [apart, net.weight('gain', [4])], `${apart}Normal`),
    scaled: (net, apart) => net.add('Mul', [apart, net.weight('gain', [4])], `${apart}Scaled`),
    'turned by position': (net, apart) => {
      net.nodes.push(
        node('Split', [apart, net.weight('twos', integers([2, 2]))], [`${apart}0`, `${apart}1`], { axis: -1 }),
      );
      net.add('Concat', [net.add('Neg', [`${apart}1`], `${apart}Neg`), `${apart}0`], `${apart}Swapped`, { axis: -1 });
      const across = net.add('Mul', [`${apart}Swapped`, net.weight('sin', [TOKENS, 1, 4])], `${apart}Across`);
      return net.add('Add', [apart, across], `${apart}Turned`);
    },
  };
  test.each(Object.keys(change))('%s', async (how) => {
    const model = Builder.net((net, x) => {
      const [q, k] = ['q', 'k'].map((name) => {
        const shape = net.weight('headShape', integers([0, TOKENS, 3, 4]));
        const apart = net.add('Reshape', [net.dense(x, name, WIDTH, 12), shape], `${name}Heads`);
        return net.add('Reshape', [change[how]!(net, apart), net.weight('flat', integers([0, 0, -1]))], `${name}Flat`);
      });
      net.add('Attention', [q!, k!, net.dense(x, 'v', WIDTH, 12)], 'mixed', { q_num_heads: 3, kv_num_heads: 3 });
      return net.dense('mixed', 'proj', 12, WIDTH);
    });
    const opsetImport = model.opsetImport.map((entry) => ({ ...entry, version: 23n }));
    const analysis = await analyze({ ...model, opsetImport });
    expect(prunableGroups(analysis)).toEqual([STREAM, 'q (3): q, k, v', FEED_FORWARD]);
    for (let seed = 1; seed <= 3; seed++) await expectCutLaw(analysis, seed);
    await expectWidenLaw(analysis, 4);
  });
});

test('nodes that would end the process are refused', async () => {
  const model = (of: NodeProto) =>
    modelOf({ inputs: { x: ['N', TOKENS, 4] }, weights: { w: [4, 12] }, nodes: [of], outputs: ['y'], opset: 23 });
  const fused = node('Attention', ['x', 'w'], 'y', { num_heads: 2 }, 'com.microsoft');
  await expect(analyze(model(fused))).rejects.toThrow(
    "node 'y' (com.microsoft.Attention): it has no bias, which makes",
  );
  const standard = node('Attention', ['x', 'x', 'x'], 'y', { q_num_heads: 0, kv_num_heads: 0 });
  await expect(analyze(model(standard))).rejects.toThrow("node 'y' (Attention): it has no heads, which makes");
});
