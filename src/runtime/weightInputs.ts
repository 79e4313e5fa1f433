import { makeTensorType } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import type { ModelProto, TensorProto } from '../onnx/messages.js';
import { tensorFloats } from '../onnx/tensorData.js';
import { elementCount, tensorShape } from '../onnx/tensorSize.js';
import { type Tensor, tensor } from './session.js';

/** Smaller initializers stay: they may be what shapes are made of, and cost nothing to load. */
const FED_ELEMENTS = 4096;

/** A model whose large weights are inputs, and what to feed them with. */
export interface FedModel {
  readonly model: ModelProto;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/**
 * Makes inputs of a model's large float32 initializers. ONNX Runtime then reads the weights where they are, instead of
 * parsing them and keeping a copy. Only for sessions without optimization: nothing can be folded into an input.
 *
 * @param dir folder of the model, for external data
 */
export function feedWeights(model: ModelProto, dir: string | undefined): FedModel {
  const { graph } = model;
  if (graph === undefined) return { model, feeds: {} };
  const given = new Set(graph.input.map(({ name }) => name));
  const isFed = (candidate: TensorProto) =>
    candidate.dataType === DataType.FLOAT && !given.has(candidate.name) && elementCount(candidate) > FED_ELEMENTS;
  const fed = graph.initializer.filter(isFed);
  const feeds: Record<string, Tensor> = {};
  const input = fed.map((weight) => {
    const { name = '' } = weight;
    const dims = tensorShape(weight);
    feeds[name] = tensor('float32', tensorFloats(weight, dir), dims);
    return createMessage('ValueInfoProto', { name, type: makeTensorType(DataType.FLOAT, dims) });
  });
  const initializer = graph.initializer.filter((candidate) => !isFed(candidate));
  return { model: { ...model, graph: { ...graph, initializer, input: [...graph.input, ...input] } }, feeds };
}
