import type { GradConfig, MaxPoolAttrs } from '@tensorflow/tfjs-core';
import { gradient } from './gradient.js';
import { runKernel } from './runKernel.js';

// The gradient has to know the rounding as well: it decides how large dy is.
function poolGradient(name: 'AvgPool' | 'AvgPool3D'): GradConfig {
  return gradient<MaxPoolAttrs>(name, { inputs: ['x'] }, (dy, [x], { filterSize, strides, pad, dimRoundingMode }) => ({
    x: () => runKernel(`${name}Grad`, { dy, input: x! }, { filterSize, strides, pad, dimRoundingMode }),
  }));
}

function maxPoolGradient(name: 'MaxPool' | 'MaxPool3D'): GradConfig {
  return gradient<MaxPoolAttrs>(name, { inputs: ['x'], outputs: [true] }, (dy, [x, y], attributes) => {
    const { filterSize, strides, pad, dimRoundingMode } = attributes;
    const inputs = { dy, input: x!, output: y! };
    return { x: () => runKernel(`${name}Grad`, inputs, { filterSize, strides, pad, dimRoundingMode }) };
  });
}

/** Gradients of pools over two and three axes. */
export const poolGradients: readonly GradConfig[] = [
  poolGradient('AvgPool'),
  poolGradient('AvgPool3D'),
  maxPoolGradient('MaxPool'),
  maxPoolGradient('MaxPool3D'),
];
