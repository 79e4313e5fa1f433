import { dataTypeInfo } from '../../onnx/dataType.js';
import { inputAxis, outputAxis, outputValue } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { normalizeAxis, pinAxis, tie } from '../ties.js';
import { fixedNumbers } from './targetShape.js';

/** OneHot: `values[1]` where the position on the new axis is the index, `values[0]` elsewhere. */
export const oneHot: OpDef<{ axis: number }> = {
  type: 'OneHot',
  domain: '',
  since: 9,
  inputs: ['data', 'setting', 'setting'],
  attributes: (raw) => ({ axis: raw.integer('axis', -1) }),
  channels: (context, attributes) => {
    const rank = context.outputDims(0).length;
    const axis = normalizeAxis(attributes.axis, rank);
    return [
      ...context
        .inputDims(0)
        .map((_, i) => tie(inputAxis(context, 0, i), outputAxis(context, 0, i < axis ? i : i + 1))),
      pinAxis(outputAxis(context, 0, axis), 'counts along it'),
    ];
  },
  lower: (tf, [indices], attributes, context) => {
    const dims = context.outputDims(0);
    const axis = normalizeAxis(attributes.axis, dims.length);
    const [off, on] = fixedNumbers(context, 2) ?? [];
    if (off === undefined || on === undefined) return { untrainable: 'its values are calculated from the data' };
    if (dataTypeInfo(context.typeOf(outputValue(context)))?.kind !== 'float') {
      return { untrainable: 'it gives integers, which have no gradient' };
    }
    const depth = dims[axis]!;
    const whole = tf.expandDims(tf.cast(indices!, 'int32'), axis);
    const index = tf.where(tf.less(whole, 0), tf.add(whole, tf.scalar(depth, 'int32')), whole);
    const shape = dims.map((_, i) => (i === axis ? depth : 1));
    const isOn = tf.equal(index, tf.reshape(tf.range(0, depth, 1, 'int32'), shape));
    return [tf.add(tf.mul(tf.cast(isOn, 'float32'), on - off), off)];
  },
};
