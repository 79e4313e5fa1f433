import type { TrackedAxis } from '../channels/axisTable.js';
import type { ChannelAnalysis } from '../channels/channelAnalysis.js';

/**
 * Which positions of an axis the result has, in order; undefined where it stays as it is.
 *
 * Copies follow their original. Where a unit covers a block (a channel of a flattened axis, a head), each copy is a
 * copy of the whole block, since that is how the data is laid out after the reshape.
 */
export function axisSelection(
  { unitAt, continues }: ChannelAnalysis,
  axis: TrackedAxis,
  copies: ArrayLike<number>,
): readonly number[] | undefined {
  const selection: number[] = [];
  let isChanged = false;
  for (let start = 0; start < axis.width; ) {
    const unit = unitAt[axis.base + start]!;
    let end = start + 1;
    while (end < axis.width && continues[axis.base + end] === 1) end++;
    const count = copies[unit]!;
    if (count !== 1) isChanged = true;
    for (let copy = 0; copy < count; copy++) for (let i = start; i < end; i++) selection.push(i);
    start = end;
  }
  return isChanged ? selection : undefined;
}
