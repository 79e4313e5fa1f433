/** @file Convolutions and matrix products of small integers. */
import type { Attributes } from '../attributes.js';
import { windowAttributes } from '../convolution/window.js';
import type { CostTerm } from '../costTerm.js';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { InputRole, OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';

/** Where an operator has its weight, and what goes with its outputs: scales, zero points, a bias. */
interface Places {
  readonly weight: number;
  readonly perOutput: readonly number[];
  /** Scales and zero points of the data and of the output: one for all. */
  readonly perTensor: readonly number[];
}

/** Vectors that have an element for each output channel follow it. */
function tiePerOutput(context: NodeContext, { perOutput }: Places, channelAxis: number): readonly Relation[] {
  const width = context.outputDims(0).at(channelAxis);
  return perOutput.flatMap((input) => {
    if (!hasInput(context, input)) return [];
    const dims = context.inputDims(input);
    return dims.length === 1 && dims[0] === width
      ? [tie(inputAxis(context, input, 0), outputAxis(context, 0, channelAxis))]
      : [];
  });
}

/** Whether all that is meant for the whole tensor is one number. */
function isPerTensor(context: NodeContext, { perTensor }: Places): boolean {
  return perTensor.every((input) => !hasInput(context, input) || context.inputDims(input).every((dim) => dim === 1));
}

function convolution(type: string, inputs: readonly InputRole[], places: Places): OpDef<{ readonly group: number }> {
  const { weight } = places;
  return {
    type,
    domain: '',
    since: 10,
    inputs,
    attributes: (raw: Attributes) => {
      windowAttributes(raw);
      return { group: raw.integer('group', 1) };
    },
    macs: (context): readonly CostTerm[] => [
      {
        coefficient: context
          .inputDims(weight)
          .slice(2)
          .reduce((product, size) => product * size, 1),
        axes: [...context.outputDims(0).map((_, axis) => outputAxis(context, 0, axis)), inputAxis(context, weight, 1)],
      },
    ],
    channels: (context, { group }) => {
      if (group !== 1 || !isPerTensor(context, places)) return [];
      return [
        tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0)),
        tie(inputAxis(context, weight, 0), outputAxis(context, 0, 1)),
        ...tiePerOutput(context, places, 1),
        { kind: 'contract', data: inputAxis(context, 0, 1), weight: inputAxis(context, weight, 1) },
      ];
    },
    lower: () => ({ untrainable: 'quantised numbers have no gradient' }),
  };
}

function product(type: string, inputs: readonly InputRole[], places: Places): OpDef<void> {
  const { weight } = places;
  return {
    type,
    domain: '',
    since: 10,
    inputs,
    attributes: () => undefined,
    macs: (context) => [
      {
        coefficient: 1,
        axes: [...context.outputDims(0).map((_, axis) => outputAxis(context, 0, axis)), inputAxis(context, 0, -1)],
      },
    ],
    channels: (context) => {
      const rank = context.inputDims(0).length;
      if (rank < 2 || context.inputDims(weight).length !== 2 || !isPerTensor(context, places)) return [];
      return [
        ...Array.from({ length: rank - 1 }, (_, axis) =>
          tie(inputAxis(context, 0, axis), outputAxis(context, 0, axis)),
        ),
        tie(inputAxis(context, weight, 1), outputAxis(context, 0, -1)),
        ...tiePerOutput(context, places, -1),
        { kind: 'contract', data: inputAxis(context, 0, -1), weight: inputAxis(context, weight, 0) },
      ];
    },
    lower: () => ({ untrainable: 'quantised numbers have no gradient' }),
  };
}

const withScales = { weight: 3, perOutput: [4, 5, 8], perTensor: [1, 2, 6, 7] };
const withoutScales = { weight: 1, perOutput: [3], perTensor: [2] };
const scaled: readonly InputRole[] = [
  ...(['data', 'statistic', 'setting'] as const),
  ...(['weight', 'statistic', 'setting'] as const),
  ...(['statistic', 'setting'] as const),
];

/**
 * QLinearConv: Conv of integers x with integers w, with scales and zero points for both and for the result; w's may be
 * one per output channel.
 */
export const qLinearConv = convolution('QLinearConv', [...scaled, 'bias'], withScales);

/** ConvInteger: Conv of integers, less their zero points, summed as int32. */
export const convInteger = convolution('ConvInteger', ['data', 'weight', 'setting', 'setting'], withoutScales);

/** QLinearMatMul: a product of integers a and b, with scales and zero points for both and for the result. */
export const qLinearMatMul = product('QLinearMatMul', scaled, withScales);

/** MatMulInteger: a product of integers, less their zero points, summed as int32. */
export const matMulInteger = product('MatMulInteger', ['data', 'weight', 'setting', 'setting'], withoutScales);
