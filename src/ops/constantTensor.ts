import type { Value } from '../graph/graph.js';
import { clampToInteger } from '../graph/int64.js';
import { makeFloats, makeIntegers } from '../graph/make.js';
import type { TensorProto } from '../onnx/messages.js';

/**
 * The tensor of a value that is fixed in the file: an initializer that no graph input overrides, or the output of a
 * Constant node. Undefined for all other values, and for sparse and string constants.
 */
export function constantTensor(value: Value): TensorProto | undefined {
  if (value.initializer !== undefined) return value.isInput ? undefined : value.initializer;
  const node = value.producer;
  if (node === undefined || node.opType !== 'Constant' || node.domain !== '') return undefined;
  for (const attribute of node.proto.attribute) {
    switch (attribute.name) {
      case 'value':
        return attribute.t;
      case 'value_int':
        return makeIntegers(value.name, [clampToInteger(attribute.i ?? 0n)], []);
      case 'value_ints':
        return makeIntegers(value.name, attribute.ints.map(clampToInteger));
      case 'value_float':
        return makeFloats(value.name, [attribute.f ?? 0], []);
      case 'value_floats':
        return makeFloats(value.name, attribute.floats);
    }
  }
  return undefined;
}
