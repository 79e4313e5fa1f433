import { sumOfMagnitudes } from './l1.js';
import { type Member, sumOverSlices } from './member.js';

/**
 * `|γ|` of each unit, for members that are gains of normalisations.
 *
 * @see Liu et al., Network Slimming, ICCV 2017, arXiv 1708.06519
 */
export function bn(member: Member): Float64Array {
  return sumOverSlices(member, sumOfMagnitudes);
}

/** Whether a member is the gain of a normalisation. */
export function isGain({ roles }: Member): boolean {
  return roles.has('scale');
}
