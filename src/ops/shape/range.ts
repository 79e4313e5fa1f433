import { dataTypeInfo } from '../../onnx/dataType.js';
import { outputAxis, outputValue } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { pinAxis } from '../ties.js';

/** Range: start, start + delta, … up to but without limit. */
export const range: OpDef<void> = {
  type: 'Range',
  domain: '',
  since: 11,
  inputs: ['setting', 'setting', 'setting'],
  attributes: (raw) => raw.ignore('stash_type'),
  channels: (context) => [pinAxis(outputAxis(context, 0, 0), 'counts along it')],
  lower: (tf, _, __, context) => {
    const [start, delta] = [context.numbers(0)?.[0], context.numbers(2)?.[0]];
    if (start === undefined || delta === undefined) return { untrainable: 'the data decides where it starts' };
    const length = context.runningDims(0)[0]!;
    const isFloat = dataTypeInfo(context.typeOf(outputValue(context)))?.kind === 'float';
    const numbers = Array.from({ length }, (_, i) => start + i * delta);
    return [tf.tensor1d(numbers, isFloat ? 'float32' : 'int32')];
  },
};
