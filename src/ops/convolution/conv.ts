import type { Tensor4D } from '@tensorflow/tfjs-core';
import { hasInput, inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';
import { type WindowAttributes, windowAttributes, windowOf } from './window.js';

interface ConvAttributes extends WindowAttributes {
  readonly group: number;
}

/**
 * Conv: `Y[n, o] = B[o] + Σᵢ W[o, i] ⋆ X[n, i]` with X [N, Cᵢ, spatial…], W [Cₒ, Cᵢ/g, kernel…], Y [N, Cₒ, spatial…].
 *
 * MACs: N · Cₒ · Π out · Cᵢ/g · Π kernel.
 */
export const conv: OpDef<ConvAttributes> = {
  type: 'Conv',
  domain: '',
  since: 1,
  inputs: ['data', 'weight', 'bias'],
  attributes: (raw) => ({ ...windowAttributes(raw), group: raw.integer('group', 1) }),
  macs: (context) => {
    const rank = context.outputDims(0).length;
    const kernel = context.inputDims(1).slice(2);
    return [
      {
        coefficient: kernel.reduce((product, size) => product * size, 1),
        axes: [...Array.from({ length: rank }, (_, axis) => outputAxis(context, 0, axis)), inputAxis(context, 1, 1)],
      },
    ];
  },
  channels: (context, { group }) => {
    const relations: Relation[] = [tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0))];
    if (group !== 1) return relations;
    relations.push(
      { kind: 'contract', data: inputAxis(context, 0, 1), weight: inputAxis(context, 1, 1) },
      tie(inputAxis(context, 1, 0), outputAxis(context, 0, 1)),
    );
    if (hasInput(context, 2)) relations.push(tie(inputAxis(context, 2, 0), outputAxis(context, 0, 1)));
    return relations;
  },
  lower: (tf, [x, w, b], attributes, context) => {
    if (attributes.group !== 1) return { untrainable: `its group count is ${attributes.group}; only 1 can be trained` };
    if (x!.rank !== 4) return { untrainable: `it has ${x!.rank - 2} spatial axes; only 2 can be trained` };
    const { strides, dilations, padding } = windowOf(context, attributes, context.inputDims(1).slice(2));
    if (dilations.some((dilation) => dilation !== 1)) {
      return { untrainable: 'it is dilated, and tf.js has no gradient for that' };
    }
    const y = tf.conv2d(
      tf.transpose(x as Tensor4D, [0, 2, 3, 1]), // NCHW → NHWC
      tf.transpose(w as Tensor4D, [2, 3, 1, 0]), // OIHW → HWIO
      [strides[0]!, strides[1]!],
      [[0, 0], [...padding[0]!], [...padding[1]!], [0, 0]],
    );
    return [tf.transpose(b === undefined ? y : tf.add(y, b), [0, 3, 1, 2])]; // NHWC → NCHW
  },
};
