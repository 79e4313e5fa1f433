import type { Node } from '../graph/graph.js';
import type { PositionUnion } from './positionUnion.js';

/** Joins and pins positions, and tells who waits for one of them to be pinned. */
export class PositionWatch {
  /** Watchers of positions that have been pinned since; whoever reads it takes them off. */
  readonly touched: number[] = [];
  private readonly watchers = new Map<number, number[]>();

  constructor(private readonly union: PositionUnion) {}

  /** Lets `watcher` know when a position that is free now is pinned. */
  add(position: number, watcher: number): void {
    const root = this.union.find(position);
    const list = this.watchers.get(root);
    if (list === undefined) this.watchers.set(root, [watcher]);
    else list.push(watcher);
  }

  join(a: number, b: number): void {
    const x = this.union.find(a);
    const y = this.union.find(b);
    if (x === y) return;
    this.union.join(a, b);
    const lists = [x, y].flatMap((root) => {
      const list = this.watchers.get(root);
      this.watchers.delete(root);
      return list === undefined ? [] : [list];
    });
    if (lists.length === 0) return;
    // The longer list takes in the shorter, so that long chains of joins stay cheap.
    const [longer, shorter] = lists.sort((m, n) => n.length - m.length);
    for (const watcher of shorter ?? []) longer!.push(watcher);
    this.watchers.set(this.union.find(a), longer!);
    this.tell(a);
  }

  pin(position: number, reason: string, node: Node): void {
    this.union.pin(position, reason, node);
    this.tell(position);
  }

  private tell(position: number): void {
    if (this.union.reason(position) === undefined) return;
    const root = this.union.find(position);
    for (const watcher of this.watchers.get(root) ?? []) this.touched.push(watcher);
    this.watchers.delete(root);
  }
}
