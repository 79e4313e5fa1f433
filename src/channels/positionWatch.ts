import type { Node } from '../graph/graph.js';
import type { PositionUnion } from './positionUnion.js';

/** Joins and pins positions, and tells who waits for that. Whoever is told waits no more. */
export class PositionWatch {
  /** Who waited for a pin that has come; the reader takes them off. */
  readonly pinned: number[] = [];
  /** Who waited for a join that has come; the reader takes them off. */
  readonly joined: number[] = [];
  private readonly forPins = new Map<number, number[]>();
  private readonly forJoins = new Map<number, number[]>();

  constructor(private readonly union: PositionUnion) {}

  /** Lets `watcher` know when a position that is free now is pinned. */
  awaitPin(position: number, watcher: number): void {
    put(this.forPins, this.union.find(position), [watcher]);
  }

  /** Lets `watcher` know when a position is joined with another. */
  awaitJoin(position: number, watcher: number): void {
    put(this.forJoins, this.union.find(position), [watcher]);
  }

  join(a: number, b: number): void {
    const roots = [this.union.find(a), this.union.find(b)];
    if (roots[0] === roots[1]) return;
    this.union.join(a, b);
    for (const root of roots) {
      for (const watcher of take(this.forJoins, root)) this.joined.push(watcher);
    }
    const waiting = roots.map((root) => take(this.forPins, root)).sort((m, n) => m.length - n.length);
    for (const list of waiting) put(this.forPins, this.union.find(a), list);
    this.tellPinned(a);
  }

  pin(position: number, reason: string, node: Node): void {
    this.union.pin(position, reason, node);
    this.tellPinned(position);
  }

  private tellPinned(position: number): void {
    if (this.union.reason(position) === undefined) return;
    for (const watcher of take(this.forPins, this.union.find(position))) this.pinned.push(watcher);
  }
}

/** The longer list takes in the shorter, so that long chains of joins stay cheap. */
function put(lists: Map<number, number[]>, root: number, watchers: number[]): void {
  if (watchers.length === 0) return;
  const known = lists.get(root) ?? [];
  const [shorter, longer] = known.length < watchers.length ? [known, watchers] : [watchers, known];
  for (const watcher of shorter) longer.push(watcher);
  lists.set(root, longer);
}

function take(lists: Map<number, number[]>, root: number): number[] {
  const list = lists.get(root) ?? [];
  lists.delete(root);
  return list;
}
