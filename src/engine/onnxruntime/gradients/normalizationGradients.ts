import { expandDims, type GradConfig, mul, neg } from '@tensorflow/tfjs-core';
import { gradientOfList } from './gradient.js';
import { runKernels } from './runKernel.js';

/** The statistics are for those who look: no gradient is taken through them. */
const layerNormGradient = gradientOfList<{ readonly axis: number; readonly epsilon: number }>(
  'LayerNormalization',
  { inputs: ['x', 'scale'], outputs: [false, true, true] },
  ([dy], [x, scale, mean, inverseDeviation], attributes) => {
    const inputs = { dy: dy!, x: x!, scale: scale!, mean: mean!, inverseDeviation: inverseDeviation! };
    // tf.js disposes what a thunk makes beside its result; ONNX Runtime computes what is equal once.
    const part = (index: number) => () => runKernels('LayerNormalizationGrad', inputs, attributes)[index]!;
    return { x: part(0), scale: part(1), offset: part(2) };
  },
);

/** Gradients of what has a softmax, or a normalisation over the last axes, in one kernel. */
export const normalizationGradients: readonly GradConfig[] = [
  layerNormGradient,
  gradientOfList<{ readonly axis: number }>(
    'SoftmaxCrossEntropyWithLogits',
    { outputs: [false, true, true] },
    ([dy], [backprop, logarithms], { axis }) => ({
      features: () => mul(expandDims(dy!, axis), backprop!),
      labels: () => mul(expandDims(dy!, axis), neg(logarithms!)),
    }),
  ),
];
