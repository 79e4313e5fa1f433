/** @file Random chains of operators that move elements about, by a recipe that prints as JSON. */
import fc from 'fast-check';
import type { ModelProto, NodeProto } from '../../src/onnx/messages.js';
import { integers, modelOf, node, type WeightSketch } from './modelOf.js';

const MOVES = [
  'slice',
  'backwards',
  'split',
  'chunk',
  'gather',
  'tile',
  'twice',
  'shuffle',
  'turn',
  'flatten',
  'blocks',
  'part',
  'expand',
  'bias',
  'product',
] as const;

export interface Move {
  readonly kind: (typeof MOVES)[number];
  /** What is chosen where the move leaves a choice, within what is possible. */
  readonly choices: readonly [number, number];
}

export interface MovementRecipe {
  readonly seed: number;
  readonly width: number;
  readonly moves: readonly Move[];
}

export const movementRecipes: fc.Arbitrary<MovementRecipe> = fc.record({
  seed: fc.nat(1000),
  width: fc.integer({ min: 1, max: 12 }),
  moves: fc.array(fc.record({ kind: fc.constantFrom(...MOVES), choices: fc.tuple(fc.nat(100), fc.nat(100)) }), {
    minLength: 1,
    maxLength: 7,
  }),
});

/** Positions beside the channels. */
const ROWS = 3;
const FAR = 2 ** 40;

/** The net of a recipe: rows [N, 3, channels] on which every move works; any recipe gives a valid one. */
export function movementNet({ seed, width, moves }: MovementRecipe): ModelProto {
  const nodes: NodeProto[] = [];
  const weights: Record<string, WeightSketch> = { first: [2, width] };
  let count = 0;
  const add = (type: string, inputs: readonly string[], attributes = {}, outputs = 1): string[] => {
    const names = Array.from({ length: outputs }, () => `${type}${count++}`);
    nodes.push(node(type, inputs, names, attributes));
    return names;
  };
  const one = (type: string, inputs: readonly string[], attributes = {}) => add(type, inputs, attributes)[0]!;
  const stored = (sketch: WeightSketch): string => {
    const name = `w${count++}`;
    weights[name] = sketch;
    return name;
  };
  const list = (...numbers: readonly number[]) => stored(integers(numbers));

  let channels = width;
  let current = one('MatMul', ['x', 'first']);
  const apply = ({ kind, choices: [a, b] }: Move): string => {
    const at = 1 + (a % Math.max(1, channels - 1)); // within the channels, neither end where there are several
    switch (kind) {
      case 'slice': {
        const start = a % channels;
        const end = start + 1 + (b % (channels - start));
        const written = b % 3 === 0 && end < channels ? end - channels : b % 3 === 1 && end === channels ? FAR : end;
        channels = end - start;
        return one('Slice', [current, list(start), list(written), list(b % 2 === 0 ? 2 : -1)]);
      }
      case 'backwards':
        channels = (a % channels) + 1;
        return one('Slice', [current, list(channels - 1), list(-FAR), list(2), list(-1)]);
      case 'split': {
        if (channels < 2) return one('Relu', [current]);
        const [low, high] = add('Split', [current, list(at, channels - at)], { axis: 2 }, 2);
        return one('Concat', [one('Relu', [high!]), low!], { axis: -1 });
      }
      case 'chunk': {
        if (channels < 2) return one('Relu', [current]);
        const whole = one('Gather', [one('Shape', [current]), list(2)]);
        const half = one('Div', [whole, list(2)]);
        const low = one('Slice', [current, list(0), half, list(2)]);
        const high = one('Slice', [current, half, whole, list(2)]);
        return one('Concat', [high, one('Relu', [low])], { axis: 2 });
      }
      case 'gather': {
        const indices = Array.from({ length: 1 + (a % (channels + 2)) }, (_, i) => {
          const index = (a * (i + 1) + b * i * i) % channels;
          return i % 3 === 2 ? index - channels : index;
        });
        channels = indices.length;
        return one('Gather', [current, list(...indices)], { axis: 2 });
      }
      case 'tile': {
        const times = channels > 24 ? 1 : 1 + (a % 2);
        channels *= times;
        return one('Tile', [current, list(1, 1, times)]);
      }
      case 'twice':
        if (channels > 24) return one('Relu', [current]);
        channels *= 2;
        return one('Concat', [current, current], { axis: 2 });
      case 'shuffle': {
        const groups = [2, 3, 4].find((g) => channels % g === 0) ?? 1;
        const apart = one('Reshape', [current, list(-1, ROWS, groups, channels / groups)]);
        return one('Reshape', [one('Transpose', [apart], { perm: [0, 1, 3, 2] }), list(0, 0, -1)]);
      }
      case 'turn': {
        const turned = one('Unsqueeze', [one('Transpose', [current], { perm: [2, 0, 1] }), list(1)]);
        return one('Transpose', [one('Squeeze', [turned, list(-3)])], { perm: [1, 2, 0] });
      }
      case 'flatten': {
        const flat = one('Reshape', [current, list(0, ROWS * channels)]);
        return one('Reshape', [one('Relu', [flat]), list(0, ROWS, channels)]);
      }
      case 'blocks': {
        const flat = one('Reshape', [one('Transpose', [current], { perm: [0, 2, 1] }), list(0, -1)]);
        channels = at;
        const blocks = one('Slice', [flat, list(0), list(at * ROWS), list(1)]);
        return one('Transpose', [one('Reshape', [blocks, list(0, at, ROWS)])], { perm: [0, 2, 1] });
      }
      case 'part': {
        // It ends within a block of rows that belong to one channel.
        const flat = one('Reshape', [one('Transpose', [current], { perm: [0, 2, 1] }), list(0, -1)]);
        const size = 1 + (a % (channels * ROWS));
        const part = one('Slice', [flat, list(0), list(size), list(1)]);
        channels = 2;
        const product = one('MatMul', [part, stored([size, 2 * ROWS])]);
        return one('Reshape', [product, list(-1, ROWS, 2)]);
      }
      case 'expand': {
        const batch = one('Gather', [one('Shape', ['x']), list(0)]);
        const target = one('Concat', [batch, list(ROWS, channels)], { axis: 0 });
        return one('Add', [current, one('Expand', [stored([1, 1, a % 2 === 0 ? 1 : channels]), target])]);
      }
      case 'bias':
        return one('Add', [current, stored([channels])]);
      case 'product': {
        const before = channels;
        channels = 1 + (a % 8);
        return one('MatMul', [current, stored([before, channels])]);
      }
    }
  };
  for (const move of moves) current = apply(move);
  nodes.push(node('MatMul', [current, stored([channels, 3])], 'y'));
  return modelOf({ inputs: { x: ['N', ROWS, 2] }, outputs: ['y'], nodes, weights, seed });
}
