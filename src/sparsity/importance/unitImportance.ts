import { type ChannelAnalysis, type Group, isPrunable } from '../../channels/channelAnalysis.js';
import { pruneErrors } from '../../errors/pruneErrors.js';
import type { Rng } from '../../random/rng.js';
import { bn, isGain } from './bn.js';
import { Combined, normalizeGroups } from './combine.js';
import { fpgm } from './fpgm.js';
import type { Importance } from './importance.js';
import { l1 } from './l1.js';
import { l2 } from './l2.js';
import { lamp } from './lamp.js';
import { givingMembers, type Member, type Spreads, spreadMembers } from './member.js';
import { random } from './random.js';
import type { Reduction } from './reduction.js';

export interface ImportanceOptions {
  readonly kind: Importance;
  readonly reduction: Reduction;
  /** Decides with `random` alone. */
  readonly rng: Rng;
  /** Standard deviations of the activations, by the axis of the data that is summed over, where they were measured. */
  readonly spreads?: Spreads;
}

/** Members that speak for a unit, and how they measure it. */
interface Jury {
  readonly measure: (member: Member) => Float64Array;
  readonly members: () => readonly Member[];
}

/**
 * What each unit is worth by stored tensors: each member measures the unit's slice, the members' measures are reduced
 * to one, and divided by the sum over the group (`lamp`: over those of the group that are no smaller).
 *
 * Without data, the weights that give a unit speak for it; with the spreads of activations, the weights that read it,
 * times the spread of what they read: what is left of the unit once its mean is folded into a bias. With `bn`, the
 * gains of BatchNorms speak. Where a unit has no such members, those that give it do, measured by `l2` for `bn`.
 *
 * @returns by unit; 0 for those that cannot be cut
 * @throws PRUNE_NO_NORM for `bn` where no group has a gain
 */
export function unitImportance(analysis: ChannelAnalysis, options: ImportanceOptions): Float64Array {
  const { kind, reduction, rng } = options;
  const importance = new Float64Array(analysis.unitCount);
  const set = ({ units }: Group, scores: ArrayLike<number>) => {
    units.forEach((unit, i) => {
      importance[unit] = scores[i]!;
    });
  };
  let open = analysis.groups.filter(isPrunable);
  if (kind === 'random') {
    for (const group of open) set(group, random(group.units.length, rng.fork(`unit ${group.units[0]}`)));
    return importance;
  }
  for (const { members, measure } of juries(analysis, kind, options.spreads)) {
    if (open.length === 0) break;
    const votes = new Combined(analysis.unitCount);
    for (const member of members()) votes.add(member.units, measure(member));
    const spokenFor = open.filter(({ units }) => units.every((unit) => votes.has(unit)));
    for (const group of spokenFor) {
      const worth = group.units.map((unit) => votes.get(unit, reduction));
      set(group, kind === 'lamp' ? lamp(worth) : worth);
    }
    open = open.filter((group) => !spokenFor.includes(group));
  }
  for (const group of open) set(group, new Float64Array(group.units.length).fill(1));
  return kind === 'lamp' ? importance : normalizeGroups(analysis, importance);
}

/** Who is asked, one after the other, until every unit is spoken for. */
function juries(
  analysis: ChannelAnalysis,
  kind: Exclude<Importance, 'random'>,
  spreads: Spreads | undefined,
): readonly Jury[] {
  const given = givingMembers(analysis);
  const measure = { l1, l2, bn: l2, lamp: l2, fpgm }[kind];
  const juries: Jury[] = [
    { members: () => given.filter(isWeight), measure },
    { members: () => given, measure },
  ];
  if (kind === 'bn') {
    const gains = given.filter(isGain);
    if (gains.length === 0) throw pruneErrors.noNorm(analysis.model.label);
    return [{ members: () => gains, measure: bn }, ...juries];
  }
  return spreads === undefined ? juries : [{ members: () => spreadMembers(analysis, spreads), measure }, ...juries];
}

function isWeight({ roles, dims }: Member): boolean {
  return dims.length > 1 && (roles.has('weight') || roles.has('data'));
}
