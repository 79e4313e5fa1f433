import { engine, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';

/** Runs a kernel that has no public tf.js operator. */
export function runKernel(name: string, inputs: NamedTensorMap, attributes: object = {}): Tensor {
  return engine().runKernel<Tensor>(name, inputs, attributes as Parameters<ReturnType<typeof engine>['runKernel']>[2]);
}
