import { makeNumbers } from '../../graph/makeNumbers.js';
import type { TensorProto } from '../../onnx/messages.js';

/**
 * A float tensor of shape [width, 1, …, 1] with 0 at the removed positions and 1 elsewhere.
 *
 * @param dataType FLOAT, DOUBLE, FLOAT16 or BFLOAT16
 * @param trailing number of axes after the one that is masked
 */
export function constantMask(name: string, dataType: number, removed: Uint8Array, trailing: number): TensorProto {
  const mask = Array.from(removed, (isRemoved) => 1 - isRemoved);
  return makeNumbers(name, mask, [removed.length, ...Array<number>(trailing).fill(1)], dataType);
}
