import { modelErrors } from '../errors/modelErrors.js';
import { decodeMessage } from './decodeMessage.js';
import { MAX_MODEL_BYTES } from './encodeModel.js';
import { foreignFile } from './foreignFile.js';
import { messageSchema } from './messageSchema.js';
import type { ModelProto } from './messages.js';

/** ONNX 1.0. */
export const OLDEST_IR_VERSION = 3n;
/** ONNX 1.20 to 1.23. */
export const NEWEST_IR_VERSION = 13n;

/** What no model can do without; the graph itself is judged where it is indexed. */
function checkModel(model: ModelProto, path: string): void {
  const { irVersion } = model;
  if (irVersion === undefined || irVersion === 0n) throw modelErrors.noIrVersion(path);
  if (irVersion < OLDEST_IR_VERSION || irVersion > NEWEST_IR_VERSION) {
    throw modelErrors.irVersion(path, irVersion, OLDEST_IR_VERSION, NEWEST_IR_VERSION);
  }
  if (model.graph === undefined) throw modelErrors.noGraph(path);
  if (model.opsetImport.length === 0) throw modelErrors.noOpset(path);
}

/**
 * Decodes the bytes of an .onnx file. They are hostile until proven otherwise: a failure is one catalogued error, and
 * memory is bounded by a fixed multiple of the file's size.
 *
 * `rawData` and other bytes are views over `bytes`, which therefore must not be changed afterwards.
 *
 * @param path of the file, for messages
 * @throws MODEL_EMPTY, MODEL_TOO_LARGE, MODEL_FOREIGN, MODEL_TRUNCATED, MODEL_NOT_PROTOBUF, MODEL_TEXT, MODEL_TOO_DEEP,
 *   MODEL_NO_IR_VERSION, MODEL_IR_VERSION, MODEL_NO_GRAPH, MODEL_NO_OPSET
 */
export function decodeModel(bytes: Uint8Array, path: string): ModelProto {
  if (bytes.length === 0) throw modelErrors.empty(path);
  if (bytes.length > MAX_MODEL_BYTES) throw modelErrors.tooLarge(path, bytes.length);
  try {
    const model = decodeMessage(messageSchema('ModelProto'), bytes, path) as unknown as ModelProto;
    checkModel(model, path);
    return model;
  } catch (error) {
    // Only now: nothing forbids a true model to begin like one of these.
    const foreign = foreignFile(bytes);
    throw foreign === undefined ? error : modelErrors.foreign(path, foreign.found, foreign.fix);
  }
}
