import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Collapse } from '../channels/topology/collapse.js';
import type { Node, Value } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import { axesOf } from '../ops/nodeContext.js';
import { type CompiledTerm, compileTerm, evaluateTerm } from './compiledTerm.js';

/** A value between its making and its last reading, with its bytes as a term over tracked axes. */
export interface LiveValue extends CompiledTerm {
  /** Positions of the first and last node during which it is in memory. */
  readonly first: number;
  readonly last: number;
}

/** Where memory is fullest. */
export interface ActivationPeak {
  readonly bytes: number;
  /** The node that runs then; undefined where the graph has none. */
  readonly node: Node | undefined;
}

/**
 * Bytes of the values that are alive at the same time, as a function of the widths of the tracked axes.
 *
 * While a node runs, its inputs and outputs are alive, and so is all that a later node reads. Graph inputs live from
 * the start to their last use, graph outputs from their making to the end. Constants and shapes are not counted, nor is
 * what the bodies of control flow hold inside, nor values without a tensor type; who reads a shape alone holds nothing.
 */
export class PeakActivation {
  private readonly nodes: readonly Node[];
  readonly values: readonly LiveValue[];

  /** @param collapse what is left of the graph, where groups have died */
  constructor(analysis: ChannelAnalysis, collapse?: Collapse) {
    const { model } = analysis;
    this.nodes = model.graph.nodes;
    const end = Math.max(0, this.nodes.length - 1);
    const inputs = new Set(model.graph.inputs);
    // A rewrite may put numbers in place of what is calculated from widths.
    const isShape = (node: Node) => model.bound(node).isShapeArithmetic;
    const isGone = (node: Node) => collapse?.removed.has(node) === true;
    const readersOf = readers(collapse);
    this.values = model.graph.values.flatMap((value): LiveValue[] => {
      if (!model.hasType(value) || model.constant(value) !== undefined) return [];
      if (value.producer === undefined && !inputs.has(value)) return [];
      const first = value.producer?.index ?? 0;
      if (value.producer !== undefined && (isShape(value.producer) || isGone(value.producer))) return [];
      const reads = readersOf(value).flatMap((node) => (isShape(node) || isGone(node) ? [] : [node.index]));
      const last = value.isOutput ? end : reads.reduce((latest, index) => Math.max(latest, index), first);
      const { dataType, dims } = model.typeOf(value);
      const coefficient = (dataTypeInfo(dataType)?.bits ?? 0) / 8;
      return [{ first, last, ...compileTerm(analysis, { coefficient, axes: axesOf(value, dims.length) }) }];
    });
  }

  /** The peak at given widths (by index of tracked axis, as `UnitWidths.at` gives them); the earliest of equals. */
  at(widths: ArrayLike<number>): ActivationPeak {
    const alive = this.alive(widths);
    let step = 0;
    for (let i = 1; i < alive.length; i++) if (alive[i]! > alive[step]!) step = i;
    return { bytes: alive[step]!, node: this.nodes[step] };
  }

  /** Bytes that are alive while each node runs; a graph without nodes holds its inputs for one step. */
  alive(widths: ArrayLike<number>): Float64Array {
    const alive = new Float64Array(Math.max(1, this.nodes.length));
    for (const value of this.values) {
      const bytes = evaluateTerm(value, widths);
      alive[value.first] = alive[value.first]! + bytes;
      if (value.last + 1 < alive.length) alive[value.last + 1] = alive[value.last + 1]! - bytes;
    }
    for (let i = 1; i < alive.length; i++) alive[i] = alive[i]! + alive[i - 1]!;
    return alive;
  }
}

/** The nodes that read a value, also by another name that it takes the place of. */
function readers(collapse: Collapse | undefined): (value: Value) => readonly Node[] {
  const names = new Map<Value, Value[]>();
  for (const [from, to] of collapse?.bypassed ?? []) names.set(to, [...(names.get(to) ?? []), from]);
  const of = (value: Value): readonly Node[] => [
    ...value.uses.map(({ node }) => node),
    ...(names.get(value) ?? []).flatMap(of),
  ];
  return of;
}
