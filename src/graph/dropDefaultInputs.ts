import type { ModelProto } from '../onnx/messages.js';

/** Since this version of the format, an initializer need not be listed among the graph's inputs. */
const IR_VERSION = 4n;

/**
 * Takes the initializers of an old model from the list of its graph inputs.
 *
 * Before IR version 4 every initializer had to stand there, so it says nothing; since then it says that the caller may
 * replace the value. ONNX Runtime treats them as constants in old models too.
 */
export function dropDefaultInputs(model: ModelProto): ModelProto {
  const { graph, irVersion = 0n } = model;
  if (graph === undefined || irVersion >= IR_VERSION) return model;
  const defaults = new Set(graph.initializer.map(({ name }) => name));
  const input = graph.input.filter(({ name }) => !defaults.has(name));
  if (input.length === graph.input.length) return model;
  return { ...model, irVersion: IR_VERSION, graph: { ...graph, input } };
}
