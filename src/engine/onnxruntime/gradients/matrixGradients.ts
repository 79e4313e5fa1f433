import {
  add,
  type BatchMatMulAttrs,
  type Conv2DAttrs,
  type Conv2DBackpropInputAttrs,
  type DepthwiseConv2dNativeAttrs,
  type FusedBatchNormAttrs,
  type GradConfig,
  matMul,
  mul,
  neg,
  type ResizeBilinearAttrs,
  rsqrt,
  scalar,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { checkDilation, gradient, gradientOfList, unbroadcast } from './gradient.js';
import { runKernel, runKernels } from './runKernel.js';

function matMulGradient(dy: Tensor, a: Tensor, b: Tensor, { transposeA, transposeB }: BatchMatMulAttrs) {
  return {
    a: () => unbroadcast(transposeA ? matMul(b, dy, transposeB, true) : matMul(dy, b, false, !transposeB), a.shape),
    b: () => unbroadcast(transposeB ? matMul(dy, a, true, transposeA) : matMul(a, dy, !transposeA, false), b.shape),
  };
}

/** Where each of a statistic's elements was broadcast over x. */
function sumLike(value: Tensor, like: Tensor): Tensor {
  return unbroadcast(value, like.shape);
}

// With k = 1/√(variance + ε): y = (x − mean) · k · scale + offset.
function batchNormGradient(dy: Tensor, saved: readonly Tensor[], { varianceEpsilon }: FusedBatchNormAttrs) {
  const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor | undefined];
  const k = rsqrt(add(variance, scalar(varianceEpsilon)));
  const factor = scale === undefined ? k : mul(k, scale);
  const errors = sumLike(dy, mean);
  const products = sumLike(mul(dy, sub(x, mean)), mean);
  return {
    x: () => mul(dy, factor),
    mean: () => neg(mul(errors, factor)),
    variance: () => mul(scalar(-0.5), mul(products, mul(factor, mul(k, k)))),
    scale: () => mul(products, k),
    offset: () => errors,
  };
}

/** The statistics are for the running ones: no gradient is taken through them. */
const batchNormTrainingGradient = gradientOfList<{ readonly epsilon: number }>(
  'FusedBatchNormV3',
  { inputs: ['x', 'scale'], outputs: [false, true, true] },
  ([dy], [x, scale, mean, variance], attributes) => {
    // tf.js disposes what a thunk makes beside its result; ONNX Runtime computes what is equal once.
    const part = (index: number) => () =>
      runKernels(
        'FusedBatchNormGradV3',
        { dy: dy!, x: x!, scale: scale!, mean: mean!, variance: variance! },
        attributes,
      )[index]!;
    return { x: part(0), scale: part(1), offset: part(2) };
  },
);

function resizeGradient(name: 'ResizeBilinear' | 'ResizeNearestNeighbor'): GradConfig {
  return gradient<ResizeBilinearAttrs>(name, { inputs: ['images'] }, (dy, [images], attributes) => ({
    images: () => runKernel(`${name}Grad`, { dy, images: images! }, attributes),
  }));
}

/** tf.js's own, and the dilations that the gradient of a dilated convolution hands on. */
interface BackpropInputAttrs extends Conv2DBackpropInputAttrs {
  readonly dilations?: Conv2DAttrs['dilations'];
}

/** Gradients of products, convolutions, normalisation and resizing. */
export const matrixGradients: readonly GradConfig[] = [
  gradient<BatchMatMulAttrs>('BatchMatMul', { inputs: ['a', 'b'] }, (dy, [a, b], attributes) =>
    matMulGradient(dy, a!, b!, attributes),
  ),
  gradient<Conv2DAttrs>('Conv2D', { inputs: ['x', 'filter'] }, (dy, [x, filter], attributes) => {
    const { dilations, strides, pad, dataFormat, dimRoundingMode } = attributes;
    checkDilation('Conv2D', dilations);
    const common = { strides, pad, dataFormat, dimRoundingMode, dilations };
    return {
      x: () => runKernel('Conv2DBackpropInput', { dy, filter: filter! }, { ...common, inputShape: x!.shape }),
      filter: () => runKernel('Conv2DBackpropFilter', { x: x!, dy }, { ...common, filterShape: filter!.shape }),
    };
  }),
  gradient<BackpropInputAttrs>('Conv2DBackpropInput', { inputs: ['dy', 'filter'] }, (ddx, saved, attributes) => {
    const [dy, filter] = saved as [Tensor, Tensor];
    const { strides, pad, dataFormat, dimRoundingMode, dilations = 1 } = attributes;
    const common = { strides, pad, dataFormat, dimRoundingMode, dilations };
    return {
      dy: () => runKernel('Conv2D', { x: ddx, filter }, common),
      filter: () => runKernel('Conv2DBackpropFilter', { x: ddx, dy }, { ...common, filterShape: filter.shape }),
    };
  }),
  gradient<DepthwiseConv2dNativeAttrs>(
    'DepthwiseConv2dNative',
    { inputs: ['x', 'filter'] },
    (dy, [x, filter], attributes) => {
      const { dilations, strides, pad, dimRoundingMode } = attributes;
      checkDilation('DepthwiseConv2dNative', dilations);
      const common = { strides, pad, dilations, dimRoundingMode };
      const name = 'DepthwiseConv2dNativeBackprop';
      return {
        x: () => runKernel(`${name}Input`, { dy, filter: filter! }, { ...common, inputShape: x!.shape }),
        filter: () => runKernel(`${name}Filter`, { x: x!, dy }, { ...common, filterShape: filter!.shape }),
      };
    },
  ),
  batchNormTrainingGradient,
  gradient<FusedBatchNormAttrs>('FusedBatchNorm', { inputs: ['x', 'mean', 'variance', 'scale'] }, batchNormGradient),
  resizeGradient('ResizeBilinear'),
  resizeGradient('ResizeNearestNeighbor'),
];
