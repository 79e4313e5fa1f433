/** @file Conv and Gemm with the activation that ONNX Runtime's optimizer put into them. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import { conv } from '../convolution/conv.js';
import { gemm } from '../dense/gemm.js';
import { hasInput, inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import { tie } from '../ties.js';

/** An activation by name, with its numbers in the order of its ONNX operator's attributes. */
interface Activation {
  readonly name: string;
  readonly numbers: readonly (number | undefined)[];
}

type Apply = (tf: Tf, x: Tensor, numbers: Activation['numbers']) => Tensor;

/** Activations that work on each element by itself. */
const ACTIVATIONS: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['', (_, x) => x],
  ['Relu', (tf, x) => tf.relu(x)],
  ['Sigmoid', (tf, x) => tf.sigmoid(x)],
  ['Tanh', (tf, x) => tf.tanh(x)],
  ['LeakyRelu', (tf, x, [alpha = 0.01]) => tf.leakyRelu(x, alpha)],
  ['Clip', (tf, x, [min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY]) => tf.clipByValue(x, min, max)],
  ['HardSigmoid', (tf, x, [alpha = 0.2, beta = 0.5]) => tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1)],
]);

/** Record of an operator with an activation; a fourth input has the shape of the output, and is added before it. */
function withActivation<A>(
  base: OpDef<A>,
  type: string,
  activationOf: (raw: Attributes) => Activation,
): OpDef<{ readonly base: A; readonly activation: Activation }> {
  const { macs, resize } = base;
  return {
    type,
    domain: 'com.microsoft',
    since: 1,
    inputs: [...base.inputs, 'data'],
    attributes: (raw) => ({ base: base.attributes(raw), activation: activationOf(raw) }),
    ...(macs === undefined ? {} : { macs: (context, attributes) => macs(context, attributes.base) }),
    channels: (context, attributes) => {
      const relations = base.channels(context, attributes.base);
      if (!ACTIVATIONS.has(attributes.activation.name) || relations.length === 0) return [];
      if (!hasInput(context, 3)) return relations;
      const axes = context.outputDims(0).keys();
      return [
        ...relations,
        ...Array.from(axes, (axis) => tie(inputAxis(context, 3, axis), outputAxis(context, 0, axis))),
      ];
    },
    lower: (tf, inputs, attributes, context) => {
      const activate = ACTIVATIONS.get(attributes.activation.name);
      if (activate === undefined) return { untrainable: `its activation '${attributes.activation.name}' is not known` };
      const outputs = base.lower(tf, inputs, attributes.base, context);
      if ('untrainable' in outputs) return outputs;
      const [y] = outputs;
      const sum = inputs[3] === undefined ? y! : tf.add(y!, inputs[3]);
      return [activate(tf, sum, attributes.activation.numbers)];
    },
    ...(resize === undefined ? {} : { resize: (context, attributes) => resize(context, attributes.base) }),
  };
}

/** FusedConv: a Conv, a sum with its fourth input Z, and an activation. */
export const fusedConv: OpDef = withActivation(conv, 'FusedConv', (raw) => ({
  name: raw.string('activation', ''),
  numbers: raw.floats('activation_params') ?? [],
}));

/** FusedGemm: a Gemm and an activation. */
export const fusedGemm: OpDef = withActivation(gemm, 'FusedGemm', (raw) => ({
  name: raw.string('activation', ''),
  numbers: [raw.float('activation_alpha'), raw.float('activation_beta')],
}));
