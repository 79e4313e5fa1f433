/** @file Reductions over axes: one factory for all of them, in the two forms that each has had. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinInput, tie } from '../ties.js';

export interface ReduceAttributes {
  readonly axes: readonly number[] | undefined;
  readonly keepDims: boolean;
  readonly noopWithEmptyAxes: boolean;
}

/** The two records of a reduction: axes as an attribute, and as an input. */
export interface Reduction {
  readonly withAttribute: OpDef<ReduceAttributes>;
  readonly withInput: OpDef<ReduceAttributes>;
}

/**
 * Records of a reduction.
 *
 * @param inputSince the opset in which its axes became an input
 * @param apply the result over `axes`, which are sorted and not negative; over none it still squares, say
 */
export function reduction(
  type: string,
  inputSince: number,
  apply: (tf: Tf, x: Tensor, axes: number[], keepDims: boolean) => Tensor,
): Reduction {
  const shared = {
    type,
    domain: '',
    channels: reduceChannels,
    lower: (tf, [x], attributes, context) => {
      const axes = reducedAxes(context, attributes);
      if (axes === undefined) return { untrainable: 'its axes are calculated from the data' };
      return [apply(tf, x!, [...axes], attributes.keepDims)];
    },
  } satisfies Partial<OpDef<ReduceAttributes>>;
  return {
    withAttribute: {
      ...shared,
      since: 1,
      until: inputSince - 1,
      inputs: ['data'],
      attributes: (raw) => ({
        axes: raw.integers('axes'),
        keepDims: raw.integer('keepdims', 1) !== 0,
        noopWithEmptyAxes: false,
      }),
    },
    withInput: {
      ...shared,
      since: inputSince,
      inputs: ['data', 'setting'],
      attributes: (raw) => ({
        axes: undefined,
        keepDims: raw.integer('keepdims', 1) !== 0,
        noopWithEmptyAxes: raw.integer('noop_with_empty_axes', 0) !== 0,
      }),
    },
  };
}

/** The axes that are reduced, sorted; undefined where the data decides. */
function reducedAxes(context: NodeContext, attributes: ReduceAttributes): readonly number[] | undefined {
  const rank = context.inputDims(0).length;
  const given = context.node.inputs[1] === undefined ? (attributes.axes ?? []) : context.numbers(1);
  if (given === undefined) return undefined;
  if (given.length === 0) return attributes.noopWithEmptyAxes ? [] : Array.from({ length: rank }, (_, axis) => axis);
  return given.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
}

/** Kept axes with their place in the output; over the others the node calculates as a whole. */
function reduceChannels(context: NodeContext, attributes: ReduceAttributes): readonly Relation[] {
  const reduced = reducedAxes(context, attributes);
  if (reduced === undefined) return pinInput(context, 0, 'it reduces over axes that the data decides');
  const kept = context.inputDims(0).flatMap((_, axis) => (reduced.includes(axis) ? [] : [axis]));
  return [
    ...kept.map((axis, place) =>
      tie(inputAxis(context, 0, axis), outputAxis(context, 0, attributes.keepDims ? axis : place)),
    ),
    ...reduced.map((axis): Relation => ({ kind: 'restrict', axis: inputAxis(context, 0, axis) })),
  ];
}
