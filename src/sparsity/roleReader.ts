import type { TrackedAxis } from '../channels/axisTable.js';
import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Node } from '../graph/graph.js';
import { type InputRole, inputRole } from '../ops/opDef.js';

export type RolesOf = (axis: TrackedAxis) => ReadonlySet<InputRole>;

/** What constants are for, along one axis: gains and offsets of a node that calculates over it are weights and biases. */
export function roleReader({ model, table, restrictions, unitAt }: ChannelAnalysis): RolesOf {
  const mixed = new Map<Node, Set<number>>();
  for (const { node, axis } of restrictions) {
    const tracked = table.find(axis);
    if (tracked === undefined) continue;
    const units = mixed.get(node) ?? new Set();
    mixed.set(node, units);
    for (let i = 0; i < tracked.width; i++) units.add(unitAt[tracked.base + i]!);
  }
  return ({ value, base }) =>
    new Set(
      value.uses.map(({ node, input }) => {
        const bound = model.bound(node);
        const role = bound.known && input !== 'capture' ? inputRole(bound.op, input) : 'data';
        if (mixed.get(node)?.has(unitAt[base]!) !== true) return role;
        return role === 'scale' ? 'weight' : role === 'shift' ? 'bias' : role;
      }),
    );
}
