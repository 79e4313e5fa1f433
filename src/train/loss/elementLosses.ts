/** @file Losses of each element of the first output by itself: squares, and cross-entropy of yes and no. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { dataErrors } from '../../errors/dataErrors.js';
import type { Value } from '../../graph/graph.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Tf } from '../../ops/opDef.js';
import type { Loss, Objective } from './objective.js';

/** Mean of `(x − t)²` over all elements of the first output. */
export const meanSquares: Loss = {
  name: 'mse',
  measures: [],
  on: (bound) => elementwise(bound.graph.outputs[0]!, meanSquare),
};

/**
 * Mean of `−t · log σ(x) − (1 − t) · log(1 − σ(x))` over all elements, where x is the first output, or what goes into it
 * where it is a Sigmoid.
 */
export const binaryCrossEntropy: Loss = {
  name: 'bce',
  measures: [],
  on: (bound) => elementwise(beforeSigmoid(bound, bound.graph.outputs[0]!), sigmoidCrossEntropy),
};

function elementwise(value: Value, lossOf: (tf: Tf, x: Tensor, targets: Tensor) => Scalar): Objective {
  return {
    values: [value],
    inputCount: 1,
    inputs: (tf, { targets }) => {
      if (targets === undefined) throw dataErrors.noLabels('a batch', 'training');
      return [tf.tensor(targets.data, [...targets.shape], 'float32')];
    },
    evaluate: (tf, [x], [targets]) => {
      // [N] and [N, 1] are the same numbers; all else was found to fit before.
      if (x!.size !== targets!.size) throw dataErrors.targetShape('a batch', targets!.shape, value.name, x!.shape);
      return { loss: lossOf(tf, x!, tf.reshape(targets!, x!.shape)), measures: {} };
    },
  };
}

/** Whether the first output is that of a Sigmoid: probabilities, not logits. */
export function endsInSigmoid(bound: BoundModel): boolean {
  const output = bound.graph.outputs[0]!;
  return beforeSigmoid(bound, output) !== output;
}

function beforeSigmoid(bound: BoundModel, output: Value): Value {
  const producer = output.producer === undefined ? undefined : bound.bound(output.producer);
  const isSigmoid = producer?.known === true && producer.op.saturates === 'sigmoid';
  return (isSigmoid ? producer.node.inputs[0] : undefined) ?? output;
}

/** Mean of `(x − t)²`. */
export function meanSquare(tf: Tf, x: Tensor, targets: Tensor): Scalar {
  return tf.mean(tf.square(tf.sub(x, targets))) as Scalar;
}

/** Written as `max(x, 0) − x · t + log(1 + e^−|x|)`, which never overflows; its gradient is `(σ(x) − t) / size`. */
export function sigmoidCrossEntropy(tf: Tf, logits: Tensor, targets: Tensor): Scalar {
  const fused = tf.customGrad((x: Tensor | ((tensors: Tensor[]) => void), save: unknown) => {
    const from = x as Tensor;
    (save as (tensors: Tensor[]) => void)([tf.sub(tf.sigmoid(from), targets)]);
    const rest = tf.log1p(tf.exp(tf.neg(tf.abs(from))));
    const value = tf.mean(tf.add(tf.sub(tf.relu(from), tf.mul(from, targets)), rest));
    const gradFunc = (dy: Tensor, [saved]: Tensor[]) => tf.mul(saved!, tf.div(dy, logits.size));
    return { value, gradFunc };
  });
  return fused(logits) as Scalar;
}
