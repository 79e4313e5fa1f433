import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Value } from '../graph/graph.js';
import type { Tf } from '../ops/opDef.js';
import type { PenaltyLayout, PenaltySlice } from './penaltyLayout.js';

/** A slice with the variable that trains it. */
export interface TrainedSlice {
  readonly slice: PenaltySlice;
  readonly variable: Variable;
  /** 1 but for the axis of the slice: numbers of positions in this shape multiply the variable. */
  readonly shape: number[];
}

/** @param variables the trained constants by value */
export function trainedSlices(layout: PenaltyLayout, variables: ReadonlyMap<Value, Variable>): TrainedSlice[] {
  return layout.slices.map((slice) => {
    const variable = variables.get(slice.value);
    if (variable === undefined) throw new Error(`'${slice.value.name}' is not trained`);
    const shape = variable.shape.map((_, axis) => (axis === slice.axis ? slice.units.length : 1));
    return { slice, variable, shape };
  });
}

/** Sums over the measured elements of each row: of each unit, or of each member of one. */
export class ElementSums {
  /** Vectors come first. */
  private readonly slices: readonly TrainedSlice[];
  private readonly vectors: readonly TrainedSlice[];
  /** For each row the places of its sums in the list of all, filled up with the place of a zero. */
  private readonly table: Tensor;

  /** @param rowsAt for each position of a slice its row, or −1 */
  constructor(
    private readonly tf: Tf,
    slices: readonly TrainedSlice[],
    rows: number,
    rowsAt: (slice: PenaltySlice) => Int32Array,
  ) {
    const measured = slices.filter(({ slice }) => slice.isMeasured);
    this.vectors = measured.filter(({ variable }) => variable.rank === 1);
    this.slices = [...this.vectors, ...measured.filter(({ variable }) => variable.rank !== 1)];
    const places: number[][] = Array.from({ length: rows }, () => []);
    let offset = 0;
    for (const { slice } of this.slices) {
      rowsAt(slice).forEach((row, position) => {
        if (row >= 0) places[row]!.push(offset + position);
      });
      offset += slice.units.length;
    }
    this.table = tf.keep(tableOf(tf, places, offset));
  }

  /** Sums of `of` the elements of each slice, [rows]. */
  sum(of: (slice: TrainedSlice) => Tensor): Tensor {
    return this.gathered(this.slices.map((trained) => this.alongAxis(trained, of(trained))));
  }

  /** Sums of what `of` makes of each constant, [rows]: of all vectors at once, since a network has many short ones. */
  sumOfEach(of: (numbers: Tensor) => Tensor): Tensor {
    const { tf, vectors } = this;
    const others = this.slices.slice(vectors.length).map((trained) => this.alongAxis(trained, of(trained.variable)));
    if (vectors.length === 0) return this.gathered(others);
    return this.gathered([of(tf.concat(vectors.map(({ variable }) => variable))), ...others]);
  }

  dispose(): void {
    this.table.dispose();
  }

  private alongAxis({ slice, variable }: TrainedSlice, terms: Tensor): Tensor {
    const others = variable.shape.flatMap((_, axis) => (axis === slice.axis ? [] : [axis]));
    return others.length === 0 ? terms : this.tf.sum(terms, others);
  }

  private gathered(parts: readonly Tensor[]): Tensor {
    const { tf } = this;
    return tf.sum(tf.gather(tf.concat([...parts, tf.zeros([1])]), this.table), 1);
  }
}

/** Lists of numbers as one int32 tensor [lists, the longest], filled up. */
export function tableOf(tf: Tf, lists: readonly (readonly number[])[], filling: number): Tensor {
  const columns = lists.reduce((most, list) => Math.max(most, list.length), 1);
  const flat = new Int32Array(lists.length * columns).fill(filling);
  lists.forEach((list, row) => {
    flat.set(list, row * columns);
  });
  return tf.tensor2d(flat, [lists.length, columns], 'int32');
}
