import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { biasAddend } from '../addend.js';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { type Margin, padOrCrop } from '../spatial/padOrCrop.js';
import { tie } from '../ties.js';
import { convolve } from './convolve.js';
import { spreadZeros } from './spreadZeros.js';
import { type WindowAttributes, windowAttributes } from './window.js';

interface ConvTransposeAttributes extends WindowAttributes {
  readonly group: number;
  readonly outputPadding: readonly number[] | undefined;
  readonly outputShape: readonly number[] | undefined;
}

/**
 * ConvTranspose: `Y[n, o, s·p + d·k − pad] = B[o] + Σ X[n, i, p] · W[i, o, k]` with X [N, Cᵢ, spatial…],
 * W [Cᵢ, Cₒ/g, kernel…], Y [N, Cₒ, spatial…].
 *
 * Groups as with Conv: all stay equally wide; with one input per group (depthwise) the groups themselves go.
 *
 * MACs: N · Cᵢ · Π in · Cₒ/g · Π kernel.
 */
export const convTranspose: OpDef<ConvTransposeAttributes> = {
  type: 'ConvTranspose',
  domain: '',
  since: 1,
  inputs: ['data', 'weight', 'bias'],
  attributes: (raw) => ({
    ...windowAttributes(raw),
    group: raw.integer('group', 1),
    outputPadding: raw.integers('output_padding'),
    outputShape: raw.integers('output_shape'),
  }),
  macs: (context) => {
    const kernel = context.inputDims(1).slice(2);
    return [
      {
        coefficient: kernel.reduce((product, size) => product * size, 1),
        axes: [...context.inputDims(0).map((_, axis) => inputAxis(context, 0, axis)), inputAxis(context, 1, 1)],
      },
    ];
  },
  channels: (context, { group }) => {
    const [inputs, outputs] = context.inputDims(1);
    const isSound = group > 0 && inputs! % group === 0 && context.outputDims(0)[1] === group * outputs!;
    if (group !== 1 && !isSound) return [];
    const output = outputAxis(context, 0, 1);
    return [
      tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0)),
      ...(hasInput(context, 2) ? [tie(inputAxis(context, 2, 0), output)] : []),
      ...groupRelations(context, group),
    ];
  },
  isLinear: true,
  addsToOutput: (context) => biasAddend(context, 2, 1),
  lower: (tf, [x, w, b], attributes, context) => {
    const spatial = x!.rank - 2;
    if (spatial < 1 || spatial > 3) return { untrainable: `it has ${spatial} spatial axes; 1 to 3 can be trained` };
    const steps = [1, 1, ...(attributes.strides ?? Array<number>(spatial).fill(1))];
    const dilations = attributes.dilations ?? Array<number>(spatial).fill(1);
    const kernel = spreadZeros(tf, w!, [1, 1, ...dilations]);
    const margins = marginsOf(context, attributes, steps.slice(2), kernel.shape.slice(2));
    const y =
      spatial < 3 && attributes.group === 1
        ? padOrCrop(tf, scatter(tf, x!, kernel, steps), margins)
        : gatherBack(tf, spreadZeros(tf, x!, steps), kernel, margins, attributes.group);
    return [b === undefined ? y : tf.add(y, tf.reshape(b, [b.size, ...Array<number>(spatial).fill(1)]))];
  },
  resize: (context, { group }) =>
    isDepthwise(context, group) ? { attributes: { group: context.newInputDims(0)[1]! } } : {},
};

function isDepthwise(context: NodeContext, group: number): boolean {
  return group > 1 && context.inputDims(0)[1] === group;
}

function groupRelations(context: NodeContext, group: number): readonly Relation[] {
  const data = inputAxis(context, 0, 1);
  const weight = inputAxis(context, 1, 0);
  const output = outputAxis(context, 0, 1);
  const perGroup = inputAxis(context, 1, 1);
  if (isDepthwise(context, group)) {
    const isPlain = context.inputDims(1)[1] === 1;
    return [
      tie(data, weight),
      isPlain ? tie(data, output) : { kind: 'product', whole: output, parts: [data, perGroup] },
    ];
  }
  const contraction: Relation = { kind: 'contract', data, weight };
  if (group === 1) return [contraction, tie(perGroup, output)];
  return [
    contraction,
    { kind: 'cycle', axis: data, times: group },
    { kind: 'product', whole: output, parts: [group, perGroup] },
  ];
}

/** What each axis of the whole result, (in − 1) · stride + kernel long, gains or loses to become the output. */
function marginsOf(
  context: NodeContext,
  { autoPad, pads, outputPadding, outputShape }: ConvTransposeAttributes,
  strides: readonly number[],
  kernel: readonly number[],
): readonly Margin[] {
  const input = context.inputDims(0).slice(2);
  const output = context.outputDims(0).slice(2);
  const isSame = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
  const spatial = kernel.map((size, axis): Margin => {
    const whole = (input[axis]! - 1) * strides[axis]! + size;
    const surplus = Math.max(0, whole + (outputPadding?.[axis] ?? 0) - output[axis]!);
    const shared = autoPad === 'SAME_UPPER' ? Math.floor(surplus / 2) : Math.ceil(surplus / 2);
    const before = isSame || outputShape !== undefined ? shared : (pads?.[axis] ?? 0);
    return [-before, output[axis]! - whole + before];
  });
  return [[0, 0], [0, 0], ...spatial];
}

/** The whole transposed convolution over one or two axes: x [N, Cᵢ, spatial…], w [Cᵢ, Cₒ, kernel…]. */
function scatter(tf: Tf, x: Tensor, w: Tensor, steps: readonly number[]): Tensor {
  if (x.rank === 3) {
    return tf.squeeze(scatter(tf, tf.expandDims(x, 2), tf.expandDims(w, 2), [1, 1, 1, steps[2]!]), [2]);
  }
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const [, outputs, rows, columns] = w.shape as [number, number, number, number];
  const shape: [number, number, number, number] = [
    batch,
    (height - 1) * steps[2]! + rows,
    (width - 1) * steps[3]! + columns,
    outputs,
  ];
  const image = tf.transpose(x as Tensor4D, [0, 2, 3, 1]); // NCHW → NHWC
  const filter = tf.transpose(w as Tensor4D, [2, 3, 1, 0]); // IOHW → HWOI
  return tf.transpose(tf.conv2dTranspose(image, filter, shape, [steps[2]!, steps[3]!], 'valid'), [0, 3, 1, 2]);
}

/** The same as a convolution of x, whose strides are zeros already, with the kernel turned round. */
function gatherBack(tf: Tf, x: Tensor, w: Tensor, margins: readonly Margin[], group: number): Tensor {
  const [inputs, outputs, ...kernel] = w.shape as [number, number, ...number[]];
  const grouped = tf.reshape(w, [group, inputs / group, outputs, -1]);
  const turned = tf.reshape(tf.reverse(tf.transpose(grouped, [0, 2, 1, 3]), 3), [
    group * outputs,
    inputs / group,
    ...kernel,
  ]);
  const reach = kernel.map((size, axis): Margin => {
    const [before, after] = margins[axis + 2]!;
    return [before + size - 1, after + size - 1];
  });
  const ones = kernel.map(() => 1);
  const padded = padOrCrop(tf, x, [[0, 0], [0, 0], ...reach]);
  return convolve(tf, padded, turned, { strides: ones, dilations: ones, padding: kernel.map(() => [0, 0]) }, group);
}
