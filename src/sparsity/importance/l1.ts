import { type Member, sumOverSlices } from './member.js';

/** `‖w‖₁` of each unit's slices. */
export function l1(member: Member): Float64Array {
  return sumOverSlices(member, Math.abs);
}
