import type { Tensor1D } from '@tensorflow/tfjs-core';
import { biasAddend } from '../addend.js';
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie, tieSameAxes } from '../ties.js';
import { batchNormTraining } from './batchNormTraining.js';

interface BatchNormalizationAttributes {
  readonly epsilon: number;
  readonly momentum: number;
  readonly trainingMode: boolean;
  /** `spatial = 0` of opsets 7 and 8: statistics per element, not per channel. */
  readonly perActivation: boolean;
}

/**
 * BatchNormalization: `Y = (X − mean) / √(var + ε) · scale + B` per channel of X [N, C, spatial…].
 *
 * Training uses the statistics of the batch and updates the running ones,
 * `running = running · momentum + batch · (1 − momentum)`, the variance without bias (n − 1) as PyTorch does.
 */
export const batchNormalization: OpDef<BatchNormalizationAttributes> = {
  type: 'BatchNormalization',
  domain: '',
  since: 7,
  inputs: ['data', 'scale', 'shift', 'statistic', 'statistic'],
  attributes: (raw) => ({
    epsilon: raw.float('epsilon', 1e-5),
    momentum: raw.float('momentum', 0.9),
    trainingMode: raw.integer('training_mode', 0) !== 0,
    perActivation: raw.integer('spatial', 1) === 0,
  }),
  channels: (context, { trainingMode, perActivation }) => {
    if (trainingMode || perActivation) return [];
    return [
      ...tieSameAxes(context),
      ...[1, 2, 3, 4].map((input) => tie(inputAxis(context, input, 0), outputAxis(context, 0, 1))),
    ];
  },
  channelAxis: (_, { trainingMode, perActivation }) => (trainingMode || perActivation ? undefined : 1),
  storedStatistics: (_, { trainingMode, perActivation }) =>
    trainingMode || perActivation ? undefined : { mean: 3, variance: 4 },
  addsToOutput: (context, { trainingMode, perActivation }) =>
    trainingMode || perActivation ? undefined : biasAddend(context, 2, 1),
  addsToData: (_, { trainingMode, perActivation }, data) =>
    trainingMode || perActivation || data !== 0 ? undefined : { input: 3, inputAxis: 0, axis: 1, factor: -1 },
  lower: (tf, [x, scale, shift, runningMean, runningVariance], attributes, context) => {
    const { epsilon, momentum, trainingMode, perActivation } = attributes;
    if (trainingMode) return { untrainable: 'it was exported in training mode: export the model in evaluation mode' };
    if (perActivation) return { untrainable: 'it normalises each element by itself (spatial = 0)' };
    const toLast = [0, ...x!.shape.slice(2).map((_, axis) => axis + 2), 1];
    const toSecond = [0, x!.rank - 1, ...x!.shape.slice(2).map((_, axis) => axis + 1)];
    const nhwc = tf.transpose(x!, toLast);
    // TensorFlow normalises images alone: more spatial axes become one.
    const isVolume = nhwc.rank > 4;
    const image = isVolume ? tf.reshape(nhwc, [nhwc.shape[0]!, -1, 1, nhwc.shape.at(-1)!]) : nhwc;
    const normalize = (mean: Tensor1D, variance: Tensor1D) => {
      const y = tf.batchNorm(image, mean, variance, shift as Tensor1D, scale as Tensor1D, epsilon);
      return tf.transpose(isVolume ? tf.reshape(y, nhwc.shape) : y, toSecond);
    };
    if (!context.training) return [normalize(runningMean as Tensor1D, runningVariance as Tensor1D)];

    const { y, mean, variance } = batchNormTraining(tf, nhwc, scale as Tensor1D, shift as Tensor1D, epsilon);
    const count = nhwc.size / nhwc.shape.at(-1)!;
    const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
    context.updateStatistic(3, tf.add(tf.mul(runningMean!, momentum), tf.mul(mean, 1 - momentum)));
    context.updateStatistic(4, tf.add(tf.mul(runningVariance!, momentum), tf.mul(unbiased, 1 - momentum)));
    return [tf.transpose(y, toSecond)];
  },
};
