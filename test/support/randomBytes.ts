import { DataType } from '../../src/onnx/dataType.js';
import type { TensorProto } from '../../src/onnx/messages.js';
import { createTensor } from '../../src/onnx/tensorData.js';
import { createRng } from '../../src/random/rng.js';

/** Random int8 numbers, for weights that are stored quantised. */
export function randomBytes(dims: readonly number[], seed: number): TensorProto {
  const rng = createRng(seed);
  const size = dims.reduce((product, dim) => product * dim, 1);
  const bytes = Uint8Array.from({ length: size }, () => rng.int(256));
  return createTensor('', DataType.INT8, dims, bytes);
}
