import { MorphError } from '../errors/morphError.js';
import type { Graph } from '../graph/graph.js';
import { ALL_RUNNABLE, type Unrunnable } from './foreignNodes.js';
import { type InferredShapes, inferShapes } from './inferShapes.js';
import type { InputShapes } from './inputShapes.js';

/** How ONNX Runtime 1.30 says that it does not have an operator, in this version, or for this processor. */
const COMPLAINTS: readonly RegExp[] = [
  /No Op registered for (\S+) with domain_version/,
  /error: (?:\S+:)?([^\s:(]+)\(-?\d+\) is not a registered function\/op/,
  /Could not find an implementation for (\S+)\(\d+\) node/,
  // TensorRT's plugins, of which it has nothing but the schemas.
  /schema\([^)]*::(\w+_TRT):/,
  /In Node, \(".*", (\w+_TRT), /,
];

/**
 * `inferShapes`, and which operators ONNX Runtime turns out not to have.
 *
 * @throws RUNTIME_REJECTED where ONNX Runtime refuses the model for another reason
 */
export async function inferRunnable(
  graph: Graph,
  inputShapes: InputShapes,
  label: string,
): Promise<InferredShapes & { readonly unrunnable: Unrunnable }> {
  let unrunnable = ALL_RUNNABLE;
  for (;;) {
    try {
      return { ...(await inferShapes(graph, inputShapes, label, unrunnable)), unrunnable };
    } catch (error) {
      const type = error instanceof MorphError && error.code === 'RUNTIME_REJECTED' ? typeIn(error.message) : undefined;
      if (type === undefined || unrunnable.types.has(type)) throw error;
      unrunnable = { ...unrunnable, types: new Set([...unrunnable.types, type]) };
    }
  }
}

function typeIn(message: string): string | undefined {
  for (const complaint of COMPLAINTS) {
    const found = complaint.exec(message);
    if (found !== null) return found[1];
  }
  return undefined;
}
