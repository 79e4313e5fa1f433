import { mapTensors } from './mapTensors.js';
import { DataLocation, type ModelProto } from './messages.js';
import { tensorPayload } from './tensorPayload.js';

/**
 * The model with its external data in place, so that it stands by itself; large tensors stay in their file.
 *
 * @param dir folder of the model's file
 * @throws what `tensorPayload` throws for data that is missing, short or outside the folder
 */
export function inlineExternal(model: ModelProto, dir: string | undefined): ModelProto {
  return mapTensors(model, (tensor) => {
    if (tensor.dataLocation !== DataLocation.EXTERNAL) return tensor;
    const { dataLocation: _, ...rest } = tensor;
    return { ...rest, externalData: [], rawData: tensorPayload(tensor, dir) };
  });
}
