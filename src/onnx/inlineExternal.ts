import { mapTensors } from './mapTensors.js';
import { DataLocation, type ModelProto } from './messages.js';
import { tensorBytes } from './tensorPayload.js';

/**
 * The model with its external data read in, so that it stands by itself.
 *
 * @param dir folder of the model's file
 * @throws what `tensorBytes` throws for data that is missing, short or outside the folder
 */
export function inlineExternal(model: ModelProto, dir: string | undefined): ModelProto {
  return mapTensors(model, (tensor) => {
    if (tensor.dataLocation !== DataLocation.EXTERNAL) return tensor;
    const { dataLocation: _, ...rest } = tensor;
    return { ...rest, externalData: [], rawData: tensorBytes(tensor, dir) };
  });
}
