import type { Tensor } from '@tensorflow/tfjs-core';
import { hasInput, type NodeContext } from '../nodeContext.js';
import type { LowerContext, OpDef, Tf } from '../opDef.js';
import { tieSameAxes } from '../ties.js';

/** Inverted dropout, `Y = X · mask / (1 − ratio)`; the identity outside training. */
function drop(tf: Tf, x: Tensor, ratio: number, context: LowerContext): readonly Tensor[] {
  if (!context.training || ratio <= 0) return [tf.clone(x)];
  const noise = context.noise(x.shape);
  const mask = tf.cast(tf.greaterEqual(noise, ratio), 'float32');
  return [tf.mul(x, tf.div(mask, 1 - ratio))];
}

const channels = (context: NodeContext) =>
  context.node.outputs.flatMap((output, index) => (output === undefined ? [] : tieSameAxes(context, 0, index)));

/** Dropout with its ratio as an attribute (opset 7 to 11). */
export const dropoutAttributes: OpDef<{ ratio: number }> = {
  type: 'Dropout',
  domain: '',
  since: 7,
  until: 11,
  inputs: ['data'],
  attributes: (raw) => ({ ratio: raw.float('ratio', 0.5) }),
  isPointwise: true,
  channels,
  lower: (tf, [x], { ratio }, context) => drop(tf, x!, ratio, context),
};

/** Dropout with ratio and training_mode as inputs (opset 12 and later). */
export const dropout: OpDef = {
  type: 'Dropout',
  domain: '',
  since: 12,
  inputs: ['data', 'setting', 'setting'],
  attributes: (raw) => raw.ignore('seed'),
  axisOrder: (context) => {
    const isInference = !hasInput(context, 2) || context.numbers(2)?.[0] === 0;
    return isInference ? [...context.inputDims(0).keys()] : undefined;
  },
  channels,
  lower: (tf, [x], _, context) => drop(tf, x!, context.numbers(1)?.[0] ?? 0.5, context),
};
