import type { PendingGraph } from '../pendingGraph.js';
import type { Traced } from '../traced.js';

/** The inputs of one kernel call, as traced values. */
export interface KernelInputs {
  /** @throws Error when the input is missing */
  get(name: string): Traced;
  /** undefined where an optional input is left out */
  optional(name: string): Traced | undefined;
  /** the inputs of a kernel that takes a list */
  all(): readonly Traced[];
}

/** How one tf.js kernel appends its ONNX nodes. */
export interface Kernel {
  /** the kernel name of tfjs-core */
  readonly name: string;
  trace(graph: PendingGraph, inputs: KernelInputs, attributes: unknown): Traced | readonly Traced[];
}

/** A kernel whose attributes have the type that tfjs-core declares for its name. */
export function kernel<A>(
  name: string,
  trace: (graph: PendingGraph, inputs: KernelInputs, attributes: A) => Traced | readonly Traced[],
): Kernel {
  return { name, trace: (graph, inputs, attributes) => trace(graph, inputs, attributes as A) };
}
