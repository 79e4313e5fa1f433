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

/** Inputs that one kernel hands to another. */
export function inputsOf(kernelName: string, named: Readonly<Record<string, Traced | undefined>>): KernelInputs {
  return {
    get(name) {
      const value = named[name];
      if (value === undefined) throw new Error(`onnxruntime backend: kernel ${kernelName} misses its input '${name}'`);
      return value;
    },
    optional: (name) => named[name],
    all: () => Object.values(named).filter((value) => value !== undefined),
  };
}

/** Runs a kernel of one output within another. */
export function traceWith(
  { name, trace }: Kernel,
  graph: PendingGraph,
  named: Readonly<Record<string, Traced | undefined>>,
  attributes: unknown = {},
): Traced {
  return trace(graph, inputsOf(name, named), attributes) as Traced;
}
