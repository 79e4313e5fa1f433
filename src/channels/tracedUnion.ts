import type { Node } from '../graph/graph.js';
import { PositionUnion } from './positionUnion.js';

/** Why a position may not be changed, and at which node that lies, if at any. */
export interface Pin {
  readonly reason: string;
  readonly node: Node | undefined;
}

/** A union of positions that remembers what was joined and pinned, so that it can be told why. */
export class TracedUnion extends PositionUnion {
  private readonly joins: number[] = [];
  /** By position, the first pin at that very position. */
  private readonly pins = new Map<number, Pin>();

  constructor(private readonly positions: number) {
    super(positions);
  }

  override join(a: number, b: number): void {
    this.joins.push(a, b);
    super.join(a, b);
  }

  override pin(position: number, reason: string, node?: Node): void {
    if (!this.pins.has(position)) this.pins.set(position, { reason, node });
    super.pin(position, reason, node);
  }

  /** For the root of each pinned set, the pin whose reason stayed. */
  pinsByRoot(): ReadonlyMap<number, Pin> {
    const found = new Map<number, Pin>();
    for (const [position, pin] of this.pins) {
      const root = this.find(position);
      if (!found.has(root) && this.reason(root) === pin.reason) found.set(root, pin);
    }
    return found;
  }

  /** The shortest way over joins from a position to one that is pinned itself; undefined where there is none. */
  wayToPin(from: number): { readonly positions: readonly number[]; readonly pin: Pin } | undefined {
    const { starts, neighbours } = this.adjacency();
    const cameFrom = new Map<number, number>([[from, from]]);
    for (const position of cameFrom.keys()) {
      const pin = this.pins.get(position);
      if (pin !== undefined) return { positions: wayBack(cameFrom, position), pin };
      for (let i = starts[position]!; i < starts[position + 1]!; i++) {
        const next = neighbours[i]!;
        if (!cameFrom.has(next)) cameFrom.set(next, position);
      }
    }
    return undefined;
  }

  /** The positions that each was joined with, one list after the other. */
  private adjacency(): { readonly starts: Int32Array; readonly neighbours: Int32Array } {
    const starts = new Int32Array(this.positions + 1);
    for (const position of this.joins) starts[position + 1] = starts[position + 1]! + 1;
    for (let i = 0; i < this.positions; i++) starts[i + 1] = starts[i + 1]! + starts[i]!;
    const next = starts.slice();
    const neighbours = new Int32Array(this.joins.length);
    for (let i = 0; i < this.joins.length; i++) {
      const position = this.joins[i]!;
      neighbours[next[position]!] = this.joins[i ^ 1]!;
      next[position] = next[position]! + 1;
    }
    return { starts, neighbours };
  }
}

function wayBack(cameFrom: ReadonlyMap<number, number>, end: number): readonly number[] {
  const way = [end];
  for (let at = end; cameFrom.get(at) !== at; at = way[0]!) way.unshift(cameFrom.get(at)!);
  return way;
}
