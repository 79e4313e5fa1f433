import { decodeFloat16 } from '../onnx/float16.js';
import type { Tensor } from './session.js';

/** The numbers of a tensor; float16 comes as its bits. */
export function numbersOf({ type, data }: Tensor): ArrayLike<number | bigint> {
  if (type === 'float16' && data instanceof Uint16Array) return decodeFloat16(data);
  return data as unknown as ArrayLike<number | bigint>;
}
