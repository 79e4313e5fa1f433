import { type Member, sumOverSlices } from './member.js';

/** `‖w‖₂` of each unit's slices. */
export function l2(member: Member): Float64Array {
  return sumOverSlices(member, sumOfSquares).map(Math.sqrt);
}

function sumOfSquares(values: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]! * values[i]!;
  return sum;
}
