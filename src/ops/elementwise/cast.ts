/** @file Changes of the element type. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { dataTypeInfo } from '../../onnx/dataType.js';
import { outputValue } from '../nodeContext.js';
import type { LowerContext, OpDef, Tf, Untrainable } from '../opDef.js';
import { leaveFree, tieSameAxes } from '../ties.js';
import { truncated } from './binary.js';

/** All floats are float32 while training; integers round towards zero and have no gradient. */
function castTo(tf: Tf, x: Tensor, context: LowerContext): readonly Tensor[] | Untrainable {
  const kind = dataTypeInfo(context.typeOf(outputValue(context)))?.kind;
  switch (kind) {
    case 'float':
      return [tf.cast(x, 'float32')];
    case 'int':
    case 'uint':
      return [tf.cast(x.dtype === 'float32' ? truncated(tf, x) : x, 'int32')];
    case 'bool':
      return [tf.notEqual(x, 0)];
    default:
      return { untrainable: 'it gives no numbers' };
  }
}

/** Cast to the type `to`. */
export const cast: OpDef<void> = {
  type: 'Cast',
  domain: '',
  since: 6,
  inputs: ['data'],
  attributes: (raw) => raw.ignore('to', 'saturate', 'round_mode'),
  isPointwise: true,
  channels: (context) => tieSameAxes(context),
  lower: (tf, [x], _, context) => castTo(tf, x!, context),
  dimensions: (context) => context.dimensions(0),
};

/** CastLike: to the type of the second input, whose contents do not matter. */
export const castLike: OpDef<void> = {
  ...cast,
  type: 'CastLike',
  since: 15,
  inputs: ['data', 'setting'],
  // The second input decides nothing of it.
  isPointwise: false,
  attributes: (raw) => raw.ignore('saturate', 'round_mode'),
  channels: (context) => [...tieSameAxes(context), ...leaveFree(context, 1)],
};
