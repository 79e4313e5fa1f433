/** @file Random convolutional DAGs by a recipe that prints as JSON, so that a failure can be pasted into a test. */
import fc from 'fast-check';
import { DataType } from '../../src/onnx/dataType.js';
import type { ModelProto, NodeProto } from '../../src/onnx/messages.js';
import { createTensor } from '../../src/onnx/tensorData.js';
import { type AttributeSketch, floats, integers, modelOf, node, positive, type WeightSketch } from './modelOf.js';

const STEPS = [
  'conv1',
  'conv3',
  'strided',
  'tiedConv',
  'norm',
  'relu',
  'sigmoid',
  'clip',
  'add',
  'concat',
  'twice',
  'maxPool',
  'averagePool',
  'gain',
  'bias',
  'gate',
  'roundTrip',
  'grouped',
  'depthwise',
  'transposed',
  'shuffle',
  'blocks',
  'padded',
  'resized',
  'instanceNorm',
  'groupNorm',
  'pixelShuffle',
  'denseGate',
  'quantized',
] as const;
const HEADS = ['flatten', 'reshape', 'literalReshape', 'dynamicReshape', 'globalPool', 'mean'] as const;

export interface Step {
  readonly kind: (typeof STEPS)[number];
  /** Which of the values so far it reads, counted back from the last. */
  readonly from: number;
  readonly other: number;
  readonly width: number;
}

export interface Recipe {
  readonly seed: number;
  readonly steps: readonly Step[];
  readonly head: (typeof HEADS)[number];
  readonly hidden: number;
  readonly useMatMul: boolean;
}

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  seed: fc.nat(1000),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom(...STEPS),
      from: fc.nat(2),
      other: fc.nat(4),
      width: fc.integer({ min: 1, max: 6 }),
    }),
    { minLength: 2, maxLength: 9 },
  ),
  head: fc.constantFrom(...HEADS),
  hidden: fc.integer({ min: 1, max: 5 }),
  useMatMul: fc.boolean(),
});

interface Image {
  readonly name: string;
  readonly channels: number;
  readonly size: number;
}

/** Builds the net of a recipe; any recipe gives a valid one. */
export function netOf(recipe: Recipe): ModelProto {
  const nodes: NodeProto[] = [];
  const weights: Record<string, WeightSketch> = {};
  const weight = (name: string, sketch: WeightSketch) => {
    weights[name] = sketch;
    return name;
  };
  const add = (
    type: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeSketch>> = {},
  ) => {
    nodes.push(node(type, inputs, output, attributes));
    return output;
  };
  const images: Image[] = [{ name: 'x', channels: 3, size: 4 }];

  recipe.steps.forEach((step, i) => {
    const name = `${step.kind}${i}`;
    const from = images[Math.max(0, images.length - 1 - step.from)]!;
    const { channels, size } = from;
    const conv = (output: string, source: Image, width: number, kernel: number, stride = 1): Image => {
      const w = weight(`${output}W`, [width, source.channels, kernel, kernel]);
      const edge = (kernel - 1) / 2;
      add('Conv', [source.name, w, weight(`${output}B`, [width])], output, {
        strides: [stride, stride],
        pads: [edge, edge, edge, edge],
      });
      return { name: output, channels: width, size: Math.floor((source.size - 1) / stride) + 1 };
    };
    const same = (type: string, inputs: readonly string[], attributes = {}): Image => ({
      ...from,
      name: add(type, inputs, name, attributes),
    });
    const make = (): Image => {
      switch (step.kind) {
        case 'conv1':
          return conv(name, from, step.width, 1);
        case 'conv3':
          return conv(name, from, step.width, 3);
        case 'strided':
          return conv(name, from, step.width, 3, 2);
        case 'tiedConv': {
          const w = weight(`${name}W`, [channels, channels, 1, 1]);
          add('Conv', [from.name, w], `${name}First`);
          add('Relu', [`${name}First`], `${name}Act`);
          return same('Conv', [`${name}Act`, w]);
        }
        case 'norm':
          return same('BatchNormalization', [
            from.name,
            weight(`${name}S`, positive([channels])),
            weight(`${name}O`, [channels]),
            weight(`${name}M`, { dims: [channels], from: -0.3, to: 0.3 }),
            weight(`${name}V`, positive([channels])),
          ]);
        case 'relu':
          return same('Relu', [from.name]);
        case 'sigmoid':
          return same('Sigmoid', [from.name]);
        case 'clip':
          return same('Clip', [from.name, weight('low', floats([-1], [])), weight('high', floats([1], []))]);
        case 'add': {
          const peers = images.filter((image) => image.channels === channels && image.size === size);
          const peer = peers[step.other % peers.length]!;
          const second = peer.name === from.name ? conv(`${name}Side`, from, channels, 1) : peer;
          return same('Add', [from.name, second.name]);
        }
        case 'concat': {
          const peers = images.filter((image) => image.size === size);
          const peer = peers[step.other % peers.length]!;
          add('Concat', [from.name, peer.name], name, { axis: 1 });
          return { name, channels: channels + peer.channels, size };
        }
        case 'twice':
          add('MaxPool', [from.name], `${name}Max`, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
          add('Concat', [`${name}Max`, from.name], name, { axis: -3 });
          return { name, channels: 2 * channels, size };
        case 'maxPool':
          return same('MaxPool', [from.name], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
        case 'averagePool':
          if (size % 2 === 1) return same('AveragePool', [from.name], { kernel_shape: [1, 1] });
          return { ...same('AveragePool', [from.name], { kernel_shape: [2, 2], strides: [2, 2] }), size: size / 2 };
        case 'gain':
          return same('Mul', [weight(`${name}G`, [1, channels, 1, 1]), from.name]);
        case 'bias':
          return same('Add', [from.name, weight(`${name}B`, [channels, 1, 1])]);
        case 'gate': {
          add('GlobalAveragePool', [from.name], `${name}Squeeze`);
          const waist = conv(`${name}Waist`, { name: `${name}Squeeze`, channels, size: 1 }, step.width, 1);
          const wide = conv(`${name}Wide`, waist, channels, 1);
          add('Sigmoid', [wide.name], `${name}Gate`);
          return same('Mul', [from.name, `${name}Gate`]);
        }
        case 'roundTrip':
          add('Reshape', [from.name, weight(`${name}Flat`, integers([0, channels, -1]))], `${name}Rows`);
          return same('Reshape', [`${name}Rows`, weight(`${name}Square`, integers([0, 0, size, size]))]);
        case 'grouped': {
          const group = greatestDivisor(channels, step.other + 1);
          const w = weight(`${name}W`, [step.width * group, channels / group, 1, 1]);
          add('Conv', [from.name, w, weight(`${name}B`, [step.width * group])], name, { group });
          return { name, channels: step.width * group, size };
        }
        case 'depthwise': {
          const multiplier = 1 + (step.other % 3);
          const w = weight(`${name}W`, [channels * multiplier, 1, 3, 3]);
          add('Conv', [from.name, w], name, { group: channels, pads: [1, 1, 1, 1] });
          return { name, channels: channels * multiplier, size };
        }
        case 'transposed': {
          const group = greatestDivisor(channels, step.other + 1);
          const w = weight(`${name}W`, [channels, step.width, 3, 3]);
          add('ConvTranspose', [from.name, w], name, { group, pads: [1, 1, 1, 1] });
          return { name, channels: step.width * group, size };
        }
        case 'shuffle': {
          const group = greatestDivisor(channels, step.other + 1);
          const shape = weight(`${name}Split`, integers([0, group, channels / group, size, size]));
          add('Reshape', [from.name, shape], `${name}Groups`);
          add('Transpose', [`${name}Groups`], `${name}Turned`, { perm: [0, 2, 1, 3, 4] });
          return same('Reshape', [`${name}Turned`, weight(`${name}Join`, integers([0, -1, size, size]))]);
        }
        case 'blocks':
          if (size % 2 === 1) return same('Identity', [from.name]);
          add('SpaceToDepth', [from.name], `${name}Deep`, { blocksize: 2 });
          return same('DepthToSpace', [`${name}Deep`], { blocksize: 2, mode: step.other % 2 === 0 ? 'DCR' : 'CRD' });
        case 'padded': {
          const [before, after] = [step.other % 3, step.width % 3];
          const pads = weight(`${name}Pads`, integers([0, before, 0, 0, 0, after, 0, 0]));
          add('Pad', [from.name, pads], name);
          return { name, channels: channels + before + after, size };
        }
        case 'resized':
          add('Resize', [from.name, '', weight('twice', floats([1, 1, 2, 2]))], `${name}Large`);
          return same('MaxPool', [`${name}Large`], { kernel_shape: [2, 2], strides: [2, 2] });
        case 'instanceNorm':
          return same('InstanceNormalization', [
            from.name,
            weight(`${name}S`, positive([channels])),
            weight(`${name}O`, [channels]),
          ]);
        case 'groupNorm': {
          const group = greatestDivisor(channels, step.other + 1);
          add('Reshape', [from.name, weight(`${name}Split`, integers([0, group, -1]))], `${name}Groups`);
          const ones = weight(`${name}Ones`, floats(Array(group).fill(1)));
          const zeros = weight(`${name}Zeros`, floats(Array(group).fill(0)));
          add('InstanceNormalization', [`${name}Groups`, ones, zeros], `${name}Normal`, { epsilon: { float: 0.1 } });
          add('Shape', [from.name], `${name}Shape`);
          add('Reshape', [`${name}Normal`, `${name}Shape`], `${name}Back`);
          add('Mul', [`${name}Back`, weight(`${name}S`, positive([channels, 1, 1]))], `${name}Scaled`);
          return same('Add', [`${name}Scaled`, weight(`${name}O`, [channels, 1, 1])]);
        }
        case 'pixelShuffle': {
          const deep = conv(`${name}Deep`, from, 4 * step.width, 1);
          const mode = step.other % 2 === 0 ? 'DCR' : 'CRD';
          add('DepthToSpace', [deep.name], `${name}Large`, { blocksize: 2, mode });
          add('MaxPool', [`${name}Large`], name, { kernel_shape: [2, 2], strides: [2, 2] });
          return { name, channels: step.width, size };
        }
        case 'denseGate': {
          add('ReduceMean', [from.name], `${name}Means`, { axes: [2, 3], keepdims: 0 });
          const squeeze = weight(`${name}F1`, [channels, step.width]);
          add('MatMul', [`${name}Means`, squeeze], `${name}Waist`);
          add('Relu', [`${name}Waist`], `${name}Act`);
          add('Gemm', [`${name}Act`, weight(`${name}F2`, [step.width, channels])], `${name}Wide`);
          add('HardSigmoid', [`${name}Wide`], `${name}Gates`);
          add('Unsqueeze', [`${name}Gates`, weight(`${name}Axes`, integers([2, 3]))], `${name}Image`);
          return same('Mul', [from.name, `${name}Image`]);
        }
        case 'quantized': {
          const bytes = Uint8Array.from({ length: step.width * channels }, (_, k) => (k * 37 + recipe.seed) % 256);
          const stored = createTensor('', DataType.INT8, [step.width, channels, 1, 1], bytes);
          const scales = weight(`${name}Scales`, { dims: [step.width], from: 0.002, to: 0.006 });
          add('DequantizeLinear', [weight(`${name}W`, stored), scales], `${name}Weight`, { axis: 0 });
          const scale = weight('activationScale', floats([0.05], []));
          const zero = weight('activationZero', createTensor('', DataType.UINT8, [], new Uint8Array([128])));
          add('QuantizeLinear', [from.name, scale, zero], `${name}Integers`);
          add('DequantizeLinear', [`${name}Integers`, scale, zero], `${name}Rounded`);
          add('Conv', [`${name}Rounded`, `${name}Weight`], name);
          return { name, channels: step.width, size };
        }
      }
    };
    images.push(make());
  });

  const last = conv2d();
  function conv2d(): Image {
    const source = images.at(-1)!;
    const w = weight('lastW', [4, source.channels, 1, 1]);
    return { name: add('Conv', [source.name, w], 'last'), channels: 4, size: source.size };
  }
  let width = last.channels * last.size * last.size;
  switch (recipe.head) {
    case 'flatten':
      add('Flatten', ['last'], 'rows');
      break;
    case 'reshape':
      add('Reshape', ['last', weight('shape', integers([0, -1]))], 'rows');
      break;
    case 'literalReshape':
      add('Reshape', ['last', weight('shape', integers([-1, width]))], 'rows');
      break;
    case 'dynamicReshape':
      add('Shape', ['last'], 'dims');
      add('Gather', ['dims', weight('zero', integers([0]))], 'batch');
      add('Concat', ['batch', weight('width', integers([width]))], 'target', { axis: 0 });
      add('Reshape', ['last', 'target'], 'rows');
      break;
    case 'globalPool':
      add('GlobalAveragePool', ['last'], 'pooled');
      add('Flatten', ['pooled'], 'rows');
      width = last.channels;
      break;
    case 'mean':
      add('ReduceMean', ['last'], 'rows', { axes: [2, 3], keepdims: 0 });
      width = last.channels;
      break;
  }
  if (recipe.useMatMul) add('MatMul', ['rows', weight('f1', [width, recipe.hidden])], 'hidden');
  else
    add('Gemm', ['rows', weight('f1', [recipe.hidden, width]), weight('c1', [recipe.hidden])], 'hidden', { transB: 1 });
  add('Relu', ['hidden'], 'active');
  add('Gemm', ['active', weight('f2', [recipe.hidden, 3]), weight('c2', [3])], 'y');
  return modelOf({ inputs: { x: ['N', 3, 4, 4] }, outputs: ['y'], nodes, weights, seed: recipe.seed });
}

/** The largest divisor of `n` up to `limit`. */
function greatestDivisor(n: number, limit: number): number {
  for (let divisor = Math.min(n, limit); ; divisor--) if (n % divisor === 0) return divisor;
}
