import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Node } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';

/** A value between its making and its last reading, with its bytes as a term over tracked axes. */
interface LiveValue {
  /** Positions of the first and last node during which it is in memory. */
  readonly first: number;
  readonly last: number;
  readonly coefficient: number;
  readonly axes: readonly number[];
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
 * the start to their last use, graph outputs from their making to the end. Constants are not counted, nor is what the
 * bodies of control flow hold inside, nor values without a tensor type.
 */
export class PeakActivation {
  private readonly nodes: readonly Node[];
  private readonly values: readonly LiveValue[];

  constructor(analysis: ChannelAnalysis) {
    const { model, table } = analysis;
    this.nodes = model.graph.nodes;
    const end = Math.max(0, this.nodes.length - 1);
    const inputs = new Set(model.graph.inputs);
    this.values = model.graph.values.flatMap((value): LiveValue[] => {
      if (!model.hasType(value) || model.constant(value) !== undefined) return [];
      if (value.producer === undefined && !inputs.has(value)) return [];
      const first = value.producer?.index ?? 0;
      const last = value.isOutput ? end : value.uses.reduce((latest, { node }) => Math.max(latest, node.index), first);
      const { dataType, dims } = model.typeOf(value);
      let coefficient = (dataTypeInfo(dataType)?.bits ?? 0) / 8;
      const axes: number[] = [];
      dims.forEach((dim, axis) => {
        const tracked = table.find({ value, axis });
        if (tracked === undefined) coefficient *= dim;
        else axes.push(tracked.index);
      });
      return [{ first, last, coefficient, axes }];
    });
  }

  /** The peak at given widths (by index of tracked axis, as `CostModel.widths` gives them); the earliest of equals. */
  at(widths: ArrayLike<number>): ActivationPeak {
    const change = new Float64Array(this.nodes.length + 2);
    for (const { first, last, coefficient, axes } of this.values) {
      let bytes = coefficient;
      for (const axis of axes) bytes *= widths[axis]!;
      change[first] = change[first]! + bytes;
      change[last + 1] = change[last + 1]! - bytes;
    }
    let alive = change[0]!;
    let peak = alive;
    let step = 0;
    for (let i = 1; i < this.nodes.length; i++) {
      alive += change[i]!;
      if (alive > peak) {
        peak = alive;
        step = i;
      }
    }
    return { bytes: peak, node: this.nodes[step] };
  }
}
