import { mapTensors } from './mapTensors.js';
import type { ModelProto } from './messages.js';
import { bytesOf } from './storedBytes.js';

/** The model with all its weights in memory: what becomes of its file afterwards does not matter. */
export function holdWeights(model: ModelProto): ModelProto {
  return mapTensors(model, (tensor) =>
    tensor.rawData === undefined || tensor.rawData instanceof Uint8Array
      ? tensor
      : { ...tensor, rawData: bytesOf(tensor.rawData) },
  );
}
