import type { TrackedAxis } from '../../channels/axisTable.js';
import { type ChannelAnalysis, isPrunable } from '../../channels/channelAnalysis.js';
import { isTrained } from '../../cost/costTerms.js';
import type { Value } from '../../graph/graph.js';
import { withTensorFloats } from '../../onnx/tensorData.js';
import type { InputRole } from '../../ops/opDef.js';
import { type RolesOf, roleReader } from '../roleReader.js';

/** A stored tensor whose slices along an axis belong to units that can be cut. */
export interface Member {
  readonly value: Value;
  readonly axis: TrackedAxis;
  readonly dims: readonly number[];
  readonly roles: ReadonlySet<InputRole>;
  /** Units that have slices here, each once. */
  readonly units: readonly number[];
  /** For each position of the axis, the place of its unit in `units`, or −1. */
  readonly places: Int32Array;
  /** Looks at the elements of the tensor, row-major, for the time of a call. */
  readonly read: <T>(use: (values: Float32Array) => T) => T;
}

/** Standard deviations by position, for axes of activations. */
export type Spreads = ReadonlyMap<TrackedAxis, Float64Array>;

/** Trained constants that give the units: all that an operator does not sum over. */
export function givingMembers(analysis: ChannelAnalysis): readonly Member[] {
  const { model, table } = analysis;
  const rolesOf = roleReader(analysis);
  const contracted = new Set(analysis.contractions.map(({ weight }) => table.find(weight)));
  return table.axes.flatMap((axis) =>
    !contracted.has(axis) && model.constant(axis.value) !== undefined && isTrained(model, axis.value)
      ? memberAt(analysis, axis, rolesOf)
      : [],
  );
}

/** Weights that read the units, each position times the standard deviation of what it reads. */
export function spreadMembers(analysis: ChannelAnalysis, spreads: Spreads): readonly Member[] {
  const { model, table } = analysis;
  const rolesOf = roleReader(analysis);
  return analysis.contractions.flatMap(({ data, weight }) => {
    const axis = table.find(weight);
    const read = table.find(data);
    const spread = read === undefined ? undefined : spreads.get(read);
    if (axis === undefined || spread === undefined || model.constant(weight.value) === undefined) return [];
    // A grouped convolution reads several positions with one of its weight: their variances are averaged.
    const times = spread.length / axis.width;
    const factors = Float64Array.from({ length: axis.width }, (_, i) => {
      let variance = 0;
      for (let k = 0; k < times; k++) variance += spread[k * axis.width + i]! ** 2 / times;
      return Math.sqrt(variance);
    });
    return memberAt(analysis, axis, rolesOf).map((member) => ({
      ...member,
      read: (use) => use(scaled(member, factors)),
    }));
  });
}

function scaled(member: Member, factors: Float64Array): Float32Array {
  const { axis, dims } = member;
  const inner = dims.slice(axis.axis + 1).reduce((size, dim) => size * dim, 1);
  return member.read((values) => values.map((w, index) => w * factors[Math.floor(index / inner) % axis.width]!));
}

/** The slices of an axis; none where no unit of it can be cut. */
export function memberAt(analysis: ChannelAnalysis, axis: TrackedAxis, rolesOf: RolesOf): readonly Member[] {
  const { model, unitAt, groupOf, groups } = analysis;
  const places = new Int32Array(axis.width).fill(-1);
  const placeOf = new Map<number, number>();
  for (let i = 0; i < axis.width; i++) {
    const unit = unitAt[axis.base + i]!;
    if (!isPrunable(groups[groupOf[unit]!]!)) continue;
    if (!placeOf.has(unit)) placeOf.set(unit, placeOf.size);
    places[i] = placeOf.get(unit)!;
  }
  if (placeOf.size === 0) return [];
  const { value } = axis;
  const read: Member['read'] = (use) => withTensorFloats(model.constant(value)!, model.graph.dir, use);
  const { dims } = model.typeOf(value);
  return [{ value, axis, dims, roles: rolesOf(axis), units: [...placeOf.keys()], places, read }];
}

/** A sum over the elements `start` to `end` (exclusive). */
export type RunSum = (values: Float32Array, start: number, end: number) => number;

/** The sum over the slices of every unit, by its place in `units`. */
export function sumOverSlices(member: Member, sumOf: RunSum): Float64Array {
  const sums = new Float64Array(member.units.length);
  member.read((values) =>
    eachRun(member, (place, start, end) => {
      sums[place] = sums[place]! + sumOf(values, start, end);
    }),
  );
  return sums;
}

/** Calls with the place of the unit and the bounds (end exclusive) of every run of elements that belongs to one. */
export function eachRun(
  { axis, dims, places }: Member,
  visit: (place: number, start: number, end: number) => void,
): void {
  const inner = dims.slice(axis.axis + 1).reduce((size, dim) => size * dim, 1);
  const outer = dims.slice(0, axis.axis).reduce((size, dim) => size * dim, 1);
  for (let o = 0; o < outer; o++) {
    for (let p = 0; p < axis.width; p++) {
      const place = places[p]!;
      if (place < 0) continue;
      const start = (o * axis.width + p) * inner;
      visit(place, start, start + inner);
    }
  }
}
