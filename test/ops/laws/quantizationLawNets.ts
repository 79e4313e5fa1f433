/** @file Nets whose weights or activations are stored as small integers. */
import { DataType, dataTypeInfo } from '../../../src/onnx/dataType.js';
import type { TensorProto } from '../../../src/onnx/messages.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { packedByteLength } from '../../../src/onnx/tensorSize.js';
import { createRng } from '../../../src/random/rng.js';
import { floats, modelOf, node, positive } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, rows, SAME, type Weights } from './lawNet.js';

/** Random integers of a type; those of 4 bits share bytes. */
function quantised(dims: readonly number[], dataType: number = DataType.INT8, seed = 5): TensorProto {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const rng = createRng(seed);
  const bytes = packedByteLength(count, dataTypeInfo(dataType)!);
  return createTensor(
    '',
    dataType,
    dims,
    Uint8Array.from({ length: bytes }, () => rng.int(256)),
  );
}

/** Dequantised weights of 6 and of 2 filters around a Relu. */
function dequantised(opset: number, weights: Weights, inputs: readonly string[], attributes = {}) {
  return modelOf({
    inputs: { x: ['N', 3, 4, 4] },
    weights: { s2: floats([0.01], []), q2: quantised([2, 6, 1, 1]), ...weights },
    nodes: [
      node('DequantizeLinear', inputs, 'w1', attributes),
      node('DequantizeLinear', ['q2', 's2'], 'w2'),
      node('Conv', ['x', 'w1'], 'a', SAME),
      node('Relu', ['a'], 'r'),
      node('Conv', ['r', 'w2'], 'y'),
    ],
    outputs: ['y'],
    opset,
    irVersion: opset > 20 ? 10 : 8,
  });
}

const filters = { q1: quantised([6, 3, 3, 3]) };
/** [5, 6] of 4 bits: rows of three bytes, and an odd number once a column is gone. */
const columns = { q1: quantised([5, 6], DataType.INT4), s1: positive([6]), z1: quantised([6], DataType.INT4) };

function dense(weights: Weights, inputs: readonly string[], attributes = {}) {
  return modelOf({
    inputs: { x: ['N', 5] },
    weights: { f2: [6, 2], ...weights },
    nodes: [
      node('DequantizeLinear', inputs, 'w1', attributes),
      node('MatMul', ['x', 'w1'], 'a'),
      node('MatMul', ['a', 'f2'], 'y'),
    ],
    outputs: ['y'],
    opset: 21,
    irVersion: 10,
  });
}

const integerConvs = image(
  [
    node('QuantizeLinear', ['a', 's', 'z'], 'q'),
    node('QLinearConv', ['q', 's', 'z', 'v', 'vs', 'vz', 's', 'z', 'c'], 'p'),
    one('DequantizeLinear', {}, ['p', 's', 'z']),
  ],
  {
    s: floats([0.05], []),
    z: quantised([]),
    v: quantised([4, 6, 1, 1]),
    vs: positive([4]),
    vz: createTensor('', DataType.INT8, [4], new Uint8Array(4)),
    c: createTensor('', DataType.INT32, [4], new Uint8Array(16)),
  },
  17,
  4,
);

export const quantizationLawNets: readonly LawNet[] = [
  free(
    'DequantizeLinear@10',
    'of weights, per tensor',
    dequantised(10, { ...filters, s1: floats([0.02], []) }, ['q1', 's1']),
    ['w1 (6): w1, w2'],
  ),
  free(
    'DequantizeLinear@10',
    'of weights, per filter',
    dequantised(13, { ...filters, s1: positive([6]), z1: quantised([6]) }, ['q1', 's1', 'z1'], { axis: -4 }),
    ['w1 (6): w1, w2'],
  ),
  free('DequantizeLinear@10', 'of weights of 4 bits, per column', dense(columns, ['q1', 's1', 'z1']), ['w1 (6): w1']),
  free(
    'DequantizeLinear@10',
    'of weights of 4 bits, in blocks of rows',
    dense({ q1: quantised([5, 6], DataType.UINT4), s1: positive([3, 6]) }, ['q1', 's1'], { axis: 0, block_size: 2 }),
    ['w1 (6): w1'],
  ),
  free(
    'QuantizeLinear@10',
    'and back, per tensor',
    image(
      [node('QuantizeLinear', ['a', 's', 'z'], 'q'), one('DequantizeLinear', {}, ['q', 's', 'z'])],
      { s: floats([0.05], []), z: createTensor('', DataType.UINT8, [], Uint8Array.from([100])) },
      10,
    ),
  ),
  free(
    'QuantizeLinear@10',
    'and back, per channel',
    image([node('QuantizeLinear', ['a', 's', 'z'], 'q'), one('DequantizeLinear', {}, ['q', 's', 'z'])], {
      s: positive([6]),
      z: quantised([6]),
    }),
  ),
  pins(
    'QuantizeLinear@10',
    'in blocks of channels',
    {
      ...rows(
        [
          node('QuantizeLinear', ['a', 's'], 'q', { block_size: 2 }),
          node('DequantizeLinear', ['q', 's'], 'd', { block_size: 2 }),
          one('Identity', {}, ['d']),
        ],
        { s: positive([1, 3]) },
        21,
      ),
      irVersion: 10n,
    },
    ['a', 1, "node 'q' (QuantizeLinear): blocks share a scale"],
  ),
  free(
    'DynamicQuantizeLinear@11',
    'and back',
    rows([node('DynamicQuantizeLinear', ['a'], ['q', 's', 'z']), one('DequantizeLinear', {}, ['q', 's', 'z'])]),
  ),
  pins(
    'QLinearConv@10',
    'of channels, giving others',
    integerConvs,
    ['a', 1, "node 'p' (QLinearConv): sums over it in integers (cut the float model, then quantize it)"],
    ['p (4): p'],
  ),
  pins(
    'QLinearMatMul@10',
    'of columns, giving others',
    rows(
      [
        node('QuantizeLinear', ['a', 's', 'z'], 'q'),
        node('QLinearMatMul', ['q', 's', 'z', 'v', 'vs', 'vz', 's', 'z'], 'p'),
        one('DequantizeLinear', {}, ['p', 's', 'z']),
      ],
      { s: floats([0.05], []), z: quantised([]), v: quantised([6, 6]), vs: positive([6]), vz: quantised([6]) },
    ),
    ['a', 1, "node 'p' (QLinearMatMul): sums over it in integers (cut the float model, then quantize it)"],
    ['p (6): p'],
  ),
  pins(
    'ConvInteger@10',
    'of channels, giving others',
    image(
      [
        node('DynamicQuantizeLinear', ['a'], ['q', 's', 'z']),
        node('ConvInteger', ['q', 'v', 'z'], 'p'),
        node('Cast', ['p'], 'f', { to: DataType.FLOAT }),
        one('Mul', {}, ['f', 's']),
      ],
      { v: quantised([4, 6, 1, 1]) },
      17,
      4,
    ),
    ['a', 1, "node 'p' (ConvInteger): sums over it in integers (cut the float model, then quantize it)"],
    ['p (4): p'],
  ),
  pins(
    'MatMulInteger@10',
    'of columns, giving others',
    rows(
      [
        node('DynamicQuantizeLinear', ['a'], ['q', 's', 'z']),
        node('MatMulInteger', ['q', 'v', 'z', 'vz'], 'p'),
        node('Cast', ['p'], 'f', { to: DataType.FLOAT }),
        one('Mul', {}, ['f', 's']),
      ],
      { v: quantised([6, 6]), vz: quantised([6]) },
    ),
    ['a', 1, "node 'p' (MatMulInteger): sums over it in integers (cut the float model, then quantize it)"],
    ['p (6): p'],
  ),
];
