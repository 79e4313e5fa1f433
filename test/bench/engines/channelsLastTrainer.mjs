import { tensorFloats } from '../../../dist/onnx/tensorData.js';
import { crossEntropy } from '../../../dist/train/loss/crossEntropy.js';
import { Optimizer } from '../../../dist/train/optimizer.js';

/** Share of the labels that is spread over all classes. */
const SMOOTHING = 0.1;

/** Operators in tf.js's own layout: inputs [N, H, W, C] and [N, C], attributes of the record, the node's variables. */
const OPERATORS = {
  Conv: (tf, [x], { strides, pads, group }, [filter]) => {
    const pad = imagePadding(pads);
    if (group > 1) return tf.depthwiseConv2d(x, filter, strides, pad);
    return tf.conv2d(x, filter, strides, pad);
  },
  BatchNormalization: (tf, [x], { epsilon, momentum }, [gain, shift, runningMean, runningVariance]) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    for (const [running, now] of [
      [runningMean, mean],
      [runningVariance, variance],
    ]) {
      running.assign(tf.add(tf.mul(running, momentum), tf.mul(now, 1 - momentum)));
    }
    return tf.batchNorm(x, mean, variance, shift, gain, epsilon);
  },
  Relu: (tf, [x]) => tf.relu(x),
  Clip: (tf, [x]) => tf.relu6(x),
  Add: (tf, [a, b]) => tf.add(a, b),
  MaxPool: (tf, [x], { kernel_shape, strides, pads }) => tf.maxPool(x, kernel_shape, strides, imagePadding(pads)),
  GlobalAveragePool: (tf, [x]) => tf.mean(x, [1, 2]),
  Flatten: (_, [x]) => x,
  Gemm: (tf, [x], _, [weight, bias]) => tf.add(tf.matMul(x, weight, false, true), bias),
  Identity: (_, [x]) => x,
};

const imagePadding = ([top = 0, left = 0, bottom = 0, right = 0] = []) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/**
 * Trains the convolutional networks of the benchmark as one would write it in plain tf.js. It prepares steps as the
 * project's own trainer does.
 */
export class ChannelsLastTrainer {
  #parameters = [];
  #variables = new Map();
  #steps = 0;

  /** @returns undefined for networks with other operators */
  static of(tf, bound, options) {
    const isKnown = bound.graph.nodes.every(({ opType }) => opType in OPERATORS);
    return isKnown ? new ChannelsLastTrainer(tf, bound, options) : undefined;
  }

  constructor(tf, bound, options) {
    this.tf = tf;
    this.options = options;
    this.nodes = bound.graph.nodes.map((node) => ({ node, attributes: attributesOf(node) }));
    for (const value of bound.graph.values) this.#store(bound, value);
    this.optimizer = new Optimizer(tf, this.#parameters, options);
  }

  prepare() {
    const { tf } = this;
    return async ({ x, y }, { learningRate }) => {
      const loss = tf.tidy(() => {
        const [batch, channels, height, width] = x.shape;
        const image = tf.transpose(tf.tensor(x.data, [batch, channels, height, width]), [0, 2, 3, 1]);
        const objective = () => this.#loss(image, y);
        const { value, grads } = tf.variableGrads(objective, this.#parameters);
        const [rate, firstBias, secondBias] = Optimizer.sizesOf(++this.#steps, learningRate).map((n) => tf.scalar(n));
        this.optimizer.apply(grads, { learningRate: rate, firstBias, secondBias });
        return value;
      });
      const [value] = await loss.data();
      loss.dispose();
      if (!Number.isFinite(value)) throw new Error('the loss is not finite');
      return { loss: value };
    };
  }

  #loss(image, y) {
    const { tf } = this;
    const values = new Map([['x', image]]);
    for (const { node, attributes } of this.nodes) {
      const inputs = node.inputs.filter((value) => values.has(value.name)).map((value) => values.get(value.name));
      const stored = node.inputs.flatMap((value) => this.#variables.get(value.name) ?? []);
      values.set(node.outputs[0].name, OPERATORS[node.opType](tf, inputs, attributes, stored));
    }
    const logits = values.get('y');
    const labels = tf.cast(tf.oneHot(tf.tensor1d(y, 'int32'), logits.shape[1]), 'float32');
    return crossEntropy(tf, logits, labels, SMOOTHING);
  }

  #store(bound, value) {
    const { tf } = this;
    const tensor = bound.constant(value);
    const [use] = value.uses;
    if (tensor === undefined || use === undefined || use.node.opType === 'Clip') return;
    const { dims } = bound.typeOf(value);
    const isStatistic = use.node.opType === 'BatchNormalization' && use.input > 2;
    const variable = tf.tidy(() => {
      const floats = tf.tensor(Float32Array.from(tensorFloats(tensor)), dims, 'float32');
      if (use.node.opType !== 'Conv') return tf.variable(floats, !isStatistic);
      // OIHW → HWIO; one filter per channel is HWC1 in tf.js.
      const isDepthwise = attributesOf(use.node).group > 1;
      return tf.variable(tf.transpose(floats, isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]), true);
    });
    this.#variables.set(value.name, variable);
    if (!isStatistic) this.#parameters.push(variable);
  }
}

function attributesOf({ proto }) {
  return Object.fromEntries(
    proto.attribute.map(({ name, type, i, f, ints }) => [
      name,
      type === 7 ? ints.map(Number) : type === 1 ? f : Number(i),
    ]),
  );
}
