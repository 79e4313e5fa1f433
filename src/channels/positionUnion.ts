import type { Node } from '../graph/graph.js';

/** Union-find over positions, with a reason on every set that may not be changed. */
export class PositionUnion {
  private readonly parent: Int32Array;
  private readonly reasons = new Map<number, string>();

  constructor(positions: number) {
    this.parent = new Int32Array(positions);
    for (let i = 0; i < positions; i++) this.parent[i] = i;
  }

  /** The smallest position of the set. */
  find(position: number): number {
    let root = position;
    while (this.parent[root] !== root) root = this.parent[root]!;
    for (let at = position; at !== root; ) {
      const next = this.parent[at]!;
      this.parent[at] = root;
      at = next;
    }
    return root;
  }

  /** Joins two sets; if both are pinned, the reason of the one with the smaller root stays. */
  join(a: number, b: number): void {
    const x = this.find(a);
    const y = this.find(b);
    if (x === y) return;
    const root = Math.min(x, y);
    const other = Math.max(x, y);
    this.parent[other] = root;
    const reason = this.reasons.get(other);
    if (reason === undefined) return;
    this.reasons.delete(other);
    if (!this.reasons.has(root)) this.reasons.set(root, reason);
  }

  /** Pins the set of a position; the first reason stays. @param _node where the reason lies, if at a node */
  pin(position: number, reason: string, _node?: Node): void {
    const root = this.find(position);
    if (!this.reasons.has(root)) this.reasons.set(root, reason);
  }

  reason(position: number): string | undefined {
    return this.reasons.get(this.find(position));
  }
}
