import { type ChannelAnalysis, type Group, isPrunable } from '../../channels/channelAnalysis.js';

/** How far groups may be cut, and to which widths. */
export interface WidthRules {
  /** Units that every group keeps at least; 1 by default. With 0, groups die that the network can do without. */
  readonly minChannels?: number;
  /** Largest share of a group's units that may be cut; 1 by default. */
  readonly maxRatio?: number;
  /** Groups that change get widths that are multiples of this; 1 by default. */
  readonly round?: number;
  /** Units that `maxRatio` is a share of; those that the group has by default. */
  readonly wholeWidth?: (group: Group) => number;
}

/** The widths, in units, that a group may have: all of it, and the multiples of `step` from `least` on. */
export interface WidthLimits {
  readonly group: Group;
  readonly least: number;
  readonly step: number;
}

/** The limits of every group that can be cut. */
export function widthLimits(
  analysis: ChannelAnalysis,
  { minChannels = 1, maxRatio = 1, round = 1, wholeWidth = ({ units }) => units.length }: WidthRules,
): readonly WidthLimits[] {
  return analysis.groups.filter(isPrunable).map((group) => {
    const full = group.units.length;
    const step = unitStep(analysis, group, round);
    const whole = wholeWidth(group);
    // 0.57 · 100 is a little less than 57 in floating point.
    const asked = Math.max(minChannels, whole - Math.floor(whole * maxRatio + 1e-9));
    return { group, least: Math.min(full, Math.ceil(asked / step) * step), step };
  });
}

/** The smallest width with which a group lives. */
export function leastAlive({ group, least, step }: WidthLimits): number {
  return Math.max(least, Math.min(step, group.units.length));
}

/** The next smaller width that is allowed; undefined where there is none. */
export function nextNarrower({ group, least, step }: WidthLimits, width: number): number | undefined {
  const isRagged = width === group.units.length && width % step !== 0;
  const next = isRagged ? width - (width % step) : width - step;
  return next >= least && next < width ? next : undefined;
}

/** Whether a group may have a width. */
export function isAllowed({ group, least, step }: WidthLimits, width: number): boolean {
  return width === group.units.length || (width >= least && width <= group.units.length && width % step === 0);
}

/** The rules that go beyond a least number of channels, as options, for messages. */
export function ruleTexts({ maxRatio = 1, round = 1 }: WidthRules): readonly string[] {
  return [...(maxRatio < 1 ? [`--max-ratio ${maxRatio}`] : []), ...(round > 1 ? [`--round ${round}`] : [])];
}

/**
 * How many units make the stored axes of a group a multiple of `round` wide: as many, but for units that cover several
 * positions of each (a head of 64 is a multiple of 8 by itself).
 */
export function unitStep({ unitAt }: ChannelAnalysis, group: Group, round: number): number {
  if (round === 1) return 1;
  let step = 1;
  for (const { axis, isConstant } of group.axes) {
    if (!isConstant) continue;
    let positions = 0;
    for (let i = 0; i < axis.width; i++) if (unitAt[axis.base + i] === group.units[0]) positions++;
    const own = round / greatestDivisor(round, positions);
    step = (step * own) / greatestDivisor(step, own);
  }
  return step;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
