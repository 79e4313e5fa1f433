import * as tfjs from '@tensorflow/tfjs-core';

/** The part of tf.js that the loss needs. */
export type CrossEntropyTensorFlow = Pick<
  typeof tfjs,
  | 'cast'
  | 'customGrad'
  | 'engine'
  | 'exp'
  | 'expandDims'
  | 'getBackend'
  | 'getKernel'
  | 'log'
  | 'max'
  | 'mul'
  | 'neg'
  | 'sub'
  | 'sum'
>;

/**
 * `−Σ labels · log softmax(logits)` over one axis, with the gradient `dy · (softmax · Σ labels − labels)` instead of one
 * through the logarithm. On any backend; one kernel on this one.
 *
 * @param labels shares of the classes, in the shape of the logits; one-hot, smoothed, or another network's
 * @param axis of the classes
 * @returns the shape of the logits without the axis
 * @throws Error where the shapes differ
 */
export function softmaxCrossEntropy(
  labels: tfjs.Tensor,
  logits: tfjs.Tensor,
  axis = -1,
  tf: CrossEntropyTensorFlow = tfjs,
): tfjs.Tensor {
  const classes = axis < 0 ? axis + logits.rank : axis;
  if (labels.shape.join() !== logits.shape.join() || logits.shape[classes] === undefined) {
    throw new Error(
      `softmaxCrossEntropy: labels [${labels.shape}] and logits [${logits.shape}] have to have one shape, and an axis ${axis}`,
    );
  }
  const inputs = { features: logits, labels: tf.cast(labels, 'float32') };
  if (tf.getKernel(kernelName, tf.getBackend()) != null) {
    return tf.engine().runKernel<tfjs.Tensor[]>(kernelName, inputs, { axis: classes })[0]!;
  }
  return composed(tf, inputs.features, inputs.labels, classes);
}

const kernelName = 'SoftmaxCrossEntropyWithLogits';

function composed(tf: CrossEntropyTensorFlow, logits: tfjs.Tensor, labels: tfjs.Tensor, axis: number): tfjs.Tensor {
  const loss = tf.customGrad((features, shares, save) => {
    const [x, t] = [features as tfjs.Tensor, shares as tfjs.Tensor];
    const shifted = tf.sub(x, tf.max(x, axis, true));
    const logarithms = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), axis, true)));
    (save as tfjs.GradSaveFunc)([logarithms, t]);
    return {
      value: tf.neg(tf.sum(tf.mul(t, logarithms), axis)),
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        const [logs, targets] = saved as [tfjs.Tensor, tfjs.Tensor];
        const errors = tf.sub(tf.mul(tf.exp(logs), tf.sum(targets, axis, true)), targets);
        const each = tf.expandDims(dy, axis);
        return [tf.mul(each, errors), tf.mul(each, tf.neg(logs))];
      },
    };
  });
  return loss(logits, labels);
}
