/** @file Operators on the bits of integers. */
import type { OpDef } from '../opDef.js';
import { broadcasting } from './broadcasting.js';
import { elementwise } from './unary.js';

const bits = () => ({ untrainable: 'it works on bits, which have no gradient' });

export const bitwiseAnd: OpDef = broadcasting('BitwiseAnd', 18, bits);
export const bitwiseOr: OpDef = broadcasting('BitwiseOr', 18, bits);
export const bitwiseXor: OpDef = broadcasting('BitwiseXor', 18, bits);
export const bitwiseNot: OpDef<unknown> = elementwise('BitwiseNot', 18, () => undefined, bits);
/** BitShift: `Z = X << Y` or `X >> Y`, by its `direction`. */
export const bitShift: OpDef<void> = broadcasting('BitShift', 11, bits, {
  attributes: (raw) => raw.ignore('direction'),
});
