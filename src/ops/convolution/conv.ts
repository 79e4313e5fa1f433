import { biasAddend } from '../addend.js';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';
import { convolve } from './convolve.js';
import { type WindowAttributes, windowAttributes, windowOf } from './window.js';

interface ConvAttributes extends WindowAttributes {
  readonly group: number;
}

/**
 * Conv: `Y[n, o] = B[o] + Σᵢ W[o, i] ⋆ X[n, i]` with X [N, Cᵢ, spatial…], W [Cₒ, Cᵢ/g, kernel…], Y [N, Cₒ, spatial…].
 *
 * In groups, every group loses the same inputs and the same outputs, so that all stay equally wide. With one input per
 * group (depthwise) the groups themselves go, each with its outputs.
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
  variant: (context, { group }) => {
    const [, perGroup, ...kernel] = context.inputDims(1);
    if (group > 1) return perGroup === 1 ? 'depthwise' : 'grouped';
    return kernel.every((size) => size === 1) ? 'pointwise' : undefined;
  },
  channels: (context, { group }) => {
    const output = outputAxis(context, 0, 1);
    if (group !== 1 && !areGroupsEqual(context, group)) return [];
    return [
      tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0)),
      tie(inputAxis(context, 1, 0), output),
      ...(hasInput(context, 2) ? [tie(inputAxis(context, 2, 0), output)] : []),
      ...groupRelations(context, group),
    ];
  },
  lower: (tf, [x, w, b], attributes, context) => {
    const spatial = x!.rank - 2;
    if (spatial < 1 || spatial > 3) return { untrainable: `it has ${spatial} spatial axes; 1 to 3 can be trained` };
    const window = windowOf(context, attributes, context.inputDims(1).slice(2));
    if (window.padding.some(([before]) => before < 0)) return { untrainable: 'its padding is negative' };
    const y = convolve(tf, x!, w!, window, attributes.group);
    return [b === undefined ? y : tf.add(y, tf.reshape(b, [b.size, ...Array<number>(spatial).fill(1)]))];
  },
  isLinear: true,
  addsToOutput: (context) => biasAddend(context, 2, 1),
  // Borders of zeros would show.
  channelAxis: (context, { pads = [] }) => {
    const isPoint = context
      .inputDims(1)
      .slice(2)
      .every((size) => size === 1);
    return isPoint && pads.every((pad) => pad === 0) ? 1 : undefined;
  },
  resize: (context, { group }) =>
    isDepthwise(context, group) ? { attributes: { group: context.newInputDims(0)[1]! } } : {},
};

/** False for a broken model, which ONNX Runtime refuses only when it runs. */
function areGroupsEqual(context: NodeContext, group: number): boolean {
  const [outputs, inputs] = context.inputDims(1);
  return group > 0 && context.inputDims(0)[1] === group * inputs! && outputs! % group === 0;
}

function isDepthwise(context: NodeContext, group: number): boolean {
  return group > 1 && context.inputDims(0)[1] === group;
}

function groupRelations(context: NodeContext, group: number): readonly Relation[] {
  const data = inputAxis(context, 0, 1);
  const output = outputAxis(context, 0, 1);
  const outputs = context.outputDims(0)[1]! / group;
  if (!isDepthwise(context, group)) {
    const contraction: Relation = { kind: 'contract', data, weight: inputAxis(context, 1, 1), groups: group };
    return group === 1 ? [contraction] : [contraction, { kind: 'cycle', axis: output, times: group }];
  }
  return [outputs === 1 ? tie(data, output) : { kind: 'product', whole: output, parts: [data, outputs] }];
}
