import { type ChannelAnalysis, type Group, type GroupAxis, isPrunable } from '../channels/channelAnalysis.js';
import { isTrained } from '../cost/costTerms.js';
import type { Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import { type InputRole, inputRole } from '../ops/opDef.js';

export type PenaltyKind = 'gamma' | 'group-lasso';

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
}

/** Which numbers the penalty of each unit is made of. */
export interface PenaltyLayout {
  /** Unit ids of the penalised units; everything below is by index in this list. */
  readonly units: Int32Array;
  readonly kinds: readonly PenaltyKind[];
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
 * Groups without the constants that a kind needs get the other kind.
 */
export function penaltyLayout(analysis: ChannelAnalysis, choice: PenaltyKind | 'auto'): PenaltyLayout {
  const { model } = analysis;
  const units: number[] = [];
  const kinds: PenaltyKind[] = [];
  const indexOf = new Map<number, number>();
  const kindOfGroup = new Map<number, PenaltyKind>();
  for (const group of analysis.groups) {
    const kind = isPrunable(group) ? chooseKind(model, group, choice) : undefined;
    if (kind === undefined) continue;
    kindOfGroup.set(group.index, kind);
    for (const unit of group.units) {
      indexOf.set(unit, units.length);
      units.push(unit);
      kinds.push(kind);
    }
  }
  const slices: PenaltySlice[] = [];
  const seen = new Set<number>();
  for (const group of analysis.groups) {
    for (const { axis, isConstant, isContracted } of group.axes) {
      if (!isConstant || isContracted || seen.has(axis.index) || !isTrained(model, axis.value)) continue;
      seen.add(axis.index);
      const roles = rolesOf(model, axis.value);
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
      });
    }
  }
  const sizes = new Float64Array(units.length);
  for (const { units: positions, elements, isMeasured } of slices) {
    if (isMeasured) for (const unit of positions) if (unit >= 0) sizes[unit] = sizes[unit]! + elements;
  }
  return { units: Int32Array.from(units), kinds, sizes, slices };
}

function chooseKind(model: BoundModel, group: Group, choice: PenaltyKind | 'auto'): PenaltyKind | undefined {
  const own = group.axes.filter(({ isConstant, isContracted }) => isConstant && !isContracted);
  const has = (kind: PenaltyKind) => own.some((axis) => isMeasuredBy(kind, model, axis));
  const wanted: readonly PenaltyKind[] = choice === 'group-lasso' ? ['group-lasso', 'gamma'] : ['gamma', 'group-lasso'];
  return wanted.find(has);
}

function isMeasuredBy(kind: PenaltyKind, model: BoundModel, { axis }: GroupAxis): boolean {
  const roles = rolesOf(model, axis.value);
  return isTrained(model, axis.value) && belongs(kind, roles) && !roles.has('shift');
}

function belongs(kind: PenaltyKind, roles: ReadonlySet<InputRole>): boolean {
  const isNorm = roles.has('scale') || roles.has('shift');
  return kind === 'gamma' ? isNorm : !isNorm;
}

function rolesOf(model: BoundModel, value: Value): ReadonlySet<InputRole> {
  return new Set(
    value.uses.map(({ node, input }) => {
      const bound = model.bound(node);
      return bound.known && input !== 'capture' ? inputRole(bound.op, input) : 'data';
    }),
  );
}
