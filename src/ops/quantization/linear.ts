/** @file Operators between floats and the integers that stand for them: `x ≈ (q − zero point) · scale`. */
import type { Attributes } from '../attributes.js';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, tie, tieSameAxes } from '../ties.js';

interface LinearAttributes {
  readonly axis: number;
  /** Positions along `axis` that share a scale; 0 where it is one for each, or for all. */
  readonly blockSize: number;
}

function linearAttributes(raw: Attributes): LinearAttributes {
  raw.ignore('saturate', 'output_dtype', 'precision');
  return { axis: raw.integer('axis', 1), blockSize: raw.integer('block_size', 0) };
}

/** Scale and zero point follow the axes that they have an element for each position of. */
function linearChannels(context: NodeContext, { axis, blockSize }: LinearAttributes): readonly Relation[] {
  const dims = context.inputDims(0);
  const along = normalizeAxis(axis, dims.length);
  const relations: Relation[] = [...tieSameAxes(context)];
  for (const input of [1, 2]) {
    if (!hasInput(context, input)) continue;
    const scales = context.inputDims(input);
    if (blockSize > 0 && scales.length === dims.length) {
      scales.forEach((width, i) => {
        const [own, data] = [inputAxis(context, input, i), inputAxis(context, 0, i)];
        if (i !== along && width === dims[i]) relations.push(tie(own, data));
        else relations.push(pinAxis(own, 'blocks share a scale'), pinAxis(data, 'blocks share a scale'));
      });
    } else if (scales.length === 1 && scales[0] === dims[along]) {
      relations.push(tie(inputAxis(context, input, 0), inputAxis(context, 0, along)));
    }
  }
  return relations;
}

const shared = {
  domain: '',
  since: 10,
  // A scale is no parameter: with integers in its place, a gradient could not follow.
  inputs: ['data', 'statistic', 'setting'],
  attributes: linearAttributes,
  channels: linearChannels,
  lower: () => ({ untrainable: 'quantised numbers have no gradient' }),
} satisfies Partial<OpDef<LinearAttributes>>;

/** QuantizeLinear: `y = saturate(round(x / scale) + zero point)`, per tensor, position of `axis`, or block. */
export const quantizeLinear: OpDef<LinearAttributes> = { ...shared, type: 'QuantizeLinear' };

/** DequantizeLinear: `y = (x − zero point) · scale`, per tensor, position of `axis`, or block. */
export const dequantizeLinear: OpDef<LinearAttributes> = { ...shared, type: 'DequantizeLinear' };

/** DynamicQuantizeLinear: to uint8, with the scale and zero point that fit the smallest and largest element. */
export const dynamicQuantizeLinear: OpDef<void> = {
  type: 'DynamicQuantizeLinear',
  domain: '',
  since: 11,
  inputs: ['data'],
  attributes: () => undefined,
  channels: (context) => [
    ...tieSameAxes(context),
    ...context.outputDims(0).map((_, axis): Relation => ({ kind: 'restrict', axis: outputAxis(context, 0, axis) })),
  ],
  lower: () => ({ untrainable: 'quantised numbers have no gradient' }),
};
