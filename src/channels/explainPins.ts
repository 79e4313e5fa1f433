import type { Node, Value } from '../graph/graph.js';
import type { TrackedAxis } from './axisTable.js';
import type { ChannelAnalysis } from './channelAnalysis.js';
import { joinAxes } from './joinAxes.js';
import { type Pin, TracedUnion } from './tracedUnion.js';

/** One axis on the way from channels to what holds them. */
export interface ChainStep {
  readonly value: Value;
  readonly axis: number;
  /** The node that ties it to the axis before; undefined at the start, and where no single node does. */
  readonly through: Node | undefined;
}

/** Positions of an axis that one pin holds. */
export interface HeldPositions {
  readonly pin: Pin;
  readonly positions: number;
  readonly first: number;
}

/** What holds the channels of a model, and by which way. */
export class PinExplainer {
  private readonly union: TracedUnion;
  private readonly pins: ReadonlyMap<number, Pin>;

  constructor(private readonly analysis: ChannelAnalysis) {
    this.union = new TracedUnion(analysis.table.positions);
    joinAxes(analysis.model, analysis.table, analysis.kept, this.union);
    this.pins = this.union.pinsByRoot();
  }

  /** The pins that hold positions of an axis, in the order of the positions. */
  pinsOf(axis: TrackedAxis): readonly HeldPositions[] {
    const held = new Map<Pin, { pin: Pin; positions: number; first: number }>();
    for (let i = 0; i < axis.width; i++) {
      const pin = this.pins.get(this.union.find(axis.base + i));
      if (pin === undefined) continue;
      const found = held.get(pin);
      if (found === undefined) held.set(pin, { pin, positions: 1, first: i });
      else found.positions++;
    }
    return merged([...held.values()]);
  }

  /** From a position of an axis to what holds it, axis by axis; undefined where nothing does. */
  chain(axis: TrackedAxis, position: number): { readonly steps: readonly ChainStep[]; readonly pin: Pin } | undefined {
    const way = this.union.wayToPin(axis.base + position);
    if (way === undefined) return undefined;
    const steps: ChainStep[] = [];
    let last: TrackedAxis | undefined;
    for (const at of way.positions) {
      const next = this.axisAt(at);
      if (next === last) continue;
      const through = last === undefined ? undefined : nodeBetween(last.value, next.value);
      steps.push({ value: next.value, axis: next.axis, through });
      last = next;
    }
    return { steps, pin: way.pin };
  }

  private axisAt(position: number): TrackedAxis {
    const { axes } = this.analysis.table;
    let low = 0;
    let high = axes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (axes[middle]!.base <= position) low = middle;
      else high = middle - 1;
    }
    return axes[low]!;
  }
}

/** Pins that say the same count as one. */
function merged(held: readonly HeldPositions[]): readonly HeldPositions[] {
  const found: HeldPositions[] = [];
  for (const entry of held) {
    const same = found.findIndex(({ pin }) => pin.reason === entry.pin.reason && pin.node === entry.pin.node);
    if (same < 0) found.push(entry);
    else found[same] = { ...found[same]!, positions: found[same]!.positions + entry.positions };
  }
  return found;
}

/** The first node that has both values among its inputs and outputs. */
function nodeBetween(a: Value, b: Value): Node | undefined {
  const nodesOf = (value: Value) => [
    ...(value.producer === undefined ? [] : [value.producer]),
    ...value.uses.map(({ node }) => node),
  ];
  const others = new Set(nodesOf(b));
  return nodesOf(a)
    .filter((node) => others.has(node))
    .sort((x, y) => x.index - y.index)[0];
}
