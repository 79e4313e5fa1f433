/** @file Nets around operators on each element, alone or with others at the same place. */
import { DataType } from '../../../src/onnx/dataType.js';
import type { NodeProto } from '../../../src/onnx/messages.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { floats, integers, modelOf, node } from '../../support/modelOf.js';
import { truths } from '../cases/pointwiseCases.js';
import { A, free, image, type LawNet, one, pins, rows, SAME } from './lawNet.js';

/** Into the domain of logarithms and roots: 1 + a². */
const positive = [node('Mul', ['a', 'a'], 's'), node('Add', ['s', 'one'], 'p')];
const unit = { one: floats([1], []) };
/** Into that of the inverse functions: tanh(a). */
const inside = [node('Tanh', ['a'], 'p')];

const simple: readonly (readonly [record: string, opset: number])[] = [
  ...['Tanh@1', 'Abs@1', 'Neg@1', 'Exp@1', 'Sin@7', 'Cos@7', 'Atan@7'].map((record) => [record, 7] as const),
  ...['Ceil@1', 'Floor@1', 'Softplus@1', 'Softsign@1', 'Elu@1', 'Selu@6', 'LeakyRelu@1', 'HardSigmoid@1'].map(
    (record) => [record, 13] as const,
  ),
  ...['Erf@9', 'Sinh@9', 'Cosh@9', 'Asinh@9', 'Sign@9', 'Shrink@9', 'ThresholdedRelu@10'].map(
    (record) => [record, 11] as const,
  ),
  ['Round@11', 11],
  ['Celu@12', 12],
  ['HardSwish@14', 14],
  ['Mish@18', 18],
  ['Gelu@20', 20],
  ['Swish@24', 24],
];

/** A gate that chooses between channels: a, or half of it. */
const chosen = (gate: readonly NodeProto[], weights = {}, opset = 17) =>
  image(
    [...gate, node('Mul', ['a', 'half'], 'h'), one('Where', {}, ['g', 'a', 'h'])],
    { half: floats([0.5], []), ...weights },
    opset,
  );
const signs = [node('Greater', ['a', 'zero'], 'l'), node('Less', ['a', 'top'], 'r')];
const limits = { zero: floats([0], []), top: floats([0.5], [1, 1, 1]) };

const towers = (type: string, opset = 17) =>
  image([node('Conv', ['x', 'v'], 'c'), one(type, {}, ['c', 'a'])], { v: [6, 3, 1, 1] }, opset);
const BOTH = ['a (6): a, c'];

/** Casts to 32-bit integers of hundredths, so that something is left of them, and back. */
const whole = (nodes: readonly NodeProto[], weights = {}) =>
  image(
    [
      node('Mul', ['a', 'hundred'], 'm'),
      node('Cast', ['m'], 'i', { to: DataType.INT32 }),
      ...nodes,
      one('Cast', { to: DataType.FLOAT }, ['j']),
    ],
    { hundred: floats([100], []), ...weights },
    18,
  );

export const pointwiseLawNets: readonly LawNet[] = [
  ...simple.flatMap(([record, opset]) => {
    const type = record.split('@')[0]!;
    return [
      free(record, `of an image at opset ${opset}`, image([one(type)], {}, opset)),
      free(record, 'of rows', rows([one(type)], {}, Math.max(opset, 17))),
    ];
  }),
  ...['Log@1', 'Sqrt@1', 'Reciprocal@1', 'Acosh@9'].map((record) =>
    free(record, 'of an image', image([...positive, one(record.split('@')[0]!, {}, ['p'])], unit)),
  ),
  ...['Tan@7', 'Asin@7', 'Acos@7', 'Atanh@9'].map((record) =>
    free(record, 'of an image', image([...inside, one(record.split('@')[0]!, {}, ['p'])])),
  ),
  ...['Sub', 'Div', 'Pow'].flatMap((type) => [
    free(
      `${type}@7`,
      'of two towers',
      image([node('Conv', ['x', 'v'], 'c'), ...positive, one(type, {}, type === 'Div' ? ['c', 'p'] : ['p', 'c'])], {
        v: [6, 3, 1, 1],
        ...unit,
      }),
      BOTH,
    ),
    free(
      `${type}@7`,
      'by a constant per channel',
      image([...positive, one(type, {}, ['p', 'g'])], {
        g: { dims: [6, 1, 1], from: 1, to: 2 },
        ...unit,
      }),
    ),
  ]),
  free('Mod@10', 'by a constant', image([one('Mod', { fmod: 1 }, ['a', 'g'])], { g: floats([0.3], []) })),
  free('Mod@10', 'of integers', whole([node('Mod', ['i', 'g'], 'j')], { g: ints([7]) })),
  ...['Max', 'Min', 'Sum', 'Mean'].flatMap((type) => [
    free(`${type}@1`, 'of two towers', towers(type, 8), BOTH),
    free(
      `${type}@1`,
      'of three, one for all',
      image([node('Conv', ['x', 'v'], 'c'), one(type, {}, ['a', 'g', 'c'])], {
        v: [6, 3, 1, 1],
        g: floats([0.1], [1]),
      }),
      BOTH,
    ),
  ]),
  pins(
    'Sum@1',
    'with one channel for all',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w0: [1, 3, 1, 1], w2: [2, 3, 1, 1] },
      nodes: [node('Conv', ['x', 'w0'], 'c'), node('Sum', ['x', 'c'], 's'), node('Conv', ['s', 'w2'], 'y')],
      outputs: ['y'],
    }),
    ['c', 1, "node 's' (Sum): keeps this axis as it is"],
  ),
  ...['And', 'Or', 'Xor'].map((type) =>
    free(`${type}@7`, 'as a gate', chosen([...signs, node(type, ['l', 'r'], 'g')], limits)),
  ),
  free(
    'Not@1',
    'as a gate',
    chosen([node('Greater', ['a', 'zero'], 'l'), node('Not', ['l'], 'g')], { zero: floats([0], []) }),
  ),
  free('Equal@7', 'as a gate', chosen([node('Sign', ['a'], 's'), node('Equal', ['s', 'one'], 'g')], unit, 11)),
  ...['Less@7', 'Greater@7', 'LessOrEqual@12', 'GreaterOrEqual@12'].map((record) =>
    free(record, 'as a gate', chosen([node(record.split('@')[0]!, ['a', 'low'], 'g')], { low: [6, 1, 1] })),
  ),
  free('IsNaN@9', 'as a gate', chosen([node('Sqrt', ['a'], 'r'), node('IsNaN', ['r'], 'g')])),
  free(
    'IsInf@10',
    'as a gate',
    chosen([node('Relu', ['a'], 'l'), node('Reciprocal', ['l'], 'r'), node('IsInf', ['r'], 'g')]),
  ),
  free(
    'Where@9',
    'by a constant mask',
    image([one('Where', {}, ['mask', 'a', 'far'])], {
      mask: truths([1, 0, 1, 1], [4, 1]),
      far: floats([-3], []),
    }),
  ),
  free(
    'Where@9',
    'of two towers',
    image([node('Conv', ['x', 'v'], 'c'), node('Greater', ['c', 'a'], 'g'), one('Where', {}, ['g', 'c', 'a'])], {
      v: [6, 3, 1, 1],
    }),
    BOTH,
  ),
  free('PRelu@7', 'per channel', image([one('PRelu', {}, ['a', 'slope'])], { slope: [6, 1, 1] }, 9)),
  free('PRelu@7', 'for all', rows([one('PRelu', {}, ['a', 'slope'])], { slope: [1] })),
  free('Cast@6', 'to double and back', image([node('Cast', ['a'], 'c', { to: 11 }), one('Cast', { to: 1 }, ['c'])])),
  free('Cast@6', 'to integers and back', whole([node('Neg', ['i'], 'j')])),
  free('CastLike@15', 'a constant', image([one('CastLike', {}, ['a', 'like'])], { like: [3] })),
  free(
    'CastLike@15',
    'other channels, which stay free',
    image(
      [node('Conv', ['x', 'v'], 'c'), node('CastLike', ['a', 'c'], 'l'), one('Concat', { axis: 1 }, ['l', 'c'])],
      {
        v: [4, 3, 1, 1],
      },
      17,
      10,
    ),
    ['a (6): a', 'c (4): c'],
  ),
  ...['And', 'Or', 'Xor'].map((kind) =>
    free(`Bitwise${kind}@18`, 'of integers', whole([node(`Bitwise${kind}`, ['i', 'g'], 'j')], { g: ints([21]) })),
  ),
  free('BitwiseNot@18', 'of integers', whole([node('BitwiseNot', ['i'], 'j')])),
  free(
    'BitShift@11',
    'of bytes',
    image(
      [
        node('Abs', ['a'], 'p'),
        node('Mul', ['p', 'ten'], 'm'),
        node('Cast', ['m'], 'i', { to: DataType.UINT32 }),
        node('Cast', ['one'], 'u', { to: DataType.UINT32 }),
        node('BitShift', ['i', 'u'], 'j', { direction: 'LEFT' }),
        one('Cast', { to: DataType.FLOAT }, ['j']),
      ],
      { ten: floats([10], []), ...unit },
    ),
  ),
  free('CumSum@11', 'along rows of the image', image([one('CumSum', {}, ['a', 'axis'])], { axis: integers([-1], []) })),
  pins(
    'CumSum@11',
    'along the channels',
    image([one('CumSum', { reverse: 1 }, ['a', 'axis'])], { axis: integers([1], []) }),
    ['a', 1, "node 'b' (CumSum): CumSum adds up along it"],
  ),
  // x · clip(x / 6 + 1/2), as exporters wrote HardSwish before opset 14.
  free(
    'HardSigmoid@1',
    'in a decomposed HardSwish',
    image([node('HardSigmoid', ['a'], 'h', { alpha: { float: 1 / 6 } }), one('Mul', {}, ['a', 'h'])], {}, 13),
  ),
  // A saturating head: the proof looks behind it.
  free(
    'Tanh@1',
    'as the head',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w1: [6, 3, 3, 3], w2: [2, 6, 1, 1] },
      nodes: [node('Conv', ['x', 'w1'], 'a', SAME), node('Conv', ['a', 'w2'], 'c'), node('Tanh', ['c'], 'y')],
      outputs: ['y'],
    }),
    A,
  ),
];

/** 32-bit integers. */
function ints(values: readonly number[]) {
  const data = Int32Array.from(values);
  return createTensor('', DataType.INT32, [values.length], new Uint8Array(data.buffer));
}
