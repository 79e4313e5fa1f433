import { modelErrors } from '../errors/modelErrors.js';
import { encodeMessage } from './encodeMessage.js';
import { messageSchema } from './messageSchema.js';
import type { ModelProto } from './messages.js';
import { type Bytes, bytesOf } from './storedBytes.js';

/** Protobuf measures messages by signed 32-bit lengths. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

/** The bytes of a model, as consecutive runs; weights are the model's own, in memory or in a file. */
export interface EncodedModel {
  readonly parts: readonly Bytes[];
  readonly byteLength: number;
}

/** Encodes without putting the runs together, so that a large model is not held in memory twice. */
export function encodeModelParts(model: ModelProto): EncodedModel {
  const parts = encodeMessage(messageSchema('ModelProto'), model);
  return { parts, byteLength: parts.reduce((sum, part) => sum + part.length, 0) };
}

/** How many bytes a model takes. */
export function encodedLength(model: ModelProto): number {
  return encodeModelParts(model).byteLength;
}

/**
 * The bytes of a model: fields by ascending number, unknown fields after the known ones.
 *
 * decode → encode → decode is the identity.
 *
 * @throws OUTPUT_TOO_LARGE from 2 GiB on
 */
export function encodeModel(model: ModelProto): Uint8Array {
  const { parts, byteLength } = encodeModelParts(model);
  if (byteLength > MAX_MODEL_BYTES) throw modelErrors.outputTooLarge(byteLength);
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    bytes.set(bytesOf(part), at);
    at += part.length;
  }
  return bytes;
}
