/** @file Random nets of blocks that can be done without: residual branches, gates and the towers of a Concat. */
import fc from 'fast-check';
import type { ModelProto } from '../../src/onnx/messages.js';
import { modelOf, positive } from './modelOf.js';
import { NetBuilder } from './netBuilder.js';

const BLOCKS = ['residual', 'bottleneck', 'inverted', 'gated', 'projected', 'towers', 'dense', 'feedForward'] as const;
const ACTIVATIONS = ['Relu', 'Sigmoid', 'HardSwish', 'Identity'] as const;

export interface Block {
  readonly kind: (typeof BLOCKS)[number];
  readonly width: number;
  readonly activation: (typeof ACTIVATIONS)[number];
  readonly norm: boolean;
  readonly bias: boolean;
  /** Whether an activation comes after the sum. */
  readonly post: boolean;
  readonly towers: number;
}

export interface BlockRecipe {
  readonly seed: number;
  readonly stem: number;
  readonly blocks: readonly Block[];
}

export const blockRecipes: fc.Arbitrary<BlockRecipe> = fc.record({
  seed: fc.nat(1000),
  stem: fc.integer({ min: 2, max: 6 }),
  blocks: fc.array(
    fc.record({
      kind: fc.constantFrom(...BLOCKS),
      width: fc.integer({ min: 1, max: 6 }),
      activation: fc.constantFrom(...ACTIVATIONS),
      norm: fc.boolean(),
      bias: fc.boolean(),
      post: fc.boolean(),
      towers: fc.integer({ min: 2, max: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

/** Blocks one after the other on x [N, 3, 6, 6], a global pool, and a dense layer. */
export function blockNet({ seed, stem, blocks }: BlockRecipe): ModelProto {
  const net = new BlockBuilder();
  let x: Channels = net.conv({ name: 'x', width: 3 }, stem, 3, { norm: true, bias: true });
  for (const block of blocks) x = net.block(x, block);
  const pooled = net.one('Flatten', [net.one('GlobalAveragePool', [x.name])]);
  const y = net.one('Gemm', [pooled, net.stored([x.width, 3]), net.stored([3])]);
  return modelOf({ inputs: { x: ['N', 3, 6, 6] }, outputs: [y], nodes: net.nodes, weights: net.weights, seed });
}

interface Channels {
  readonly name: string;
  readonly width: number;
}

type Style = Pick<Block, 'norm' | 'bias'>;

class BlockBuilder extends NetBuilder {
  conv(x: Channels, width: number, kernel: number, { norm, bias }: Style, groups = 1): Channels {
    const inputs = [
      x.name,
      this.stored([width, x.width / groups, kernel, kernel]),
      ...(bias ? [this.stored([width])] : []),
    ];
    const pad = (kernel - 1) / 2;
    const name = this.one('Conv', inputs, { group: groups, pads: [pad, pad, pad, pad] });
    if (!norm) return { name, width };
    const stored = [[width], [width], [width]].map((dims) => this.stored(dims));
    return { name: this.one('BatchNormalization', [name, ...stored, this.stored(positive([width]))]), width };
  }

  activate({ name, width }: Channels, { activation }: Block): Channels {
    return { name: this.one(activation, [name]), width };
  }

  block(x: Channels, block: Block): Channels {
    if (block.kind === 'towers' || block.kind === 'dense') return this.joined(x, block);
    const inner = this.inner(x, block);
    const skip = block.kind === 'projected' ? this.conv(x, inner.width, 1, block) : x;
    const pair = block.bias ? [inner.name, skip.name] : [skip.name, inner.name];
    const sum = { name: this.one('Add', pair), width: inner.width };
    return block.post ? this.activate(sum, block) : sum;
  }

  private inner(x: Channels, block: Block): Channels {
    const { width } = block;
    const act = (given: Channels) => this.activate(given, block);
    switch (block.kind) {
      case 'bottleneck':
        return this.conv(act(this.conv(act(this.conv(x, width, 1, block)), width, 3, block)), x.width, 1, block);
      case 'inverted': {
        const wide = act(this.conv(x, width, 1, block));
        return this.conv(act(this.conv(wide, width, 3, block, width)), x.width, 1, block);
      }
      case 'gated': {
        const wide = act(this.conv(x, width, 1, block));
        const pooled = { name: this.one('GlobalAveragePool', [wide.name]), width };
        const gate = this.conv(act(this.conv(pooled, 2, 1, { norm: false, bias: true })), width, 1, {
          ...block,
          norm: false,
        });
        const gated = this.one('Mul', [wide.name, this.one('Sigmoid', [gate.name])]);
        return this.conv({ name: gated, width }, x.width, 1, block);
      }
      case 'feedForward': {
        const last = this.one('Transpose', [x.name], { perm: [0, 2, 3, 1] });
        const hidden = this.one('MatMul', [last, this.stored([x.width, width])]);
        const active = this.one(block.activation, [this.one('Add', [hidden, this.stored([width])])]);
        const back = this.one('MatMul', [active, this.stored([width, x.width])]);
        const summed = block.bias ? this.one('Add', [back, this.stored([x.width])]) : back;
        return { name: this.one('Transpose', [summed], { perm: [0, 3, 1, 2] }), width: x.width };
      }
      default:
        return this.conv(
          act(this.conv(x, width, 3, block)),
          block.kind === 'projected' ? width + 1 : x.width,
          3,
          block,
        );
    }
  }

  private joined(x: Channels, block: Block): Channels {
    const towers = Array.from({ length: block.kind === 'dense' ? 1 : block.towers }, (_, t) => {
      const first = this.activate(this.conv(x, block.width, 1, block), block);
      return t % 2 === 0 ? first : this.activate(this.conv(first, block.width + t, 3, block), block);
    });
    const parts = block.kind === 'dense' ? [x, ...towers] : towers;
    const name = this.one(
      'Concat',
      parts.map((part) => part.name),
      { axis: 1 },
    );
    return { name, width: parts.reduce((sum, part) => sum + part.width, 0) };
  }
}
