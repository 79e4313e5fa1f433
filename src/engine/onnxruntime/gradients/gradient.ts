import {
  broadcast_util,
  broadcastTo,
  cast,
  engine,
  type GradConfig,
  mul,
  reshape,
  sum,
  type Tensor,
  zerosLike,
} from '@tensorflow/tfjs-core';

type Thunks = Record<string, () => Tensor>;

/** What a gradient keeps from the forward pass. */
interface Saved {
  readonly inputs?: readonly string[];
  /** one flag per output */
  readonly outputs?: readonly boolean[];
  readonly allInputs?: boolean;
}

/** The gradient of a kernel with one output; `attributes` has the type that tfjs-core declares for its name. */
export function gradient<A>(
  kernelName: string,
  saved: Saved,
  derive: (dy: Tensor, saved: readonly Tensor[], attributes: A) => Thunks,
): GradConfig {
  return gradientOfList<A>(kernelName, saved, (dys, tensors, attributes) => derive(dys[0]!, tensors, attributes));
}

/** The gradient of a kernel with several outputs. */
export function gradientOfList<A>(
  kernelName: string,
  saved: Saved,
  derive: (dys: readonly Tensor[], saved: readonly Tensor[], attributes: A) => Thunks,
): GradConfig {
  return {
    kernelName,
    ...(saved.inputs === undefined ? {} : { inputsToSave: [...saved.inputs] }),
    ...(saved.outputs === undefined ? {} : { outputsToSave: [...saved.outputs] }),
    ...(saved.allInputs === undefined ? {} : { saveAllInputs: saved.allInputs }),
    gradFunc: (dy, tensors, attributes) => derive(Array.isArray(dy) ? dy : [dy], tensors, attributes as unknown as A),
  };
}

/** dx = dy · slope(x), for a kernel whose only input is called `x`. */
export function slopeOfInput<A = unknown>(kernelName: string, slope: (x: Tensor, attributes: A) => Tensor): GradConfig {
  return gradient<A>(kernelName, { inputs: ['x'] }, (dy, [x], attributes) => ({
    x: () => mul(dy, slope(x!, attributes)),
  }));
}

/** dx = dy · slope(y), from the result of the kernel. */
export function slopeOfOutput(kernelName: string, slope: (y: Tensor) => Tensor): GradConfig {
  return gradient(kernelName, { outputs: [true] }, (dy, [y]) => ({ x: () => mul(dy, slope(y!)) }));
}

/** A kernel that is constant almost everywhere. */
export function flat(kernelName: string, ...inputs: readonly string[]): GradConfig {
  return gradient(kernelName, { inputs }, (_dy, saved) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => zeros(saved[i]!)])),
  );
}

/** dy where the condition holds, zero elsewhere. In ONNX Runtime a product takes a third of the time of a Where. */
export function masked(dy: Tensor, condition: Tensor): Tensor {
  return mul(dy, cast(condition, 'float32'));
}

/** float32 zeros in the shape of a tensor: gradients of integers are floats, too. */
export function zeros(like: Tensor): Tensor {
  return zerosLike(cast(like, 'float32'));
}

/** Sums a gradient over the axes along which its operand was broadcast. */
export function unbroadcast(dy: Tensor, shape: readonly number[]): Tensor {
  const axes = broadcast_util.getReductionAxes([...shape], dy.shape);
  return reshape(axes.length > 0 ? sum(dy, axes) : dy, [...shape]);
}

/** Puts a reduced gradient back along the axes of a reduction. */
export function repeatAlong(dy: Tensor, shape: readonly number[], axes: readonly number[]): Tensor {
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return broadcastTo(reshape(dy, kept), [...shape]);
}

/**
 * The gradient kernels of tf.js's own backends know no dilation, and would take the filter for a dense one.
 * @throws Error where a filter is dilated on one of them
 */
export function checkDilation(name: string, dilations: number | readonly number[]): void {
  const all = typeof dilations === 'number' ? [dilations] : dilations;
  const backend = engine().backendName;
  if (backend !== 'onnxruntime' && all.some((dilation) => dilation !== 1)) {
    throw new Error(`${name}: backend '${backend}' has no gradient for dilations ${dilations}; use 'onnxruntime'`);
  }
}
