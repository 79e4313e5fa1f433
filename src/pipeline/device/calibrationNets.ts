import { makeFloatAttribute, makeFloats, makeIntegerAttribute, makeNode, makeTensorType } from '../../graph/make.js';
import { createMessage } from '../../onnx/createMessage.js';
import { DataType } from '../../onnx/dataType.js';
import type { AttributeProto, ModelProto, NodeProto, TensorProto } from '../../onnx/messages.js';
import { createRng, type Rng } from '../../random/rng.js';

export interface CalibrationNet {
  readonly name: string;
  readonly model: ModelProto;
}

/** Networks of the operators that most models are made of, with random weights, to measure a machine on. */
export function calibrationNets(): readonly CalibrationNet[] {
  const rng = createRng(0);
  return [
    { name: 'built-in residual net', model: residualNet(new NetSketch(rng.fork('residual'))) },
    { name: 'built-in net of separable convolutions', model: separableNet(new NetSketch(rng.fork('separable'))) },
    { name: 'built-in encoder', model: encoder(new NetSketch(rng.fork('encoder'))) },
  ];
}

/** Conv, BatchNormalization, Relu, Add, MaxPool, GlobalAveragePool, Flatten, Gemm. */
function residualNet(net: NetSketch): ModelProto {
  let x = net.unit('x', 3, 32, { kernel: 3, stride: 2, activation: 'Relu' });
  x = net.add('MaxPool', [x], [ints('kernel_shape', [3, 3]), ints('strides', [2, 2]), ints('pads', [1, 1, 1, 1])]);
  let width = 32;
  for (const next of [48, 96, 192]) {
    const stride = next === 48 ? 1 : 2;
    const inner = net.unit(x, width, next, { kernel: 3, stride, activation: 'Relu' });
    const left = net.unit(inner, next, next, { kernel: 3 });
    const right = net.unit(x, width, next, { kernel: 1, stride });
    x = net.add('Relu', [net.add('Add', [left, right])]);
    width = next;
  }
  return net.model([1, 3, 96, 96], net.classifier(x, width));
}

/** Pointwise and depthwise Conv, Clip, HardSwish, squeeze and excite. */
function separableNet(net: NetSketch): ModelProto {
  let x = net.unit('x', 3, 24, { kernel: 3, stride: 2, activation: 'HardSwish' });
  let width = 24;
  for (const next of [32, 64, 128]) {
    const wide = 4 * width;
    const expanded = net.unit(x, width, wide, { kernel: 1, activation: next === 32 ? 'Clip' : 'HardSwish' });
    const filtered = net.unit(expanded, wide, wide, { kernel: 3, stride: 2, group: wide, activation: 'Clip' });
    const pooled = net.add('GlobalAveragePool', [filtered]);
    const squeezed = net.unit(pooled, wide, next, { kernel: 1, activation: 'Relu' });
    const gate = net.add('Sigmoid', [net.unit(squeezed, next, wide, { kernel: 1 })]);
    x = net.unit(net.add('Mul', [filtered, gate]), wide, next, { kernel: 1 });
    width = next;
  }
  return net.model([1, 3, 96, 96], net.classifier(x, width));
}

/** MatMul, Add, LayerNormalization, Softmax, Erf, on a sequence of 64. */
function encoder(net: NetSketch): ModelProto {
  const width = 128;
  let x = net.dense('x', 64, width);
  for (let layer = 0; layer < 2; layer++) {
    const [q, k, v] = [net.dense(x, width, width), net.dense(x, width, width), net.dense(x, width, width)];
    const scores = net.add('MatMul', [q, net.add('Transpose', [k], [ints('perm', [0, 2, 1])])]);
    const mixed = net.add('MatMul', [net.add('Softmax', [scores], [makeIntegerAttribute('axis', -1)]), v]);
    const attended = net.norm(net.add('Add', [x, net.dense(mixed, width, width)]), width);
    const hidden = net.dense(attended, width, 4 * width);
    const active = net.add('Mul', [hidden, net.add('Sigmoid', [hidden])]);
    x = net.norm(net.add('Add', [attended, net.dense(active, 4 * width, width)]), width);
  }
  return net.model([1, 64, 64], net.dense(x, width, 10));
}

const ints = (name: string, values: readonly number[]): AttributeProto => makeIntegerAttribute(name, values);

interface UnitOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly group?: number;
  readonly activation?: 'Relu' | 'Clip' | 'HardSwish';
}

/** A network while it is put together. */
class NetSketch {
  private readonly nodes: NodeProto[] = [];
  private readonly weights: TensorProto[] = [];

  constructor(private readonly rng: Rng) {}

  /** Adds a node. @returns its output */
  add(opType: string, inputs: readonly string[], attributes: readonly AttributeProto[] = []): string {
    const output = `${opType}_${this.nodes.length}`;
    this.nodes.push(makeNode(opType, inputs, [output], attributes));
    return output;
  }

  /** A convolution [out, in / group, k, k] with its norm and activation. */
  unit(x: string, input: number, out: number, { kernel, stride = 1, group = 1, activation }: UnitOptions): string {
    const pad = kernel >> 1;
    const weight = this.weight([out, input / group, kernel, kernel]);
    const y = this.add(
      'Conv',
      [x, weight],
      [
        ...[ints('kernel_shape', [kernel, kernel]), ints('strides', [stride, stride])],
        ...[ints('pads', [pad, pad, pad, pad]), makeIntegerAttribute('group', group)],
      ],
    );
    const ones = () => this.constant([out], () => 1);
    const shift = () => this.constant([out], () => 0.1 * this.rng.normal());
    const normed = this.add('BatchNormalization', [y, ones(), shift(), shift(), ones()]);
    if (activation === undefined) return normed;
    if (activation !== 'Clip') return this.add(activation, [normed]);
    return this.add('Clip', [normed, this.constant([], () => 0), this.constant([], () => 6)]);
  }

  /** x [.., in] · [in, out] + [out]. */
  dense(x: string, input: number, out: number): string {
    const product = this.add('MatMul', [x, this.weight([input, out])]);
    return this.add('Add', [product, this.constant([out], () => 0.1 * this.rng.normal())]);
  }

  norm(x: string, width: number): string {
    const [gain, shift] = [this.constant([width], () => 1), this.constant([width], () => 0)];
    return this.add('LayerNormalization', [x, gain, shift], [makeFloatAttribute('epsilon', 1e-5)]);
  }

  classifier(x: string, width: number): string {
    const flat = this.add('Flatten', [this.add('GlobalAveragePool', [x])]);
    const [weight, bias] = [this.weight([100, width]), this.constant([100], () => 0)];
    return this.add('Gemm', [flat, weight, bias], [makeIntegerAttribute('transB', 1)]);
  }

  model(shape: readonly number[], output: string): ModelProto {
    return createMessage('ModelProto', {
      irVersion: 8n,
      opsetImport: [createMessage('OperatorSetIdProto', { domain: '', version: 17n })],
      graph: createMessage('GraphProto', {
        name: 'calibration',
        node: this.nodes,
        initializer: this.weights,
        input: [createMessage('ValueInfoProto', { name: 'x', type: makeTensorType(DataType.FLOAT, shape) })],
        output: [createMessage('ValueInfoProto', { name: output })],
      }),
    });
  }

  /** He's initialisation, so that activations neither grow nor die. */
  private weight(dims: readonly number[]): string {
    const reads = dims.length === 2 ? dims[0]! : dims.slice(1).reduce((product, dim) => product * dim, 1);
    const deviation = Math.sqrt(2 / reads);
    return this.constant(dims, () => deviation * this.rng.normal());
  }

  private constant(dims: readonly number[], draw: () => number): string {
    const name = `c${this.weights.length}`;
    const size = dims.reduce((product, dim) => product * dim, 1);
    this.weights.push(makeFloats(name, Array.from({ length: size }, draw), dims));
    return name;
  }
}
