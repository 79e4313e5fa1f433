import { type Member, sumOverSlices } from './member.js';

/** `‖w‖₁` of each unit's slices. */
export function l1(member: Member): Float64Array {
  return sumOverSlices(member, sumOfMagnitudes);
}

/** `Σ|w|` over the elements `start` to `end` (exclusive). */
export function sumOfMagnitudes(values: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.abs(values[i]!);
  return sum;
}
