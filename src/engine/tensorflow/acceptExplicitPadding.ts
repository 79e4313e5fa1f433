import type { KernelFunc, NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../ops/opDef.js';

/** A kernel that refuses explicit padding, or does not hand it on. */
interface StrictKernel {
  readonly name: string;
  /** The input that is padded beforehand; the gradient of a convolution's input has its shape in an attribute. */
  readonly input?: string;
  /** What the input is padded with. */
  readonly filler: number;
  /** Its result has the shape of the padded input. */
  readonly isCut: boolean;
}

// AvgPool is not among them: what it may count depends on where the padding is.
const strictKernels: readonly StrictKernel[] = [
  { name: 'Conv2DBackpropFilter', input: 'x', filler: 0, isCut: false },
  { name: 'Conv2DBackpropInput', filler: 0, isCut: true },
  { name: 'DepthwiseConv2dNativeBackpropFilter', input: 'x', filler: 0, isCut: false },
  { name: 'DepthwiseConv2dNativeBackpropInput', filler: 0, isCut: true },
  { name: 'MaxPool', input: 'x', filler: Number.NEGATIVE_INFINITY, isCut: false },
  { name: 'MaxPoolGrad', input: 'input', filler: Number.NEGATIVE_INFINITY, isCut: true },
];

type Padding = [before: number, after: number];

const accepting = new WeakSet<KernelFunc>();

/**
 * Makes the kernels of a backend take explicit padding where `@tensorflow/tfjs-node` takes it in the forward
 * convolution alone: they run as 'valid' on an input that is padded beforehand, and a gradient of that input is cut
 * back to what was there. A second call does nothing.
 */
export function acceptExplicitPadding(tf: Tf, backendName: string): void {
  for (const kernel of strictKernels) {
    const config = tf.getKernel(kernel.name, backendName);
    if (config == null || accepting.has(config.kernelFunc)) continue;
    const kernelFunc: KernelFunc = (call) => {
      const attributes = call.attrs ?? {};
      const { pad } = attributes;
      return isExplicit(pad)
        ? runPadded(tf, kernel, pad, call.inputs as NamedTensorMap, attributes)
        : config.kernelFunc(call);
    };
    accepting.add(kernelFunc);
    tf.unregisterKernel(kernel.name, backendName);
    tf.registerKernel({ ...config, kernelFunc });
  }
}

function isExplicit(pad: unknown): pad is Padding[] {
  return Array.isArray(pad);
}

function runPadded(
  tf: Tf,
  { name, input, filler, isCut }: StrictKernel,
  padding: Padding[],
  inputs: NamedTensorMap,
  attributes: NamedAttrMap,
): Tensor {
  const shape = input === undefined ? (attributes.inputShape as unknown as number[]) : inputs[input]!.shape;
  const whole = shape.map((size, axis) => padding[axis]![0] + size + padding[axis]![1]);
  return tf.tidy(() => {
    const padded = input === undefined ? {} : { [input]: tf.pad(inputs[input]!, padding, filler) };
    // The same kernel once more, which now finds a padding that it knows.
    const result = tf.engine().runKernel<Tensor>(
      name,
      { ...inputs, ...padded },
      {
        ...attributes,
        pad: 'valid',
        ...(input === undefined ? { inputShape: whole } : {}),
      },
    );
    if (!isCut) return result;
    return tf.slice(
      result,
      padding.map(([before]) => before),
      shape,
    );
  });
}
