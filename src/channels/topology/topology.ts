import type { AxisRef } from '../../ops/relation.js';
import type { ChannelAnalysis } from '../channelAnalysis.js';
import { type Collapse, findCollapse, type Obstacle } from './collapse.js';

/** What is left of a graph as its groups die, found once for each set of axes that have no positions left. */
export class Topology {
  private readonly known = new Map<string, Collapse | Obstacle>();

  constructor(private readonly analysis: ChannelAnalysis) {}

  /**
   * What is left at given widths of the tracked axes; undefined where no axis is empty.
   *
   * @param widths by index of tracked axis
   */
  at(widths: ArrayLike<number>): Collapse | Obstacle | undefined {
    const { table } = this.analysis;
    const empty = table.axes.filter(({ index, width }) => widths[index] === 0 && width > 0);
    if (empty.length === 0) return undefined;
    const key = empty.map(({ index }) => index).join();
    let found = this.known.get(key);
    if (found === undefined) {
      const axes = new Set(empty);
      const isEmpty = (ref: AxisRef) => {
        const axis = table.find(ref);
        return axis !== undefined && axes.has(axis);
      };
      found = findCollapse(this.analysis, isEmpty);
      this.known.set(key, found);
    }
    return found;
  }
}
