import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import type { FreshStart, LowerContext, OpDef, Saturation, Tf, Untrainable } from '../opDef.js';
import { tieBroadcast } from '../ties.js';

/** What a broadcasting operator does beyond its formula. */
export interface BroadcastingOptions<A> {
  readonly attributes?: (raw: Attributes) => A;
  readonly saturates?: Saturation;
  /** What a stored operand begins anew with. */
  readonly fresh?: FreshStart;
}

/** Record of an operator on inputs whose shapes are aligned at the end: `Y = f(A, B, …)`. */
export function broadcasting<A = unknown>(
  type: string,
  since: number,
  apply: (tf: Tf, inputs: readonly [Tensor, ...Tensor[]], attributes: A, context: LowerContext) => Tensor | Untrainable,
  { attributes, saturates, fresh }: BroadcastingOptions<A> = {},
): OpDef<A> {
  return {
    type,
    domain: '',
    since,
    inputs: ['data'],
    ...(saturates === undefined ? {} : { saturates }),
    ...(fresh === undefined ? {} : { freshStart: () => fresh }),
    attributes: (raw) => (attributes === undefined ? (undefined as A) : attributes(raw)),
    isPointwise: true,
    channels: (context) => tieBroadcast(context),
    lower: (tf, inputs, values, context) => {
      const present = inputs.filter((input) => input !== undefined);
      const y = apply(tf, present as unknown as readonly [Tensor, ...Tensor[]], values, context);
      return 'untrainable' in y ? y : [y];
    },
  };
}
