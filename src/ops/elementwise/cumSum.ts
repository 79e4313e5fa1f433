import { inputAxis, type NodeContext } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { normalizeAxis, pinAxis, pinInput, tieSameAxes } from '../ties.js';

function summedAxis(context: NodeContext): number | undefined {
  const axis = context.numbers(1)?.[0];
  return axis === undefined ? undefined : normalizeAxis(axis, context.inputDims(0).length);
}

/** CumSum: running sums along `axis`, without the element itself if `exclusive`, from the end if `reverse`. */
export const cumSum: OpDef<{ readonly exclusive: boolean; readonly reverse: boolean }> = {
  type: 'CumSum',
  domain: '',
  since: 11,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({
    exclusive: raw.integer('exclusive', 0) !== 0,
    reverse: raw.integer('reverse', 0) !== 0,
  }),
  channels: (context) => {
    const axis = summedAxis(context);
    if (axis === undefined) return pinInput(context, 0, 'CumSum has an axis that the data decides');
    return [...tieSameAxes(context), pinAxis(inputAxis(context, 0, axis), 'CumSum adds up along it')];
  },
  lower: (tf, [x], { exclusive, reverse }, context) => {
    const axis = summedAxis(context);
    if (axis === undefined) return { untrainable: 'its axis is calculated from the data' };
    return [tf.cumsum(x!, axis, exclusive, reverse)];
  },
};
