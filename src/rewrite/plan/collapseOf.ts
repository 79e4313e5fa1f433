import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';
import { type Collapse, findCollapse } from '../../channels/topology/collapse.js';
import { rewriteErrors } from '../../errors/rewriteErrors.js';
import type { Plan } from './plan.js';

/**
 * What a plan leaves of the graph, if it lets groups die; undefined where it lets none.
 *
 * @throws REWRITE_CANNOT_DIE
 */
export function collapseOf(analysis: ChannelAnalysis, plan: Plan): Collapse | undefined {
  const { table, unitAt, model } = analysis;
  const empty = new Set(
    table.axes.filter(({ base, width }) => {
      for (let i = base; i < base + width; i++) if (plan.copies[unitAt[i]!] !== 0) return false;
      return width > 0;
    }),
  );
  if (empty.size === 0) return undefined;
  const found = findCollapse(analysis, (ref) => {
    const axis = table.find(ref);
    return axis !== undefined && empty.has(axis);
  });
  if ('obstacle' in found) throw rewriteErrors.cannotDie(model.label, found.obstacle);
  return found;
}
