import type { Dimension } from '../dimension.js';
import { inputAxis, outputAxis } from '../nodeContext.js';
import { EMBEDDING, type OpDef } from '../opDef.js';
import { normalizeAxis, tieSameAxes } from '../ties.js';

/** Concat: the inputs one after the other along `axis`. */
export const concat: OpDef<{ axis: number }> = {
  type: 'Concat',
  domain: '',
  since: 4,
  inputs: ['data'],
  freshStart: () => EMBEDDING,
  skipsEmpty: true,
  attributes: (raw) => ({ axis: raw.integer('axis', 1) }),
  channels: (context, attributes) => {
    const axis = normalizeAxis(attributes.axis, context.outputDims(0).length);
    const inputs = context.node.inputs.map((_, input) => input);
    return [
      {
        kind: 'concat',
        whole: outputAxis(context, 0, axis),
        parts: inputs.map((input) => inputAxis(context, input, axis)),
      },
      ...inputs.flatMap((input) => tieSameAxes(context, input, 0, [axis])),
    ];
  },
  lower: (tf, inputs, { axis }) => [
    tf.concat(
      inputs.map((input) => input!),
      normalizeAxis(axis, inputs[0]!.rank),
    ),
  ],
  dimensions: (context) => {
    const parts = context.node.inputs.map((_, input) => context.dimensions(input));
    const known = parts.filter((part): part is readonly Dimension[] => part !== undefined);
    return known.length === parts.length ? known.flat() : undefined;
  },
};
