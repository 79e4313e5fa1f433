import { engine, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';

type Attributes = Parameters<ReturnType<typeof engine>['runKernel']>[2];

/** Runs a kernel that has no public tf.js operator. */
export function runKernel(name: string, inputs: NamedTensorMap, attributes: object = {}): Tensor {
  return engine().runKernel<Tensor>(name, inputs, attributes as Attributes);
}

/** `runKernel` for a kernel with several outputs. */
export function runKernels(name: string, inputs: NamedTensorMap, attributes: object = {}): Tensor[] {
  return engine().runKernel<Tensor[]>(name, inputs, attributes as Attributes);
}
