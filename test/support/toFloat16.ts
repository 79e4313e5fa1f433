import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import { encodeFloat16 } from '../../src/onnx/float16.js';
import type { ModelProto, TensorProto, ValueInfoProto } from '../../src/onnx/messages.js';
import { createTensor, tensorFloats } from '../../src/onnx/tensorData.js';
import { tensorShape } from '../../src/onnx/tensorSize.js';

/** A model whose inputs and weights are float16 where they were float32. */
export function toFloat16(model: ModelProto): ModelProto {
  const graph = model.graph!;
  const stored = (tensor: TensorProto): TensorProto => {
    if (tensor.dataType !== DataType.FLOAT) return tensor;
    const halves = encodeFloat16(tensorFloats(tensor));
    const bytes = new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
    return createTensor(tensor.name!, DataType.FLOAT16, tensorShape(tensor), bytes);
  };
  const declared = (input: ValueInfoProto): ValueInfoProto => {
    const type = input.type?.tensorType;
    if (type?.elemType !== DataType.FLOAT) return input;
    const tensorType = { ...type, elemType: DataType.FLOAT16 };
    return { ...input, type: { ...input.type!, tensorType } };
  };
  return {
    ...model,
    graph: createMessage('GraphProto', {
      ...graph,
      input: graph.input.map(declared),
      initializer: graph.initializer.map(stored),
    }),
  };
}
