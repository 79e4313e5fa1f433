import { type ChannelAnalysis, type Group, type GroupAxis, isPrunable } from '../channels/channelAnalysis.js';
import { isTrained } from '../cost/costTerms.js';
import type { Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { InputRole } from '../ops/opDef.js';
import { giverOf } from './giverOf.js';
import { type RolesOf, roleReader } from './roleReader.js';

/** Which constants measure a unit. */
export type PenaltyKind = 'gamma' | 'group-lasso';

/** Which kind a group got. */
export interface GroupKind {
  /** Index of the group. */
  readonly group: number;
  readonly kind: PenaltyKind;
  /** False where the group lacks the constants of the kind that comes first. */
  readonly isFirstChoice: boolean;
}

/** A trained constant whose slices along `axis` belong to penalised units. */
export interface PenaltySlice {
  readonly value: Value;
  readonly axis: number;
  /** For each position, the index among the penalised units, or −1. */
  readonly units: Int32Array;
  /** Elements of one position. */
  readonly elements: number;
  /** False for shifts: they shrink along with their unit, but its norm does not count them. */
  readonly isMeasured: boolean;
  /** Constants of the same number give the output of one node: to each unit they are one member. */
  readonly giver: number;
}

/** Which numbers the penalty of each unit is made of. */
export interface PenaltyLayout {
  /** Unit ids of the penalised units; everything below is by index in this list. */
  readonly units: Int32Array;
  readonly kinds: readonly PenaltyKind[];
  /** The groups that are penalised. */
  readonly groups: readonly GroupKind[];
  /** Number of measured elements of each unit. */
  readonly sizes: Float64Array;
  readonly slices: readonly PenaltySlice[];
}

/**
 * Finds the constants behind each unit that can be cut.
 *
 * - `gamma`: the gains of its BatchNorms, all that its channels run through.
 * - `group-lasso`: all trained constants that give the unit: rows of weights, and their biases.
 * - `auto`: gamma for groups that have a BatchNorm, group lasso for the others.
 *
 * - `gates`: masks on the same constants as `auto`.
 *
 * Groups without the constants that a kind needs get the other kind.
 *
 * The gain of a LayerNorm or GroupNorm is no gamma: where it is zero, the channel still takes part in the mean and the
 * variance of the others. Under group lasso it shrinks with its offset and the rows of weights, since a channel that
 * goes in as zero comes out as `(0 − mean) / deviation · gain + offset`.
 */
export function penaltyLayout(analysis: ChannelAnalysis, choice: PenaltyKind | 'auto' | 'gates'): PenaltyLayout {
  const { model } = analysis;
  const rolesOf = roleReader(analysis);
  const units: number[] = [];
  const kinds: PenaltyKind[] = [];
  const indexOf = new Map<number, number>();
  const kindOfGroup = new Map<number, PenaltyKind>();
  const groups: GroupKind[] = [];
  const order: readonly PenaltyKind[] = choice === 'group-lasso' ? ['group-lasso', 'gamma'] : ['gamma', 'group-lasso'];
  for (const group of analysis.groups) {
    const kind = isPrunable(group) ? chooseKind(model, group, order, rolesOf) : undefined;
    if (kind === undefined) continue;
    kindOfGroup.set(group.index, kind);
    groups.push({ group: group.index, kind, isFirstChoice: kind === order[0] });
    for (const unit of group.units) {
      indexOf.set(unit, units.length);
      units.push(unit);
      kinds.push(kind);
    }
  }
  const slices: PenaltySlice[] = [];
  const seen = new Set<number>();
  const givers = new Map<unknown, number>();
  for (const group of analysis.groups) {
    for (const { axis, isConstant, isContracted } of group.axes) {
      if (!isConstant || isContracted || seen.has(axis.index) || !isTrained(model, axis.value)) continue;
      seen.add(axis.index);
      const roles = rolesOf(axis);
      const positions = Int32Array.from({ length: axis.width }, (_, i) => {
        const unit = analysis.unitAt[axis.base + i]!;
        const kind = kindOfGroup.get(analysis.groupOf[unit]!);
        return kind !== undefined && belongs(kind, roles) ? (indexOf.get(unit) ?? -1) : -1;
      });
      if (positions.every((unit) => unit < 0)) continue;
      const size = model.typeOf(axis.value).dims.reduce((product, dim) => product * dim, 1);
      slices.push({
        value: axis.value,
        axis: axis.axis,
        units: positions,
        elements: size / axis.width,
        isMeasured: !roles.has('shift'),
        giver: numbered(givers, giverOf(model, axis.value) ?? axis.value),
      });
    }
  }
  const sizes = new Float64Array(units.length);
  for (const { units: positions, elements, isMeasured } of slices) {
    if (isMeasured) for (const unit of positions) if (unit >= 0) sizes[unit] = sizes[unit]! + elements;
  }
  return { units: Int32Array.from(units), kinds, groups, sizes, slices };
}

/** The number of a key: that of its first time. */
function numbered(numbers: Map<unknown, number>, key: unknown): number {
  const number = numbers.get(key) ?? numbers.size;
  numbers.set(key, number);
  return number;
}

function chooseKind(
  model: BoundModel,
  group: Group,
  order: readonly PenaltyKind[],
  rolesOf: RolesOf,
): PenaltyKind | undefined {
  const own = group.axes.filter(({ isConstant, isContracted }) => isConstant && !isContracted);
  const has = (kind: PenaltyKind) => own.some((axis) => isMeasuredBy(kind, model, axis, rolesOf));
  return order.find(has);
}

function isMeasuredBy(kind: PenaltyKind, model: BoundModel, { axis }: GroupAxis, rolesOf: RolesOf): boolean {
  const roles = rolesOf(axis);
  return isTrained(model, axis.value) && belongs(kind, roles) && !roles.has('shift');
}

function belongs(kind: PenaltyKind, roles: ReadonlySet<InputRole>): boolean {
  const isNorm = roles.has('scale') || roles.has('shift');
  return kind === 'gamma' ? isNorm : !isNorm;
}
