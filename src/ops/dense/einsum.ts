import type { CostTerm } from '../costTerm.js';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { AxisRef, Relation } from '../relation.js';
import { pinInput, pinOutput, tie } from '../ties.js';
import { contraction, type InputAxis, isStored } from './contraction.js';
import { type Equation, parseEquation } from './equation.js';
import { inOrder, type Labelled, labelledProduct, sumOver } from './labelledProduct.js';

interface EinsumAttributes {
  readonly equation: string;
}

/**
 * Einsum: sums of products along named axes, as in `bhid,bhjd->bhij`.
 *
 * MACs: from left to right, each product with one more input counts the widths of all axes that it runs over.
 */
export const einsum: OpDef<EinsumAttributes> = {
  type: 'Einsum',
  domain: '',
  since: 12,
  inputs: ['data', 'weight'],
  attributes: (raw) => ({ equation: raw.string('equation', '') }),
  macs: (context, { equation }) => {
    const read = readEquation(context, equation);
    return 'obstacle' in read ? [] : products(context, read);
  },
  channels: (context, { equation }) => {
    const read = readEquation(context, equation);
    if ('obstacle' in read) {
      const inputs = context.node.inputs.flatMap((_, input) => pinInput(context, input, read.obstacle));
      return [...inputs, ...pinOutput(context, 0, read.obstacle)];
    }
    const summed = [...new Set(read.inputs.flat())].filter((label) => !read.output.includes(label));
    return [
      ...read.output.flatMap((label, axis) =>
        placesOf(read, label).map((place) =>
          tie(inputAxis(context, place.input, place.axis), outputAxis(context, 0, axis)),
        ),
      ),
      ...summed.flatMap((label) => sumOf(context, placesOf(read, label))),
    ];
  },
  lower: (tf, inputs, { equation }) => {
    const read = checkEquation(
      equation,
      inputs.map((input) => input!.shape),
    );
    if ('obstacle' in read) return { untrainable: read.obstacle };
    const [first, ...others] = inputs.map((tensor, i): Labelled => ({ tensor: tensor!, labels: read.inputs[i]! }));
    let result = first!;
    others.forEach((other, i) => {
      result = labelledProduct(tf, result, other, new Set([...read.output, ...read.inputs.slice(i + 2).flat()]));
    });
    const rest = sumOver(tf, result, (label) => !read.output.includes(label));
    return [inOrder(tf, rest, read.output).tensor];
  },
};

function readEquation(context: NodeContext, equation: string): Equation | { readonly obstacle: string } {
  return checkEquation(
    equation,
    context.node.inputs.map((_, input) => context.inputDims(input)),
  );
}

/** The equation, if every name stands for axes of one width, at most once in each input. */
function checkEquation(
  equation: string,
  shapes: readonly (readonly number[])[],
): Equation | { readonly obstacle: string } {
  const read = parseEquation(
    equation,
    shapes.map(({ length }) => length),
  );
  if (read === undefined) return { obstacle: `its equation '${equation}' is not understood` };
  if (read.inputs.some((labels) => new Set(labels).size < labels.length)) {
    return { obstacle: `its equation '${equation}' takes a diagonal` };
  }
  const widths = new Map<string, number>();
  for (const [input, labels] of read.inputs.entries()) {
    for (const [axis, label] of labels.entries()) {
      const width = shapes[input]![axis]!;
      if ((widths.get(label) ?? width) !== width) return { obstacle: 'it broadcasts axes of one name' };
      widths.set(label, width);
    }
  }
  return read;
}

function placesOf({ inputs }: Equation, label: string): readonly InputAxis[] {
  return inputs.flatMap((labels, input) => (labels.includes(label) ? [{ input, axis: labels.indexOf(label) }] : []));
}

/** A sum over an axis that only one input has, or that several share. */
function sumOf(context: NodeContext, places: readonly InputAxis[]): readonly Relation[] {
  const weight = places.find(({ input }) => isStored(context, input)) ?? places.at(-1)!;
  if (places.length > 1) {
    return places.filter((place) => place !== weight).map((place) => contraction(context, place, weight));
  }
  const axis = inputAxis(context, weight.input, weight.axis);
  return [{ kind: 'restrict', axis }];
}

/** The multiply-adds, input by input; a name that nothing further on has is summed over before. */
function products(context: NodeContext, { inputs, output }: Equation): readonly CostTerm[] {
  const axisOf = new Map<string, AxisRef>();
  inputs.forEach((labels, input) => {
    labels.forEach((label, axis) => {
      axisOf.set(label, inputAxis(context, input, axis));
    });
  });
  const terms: CostTerm[] = [];
  let left = inputs[0]!;
  inputs.slice(1).forEach((right, i) => {
    const needed = new Set([...output, ...inputs.slice(i + 2).flat()]);
    const all = [...new Set([...left, ...right])];
    const axes = all.filter((label) => needed.has(label) || (left.includes(label) && right.includes(label)));
    terms.push({ coefficient: 1, axes: axes.map((label) => axisOf.get(label)!) });
    left = all.filter((label) => needed.has(label));
  });
  return terms;
}
