import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import { EMBEDDING, type OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { pinAxis, pinInput, tie } from '../ties.js';
import { pinSources, resizedTarget, targetRelations } from './targetShape.js';

/** Elements of the target shape stand at the end of the output's axes. */
function axisOfElement(context: NodeContext): (element: number) => number {
  const shift = context.outputDims(0).length - (context.numbers(1)?.length ?? 0);
  return (element) => element + shift;
}

/** Expand: the input broadcast to the shape in its second input; either may be 1 wide where the other is not. */
export const expand: OpDef<void> = {
  type: 'Expand',
  domain: '',
  since: 8,
  inputs: ['data', 'setting'],
  freshStart: () => EMBEDDING,
  attributes: () => undefined,
  channels: (context) => {
    const dims = context.inputDims(0);
    const out = context.outputDims(0);
    const target = context.numbers(1);
    if (target === undefined) return pinInput(context, 0, 'Expand has a shape that the data decides');
    return out.flatMap((width, axis): readonly Relation[] => {
      const to = outputAxis(context, 0, axis);
      const place = axis + dims.length - out.length;
      const element = axis + target.length - out.length;
      const own = place < 0 ? undefined : inputAxis(context, 0, place);
      const isTied = own !== undefined && dims[place] === width;
      // What is repeated has no positions of its own: the output's may come and go.
      const relations = isTied
        ? [tie(own, to)]
        : [tie(to, to), ...(own === undefined ? [] : [pinAxis(own, 'repeats it')])];
      if (element < 0) return relations;
      // An element of 1 leaves the width to the input, and must stay 1.
      const asked =
        target[element] === 1 && isTied ? pinSources(context, 1, element) : targetRelations(context, 1, element, to);
      return [...relations, ...asked];
    });
  },
  lower: (tf, [x], _, context) => [tf.add(x!, tf.zeros([...context.runningDims(0)]))],
  resize: (context) => resizedTarget(context, 1, axisOfElement(context)),
};
