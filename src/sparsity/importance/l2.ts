import { type Member, sumOverSlices } from './member.js';

/** `‖w‖₂` of each unit's slices. */
export function l2(member: Member): Float64Array {
  return sumOverSlices(member, (w) => w * w).map(Math.sqrt);
}
