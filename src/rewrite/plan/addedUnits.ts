/** @file What is new in a widened network: all but the first copy of each unit. */
import type { TrackedAxis } from '../../channels/axisTable.js';
import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';
import type { Value } from '../../graph/graph.js';
import type { Plan } from './plan.js';

/** An axis of a widened network, with 1 for each position that was added. */
export interface WidenedAxis {
  readonly axis: number;
  readonly added: Uint8Array;
}

/** The axes of a value that a plan widens, with what was added to them. @param value of the network before */
export function widenedAxes(before: ChannelAnalysis, plan: Plan, value: Value): readonly WidenedAxis[] {
  return before.table.of(value).flatMap((axis) => {
    const added = addedPositions(before, axis, plan);
    return added.includes(1) ? [{ axis: axis.axis, added }] : [];
  });
}

/** The plan for a widened network that takes out what was added to it. */
export function withoutAdded(before: ChannelAnalysis, plan: Plan, wide: ChannelAnalysis): Plan {
  const copies = new Int32Array(wide.unitCount).fill(1);
  for (const { base, width, value, axis } of wide.table.axes) {
    const earlier = before.model.graph.value(value.name);
    const changed = earlier && widenedAxes(before, plan, earlier).find((other) => other.axis === axis);
    if (changed?.added.length !== width) continue;
    for (let i = 0; i < width; i++) if (changed.added[i] === 1) copies[wide.unitAt[base + i]!] = 0;
  }
  return { copies };
}

/** In the order of `axisSelection`: the copies of a block follow it. */
function addedPositions({ unitAt, continues }: ChannelAnalysis, axis: TrackedAxis, { copies }: Plan): Uint8Array {
  const added: number[] = [];
  for (let start = 0; start < axis.width; ) {
    let end = start + 1;
    while (end < axis.width && continues[axis.base + end] === 1) end++;
    const count = copies[unitAt[axis.base + start]!]!;
    for (let i = 0; i < count * (end - start); i++) added.push(i < end - start ? 0 : 1);
    start = end;
  }
  return Uint8Array.from(added);
}
