import { type ChannelAnalysis, isPrunable } from '../channels/channelAnalysis.js';
import type { Node } from '../graph/graph.js';
import { addSlopes, type CompiledTerm, compileTerm, evaluateTerm } from './compiledTerm.js';
import type { Cost } from './cost.js';
import type { Device, KindTime } from './devices/device.js';
import { nodeWork } from './devices/nodeWork.js';
import { UnitWidths } from './unitWidths.js';

/** A node with the work that it does, over tracked axes. */
interface TimedNode {
  readonly node: Node;
  readonly kind: string;
  readonly flops: readonly CompiledTerm[];
  readonly bytes: readonly CompiledTerm[];
}

/** Milliseconds are counted in steps of this, 0.2 ps, so that sums of them are exact and do not hang on their order. */
const QUANTUM = 2 ** -32;

/**
 * The time of one run on a device, in milliseconds: the sum over the nodes of `max(FLOPs / peak, bytes / bandwidth)`
 * where a data sheet tells of it, of `overhead + a · FLOPs + b · bytes` where it was measured.
 *
 * Measured kinds may compute channels in blocks, so that a width of 57 takes as long as one of 64. The slopes leave the
 * blocks out: without that, no channel by itself would be worth anything.
 *
 * @see Gordon et al., MorphNet, CVPR 2018, and its latency regularizer
 */
export class LatencyCost implements Cost {
  readonly resource = 'latencyMs';
  private readonly nodes: readonly TimedNode[];
  /** For each tracked axis, the nodes whose work it is a factor of. */
  private readonly nodesOfAxis: readonly (readonly number[])[];
  /** Whether the width of an axis can change: only then it is rounded up. */
  private readonly isOpen: Uint8Array;

  constructor(
    analysis: ChannelAnalysis,
    readonly device: Device,
    readonly units = new UnitWidths(analysis),
  ) {
    const { model, table, groups, groupOf, unitAt } = analysis;
    this.nodes = nodeWork(model).map(({ node, kind, flops, bytes }) => ({
      node,
      kind,
      flops: flops.map((term) => compileTerm(analysis, term)),
      bytes: bytes.map((term) => compileTerm(analysis, term)),
    }));
    const nodesOfAxis: number[][] = table.axes.map(() => []);
    this.nodes.forEach(({ flops, bytes }, index) => {
      const axes = new Set([...flops, ...bytes].flatMap((term) => term.axes));
      for (const axis of axes) nodesOfAxis[axis]!.push(index);
    });
    this.nodesOfAxis = nodesOfAxis;
    this.isOpen = Uint8Array.from(table.axes, ({ base, width }) => {
      const own = unitAt.subarray(base, base + width);
      return own.some((unit) => isPrunable(groups[groupOf[unit]!]!)) ? 1 : 0;
    });
  }

  on(units: UnitWidths): LatencyCost {
    return new LatencyCost(units.analysis, this.device, units);
  }

  /** Time of each node at given widths, by node; without what a run takes beside them. */
  byNode(widths: Float64Array): ReadonlyMap<Node, number> {
    const isLeft = this.leftAt(widths);
    return new Map(this.nodes.map((timed) => [timed.node, isLeft(timed) ? this.exact(timed, widths) : 0]));
  }

  at(widths: Float64Array): number {
    let sum = this.device.kind === 'measured' ? quantized(this.device.runMs) : 0;
    for (const ms of this.byNode(widths).values()) sum += ms;
    return sum;
  }

  total(copies: ArrayLike<number>): number {
    return this.at(this.units.at(copies));
  }

  change(widths: Float64Array, unit: number, change: number): number {
    if (this.units.meetsZero(widths, unit, change)) {
      const after = Float64Array.from(widths);
      this.units.apply(after, unit, change);
      return this.at(after) - this.at(widths);
    }
    return this.difference(widths, unit, change, (node) => this.exact(node, widths));
  }

  marginal(widths: Float64Array): Float64Array {
    const slopes = new Float64Array(widths.length);
    for (const node of this.nodes.filter(this.leftAt(widths))) {
      const { perFlop, perByte } = this.rates(node, widths);
      for (const term of node.flops) addSlopes(slopes, term, widths, perFlop);
      for (const term of node.bytes) addSlopes(slopes, term, widths, perByte);
    }
    return this.units.perUnit(slopes);
  }

  relief(widths: Float64Array): (unit: number) => number {
    return (unit) => 0 - this.difference(widths, unit, -1, (node) => this.smooth(node, widths));
  }

  unmet(_: Float64Array, limit: number, total: number): number {
    return total > limit ? 1 : 0;
  }

  /** Which nodes are left where groups are dead; all where it cannot do without them. */
  private leftAt(widths: Float64Array): (node: TimedNode) => boolean {
    const collapse = this.units.leftAt(widths);
    if (collapse === undefined || 'obstacle' in collapse) return () => true;
    return ({ node }) => !collapse.removed.has(node);
  }

  private difference(widths: Float64Array, unit: number, change: number, timeOf: (node: TimedNode) => number): number {
    const isLeft = this.leftAt(widths);
    const touched = new Set<number>();
    for (const axis of this.units.positionsOf[unit]!.keys()) {
      for (const node of this.nodesOfAxis[axis]!) if (isLeft(this.nodes[node]!)) touched.add(node);
    }
    const sum = () => {
      let total = 0;
      for (const node of touched) total += timeOf(this.nodes[node]!);
      return total;
    };
    const before = sum();
    this.units.apply(widths, unit, change);
    const after = sum();
    this.units.apply(widths, unit, -change);
    return after - before;
  }

  private exact({ kind, flops, bytes }: TimedNode, widths: Float64Array): number {
    if (this.device.kind === 'roofline') return quantized(this.smooth({ kind, flops, bytes }, widths));
    const time = timeOf(this.device, kind);
    let mflops = 0;
    for (const { coefficient, axes } of flops) {
      let product = coefficient / 1e6;
      for (const axis of axes) product *= this.isOpen[axis] === 1 ? upTo(widths[axis]!, time.step) : widths[axis]!;
      mflops += product;
    }
    return quantized(time.overheadMs + time.msPerMflop * mflops + (time.msPerMB * sumOf(bytes, widths)) / 1e6);
  }

  /** Without blocks of channels. */
  private smooth(node: Omit<TimedNode, 'node'>, widths: Float64Array): number {
    const { overhead, perFlop, perByte } = this.rates(node, widths);
    return overhead + perFlop * sumOf(node.flops, widths) + perByte * sumOf(node.bytes, widths);
  }

  /** Milliseconds per operation and per byte, as they count at these widths. */
  private rates({ kind, flops, bytes }: Omit<TimedNode, 'node'>, widths: Float64Array) {
    const { device } = this;
    if (device.kind === 'measured') {
      const { overheadMs, msPerMflop, msPerMB } = timeOf(device, kind);
      return { overhead: overheadMs, perFlop: msPerMflop / 1e6, perByte: msPerMB / 1e6 };
    }
    const perFlop = 1 / (device.peakGflops * 1e6);
    const perByte = 1 / (device.bandwidthGBps * 1e6);
    const isComputeBound = perFlop * sumOf(flops, widths) >= perByte * sumOf(bytes, widths);
    return { overhead: 0, perFlop: isComputeBound ? perFlop : 0, perByte: isComputeBound ? 0 : perByte };
  }
}

function timeOf(
  { kinds, other }: { kinds: Readonly<Record<string, KindTime>>; other: KindTime },
  kind: string,
): KindTime {
  return (Object.hasOwn(kinds, kind) ? kinds[kind] : undefined) ?? other;
}

function sumOf(terms: readonly CompiledTerm[], widths: Float64Array): number {
  let sum = 0;
  for (const term of terms) sum += evaluateTerm(term, widths);
  return sum;
}

function upTo(width: number, step: number): number {
  return Math.ceil(width / step) * step;
}

function quantized(ms: number): number {
  return Math.round(ms / QUANTUM) * QUANTUM;
}
