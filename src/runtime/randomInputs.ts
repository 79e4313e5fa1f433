import { runtimeErrors } from '../errors/runtimeErrors.js';
import type { Graph } from '../graph/graph.js';
import { DataType, dataTypeInfo } from '../onnx/dataType.js';
import { encodeFloat16 } from '../onnx/float16.js';
import type { Rng } from '../random/rng.js';
import type { InputShapes } from './inputShapes.js';
import { type Tensor, type TensorData, tensor } from './session.js';
import { runtimeNameOf } from './tensorTypes.js';

/**
 * How random inputs are drawn. Where a mask leaves nothing to attend to, or a root of a negative number is taken, a
 * model gives NaN: then the one whole number for all integers and booleans, and floats that are not negative.
 */
export type Draw = 'any' | 'ones' | 'zeros';

export const DRAWS: readonly Draw[] = ['any', 'ones', 'zeros'];

/**
 * Random feeds for all inputs of a graph: floats of the normal distribution, integers 0 and 1 (valid as indices
 * nearly everywhere), booleans.
 *
 * @throws RUNTIME_INPUT_NOT_TENSOR, RUNTIME_UNFED_INPUT for inputs that JavaScript cannot feed
 */
export function randomInputs(
  graph: Graph,
  shapes: InputShapes,
  rng: Rng,
  draw: Draw = 'any',
): Readonly<Record<string, Tensor>> {
  const feeds: Record<string, Tensor> = {};
  for (const input of graph.inputs) {
    const dataType = input.declared?.type?.tensorType?.elemType ?? DataType.UNDEFINED;
    const dims = shapes.get(input.name) ?? [];
    const size = dims.reduce((product, dim) => product * dim, 1);
    const name = runtimeNameOf(dataType);
    const data = randomData(dataType, size, rng, draw);
    if (name === undefined || data === undefined) {
      if (dataType === DataType.UNDEFINED) throw runtimeErrors.inputNotTensor(input.name);
      throw runtimeErrors.unfedInput(input.name, dataTypeInfo(dataType)?.name.toLowerCase() ?? `type ${dataType}`);
    }
    feeds[input.name] = tensor(name, data, dims);
  }
  return feeds;
}

function randomData(dataType: number, size: number, rng: Rng, draw: Draw): TensorData | undefined {
  const integer = () => (draw === 'any' ? rng.int(2) : draw === 'ones' ? 1 : 0);
  const float = () => (draw === 'any' ? rng.normal() : Math.abs(rng.normal()));
  switch (dataType) {
    case DataType.FLOAT:
      return Float32Array.from({ length: size }, float);
    case DataType.DOUBLE:
      return Float64Array.from({ length: size }, float);
    case DataType.FLOAT16:
      return encodeFloat16(Float32Array.from({ length: size }, float));
    case DataType.UINT64:
      return BigUint64Array.from({ length: size }, () => BigInt(integer()));
    case DataType.INT64:
      return BigInt64Array.from({ length: size }, () => BigInt(integer()));
    case DataType.INT32:
      return Int32Array.from({ length: size }, integer);
    case DataType.INT8:
      return Int8Array.from({ length: size }, integer);
    case DataType.UINT8:
    case DataType.BOOL:
      return Uint8Array.from({ length: size }, integer);
    default:
      return undefined;
  }
}
