import type { ModelProto } from '../onnx/messages.js';

/** Since this version of the format, an initializer need not be listed among the graph's inputs. */
const IR_VERSION = 4n;

/**
 * Takes initializers from the list of graph inputs where they stand there by convention.
 *
 * Before IR version 4 every initializer had to be listed, so it says nothing; exporters went on to do so for years
 * (PyTorch's `keep_initializers_as_inputs`). Since then a listed one may be replaced by the caller: where only some are
 * listed that is meant, and they are left alone. ONNX Runtime treats those of old models as constants too.
 */
export function dropDefaultInputs(model: ModelProto): ModelProto {
  const { graph, irVersion = 0n } = model;
  if (graph === undefined || graph.initializer.length === 0) return model;
  const listed = new Set(graph.input.map(({ name }) => name));
  const isConvention = irVersion < IR_VERSION || graph.initializer.every(({ name }) => listed.has(name));
  if (!isConvention) return model;
  const defaults = new Set(graph.initializer.map(({ name }) => name));
  const input = graph.input.filter(({ name }) => !defaults.has(name));
  if (input.length === graph.input.length) return model;
  return { ...model, irVersion: irVersion < IR_VERSION ? IR_VERSION : irVersion, graph: { ...graph, input } };
}
