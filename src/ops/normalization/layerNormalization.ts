/** @file Normalisations over the last axes, with a gain and an offset per element of them. */
import type { Attributes } from '../attributes.js';
import { type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, tie, tieBroadcast } from '../ties.js';
import { layerNorm } from './layerNorm.js';
import { axesFrom, restrictAxes, standardize } from './standardize.js';

export interface LayerNormalizationAttributes {
  readonly axis: number;
  readonly epsilon: number;
}

function attributes(raw: Attributes): LayerNormalizationAttributes {
  // The precision of the first stage: the file's own element type decides what is proven.
  raw.ignore('stash_type');
  return { axis: raw.integer('axis', -1), epsilon: raw.float('epsilon', 1e-5) };
}

/**
 * All inputs and outputs share their axes, aligned at the end; the node calculates over those from `axis` on.
 *
 * @param whole outputs beside the first that have its shape; the others are statistics, of width 1 from `axis` on
 */
export function layerNormalizationChannels(
  context: NodeContext,
  axis: number,
  whole: readonly number[] = [],
): readonly Relation[] {
  const rank = context.inputDims(0).length;
  const first = normalizeAxis(axis, rank);
  const others = context.node.outputs.flatMap((value, output) => {
    if (value === undefined || output === 0) return [];
    const axes = axesFrom(0, whole.includes(output) ? rank : first);
    return axes.map((shared) => tie(outputAxis(context, output, shared), outputAxis(context, 0, shared)));
  });
  return [...tieBroadcast(context), ...others, ...restrictAxes(context, axesFrom(first, rank))];
}

/**
 * LayerNormalization: `Y = (X − mean) / √(variance + ε) · scale + B` over the axes from `axis` on; `Mean` and
 * `InvStdDev` keep those with width 1. ONNX Runtime knows it at every opset.
 */
export const layerNormalization: OpDef<LayerNormalizationAttributes> = {
  type: 'LayerNormalization',
  domain: '',
  since: 1,
  inputs: ['data', 'scale', 'shift'],
  attributes,
  channels: (context, { axis }) => layerNormalizationChannels(context, axis),
  lower: (tf, [x, scale, shift], { axis, epsilon }, context) => {
    const first = normalizeAxis(axis, x!.rank);
    const y = layerNorm(tf, x!, scale!, shift, first, epsilon);
    if (context.node.outputs.length === 1) return [y];
    const { mean, inverseDeviation } = standardize(tf, x!, axesFrom(first, x!.rank), epsilon);
    return [y, mean, inverseDeviation].slice(0, context.node.outputs.length);
  },
};

/** Record of a normalisation by the root mean square: `Y = X / √(mean X² + ε) · scale`, and `1 / √…`. */
function rootMeanSquare(type: string, since: number): OpDef<LayerNormalizationAttributes> {
  return {
    type,
    domain: '',
    since,
    inputs: ['data', 'scale'],
    attributes,
    channels: (context, { axis }) => layerNormalizationChannels(context, axis),
    lower: (tf, [x, scale], { axis, epsilon }, context) => {
      const axes = axesFrom(normalizeAxis(axis, x!.rank), x!.rank);
      const { normal, inverseDeviation } = standardize(tf, x!, axes, epsilon, false);
      return [tf.mul(normal, scale!), inverseDeviation].slice(0, context.node.outputs.length);
    },
  };
}

export const rmsNormalization = rootMeanSquare('RMSNormalization', 23);
/** What ONNX Runtime's optimizer writes for a decomposed RMSNormalization. */
export const simplifiedLayerNormalization = rootMeanSquare('SimplifiedLayerNormalization', 1);
