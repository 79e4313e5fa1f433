import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { AxisRef, Relation } from '../relation.js';
import { pinAxis, tie } from '../ties.js';

/** An axis of one side of a block. */
interface Side {
  readonly ref: AxisRef;
  readonly width: number;
  /** The width, and what it is at other sizes of what is free. */
  readonly widths: readonly number[];
  readonly isFree: boolean;
}

/** A factor of a block: part of one axis on each side. */
interface Factor {
  readonly width: number;
  readonly input: Side;
  readonly output: Side;
}

/**
 * Relations of a reshape that keeps the row-major order.
 *
 * The smallest blocks of input and output axes with equal products are paired, and each block is cut from the inside
 * into the factors that both sides are products of: [2, 6] → [4, 3] is 2·2·3, so 6 is the product of 2, which never
 * changes, and the last output axis. A free axis gives any factor from its inside: [N, 8] → [N·2, 4] makes 8 the product
 * of 2 and the last output axis. What has no such factors ([4, 6] → [3, 8]) stays pinned.
 */
export function regroupedAxes(context: NodeContext): readonly Relation[] {
  const axes = (dims: readonly number[], refOf: (axis: number) => AxisRef): readonly Side[] =>
    dims.map((width, axis) => {
      const ref = refOf(axis);
      return { width, ref, widths: context.widthsOf(ref), isFree: context.isFree(ref) };
    });
  const given = axes(context.inputDims(0), (axis) => inputAxis(context, 0, axis));
  const wanted = axes(context.outputDims(0), (axis) => outputAxis(context, 0, axis));
  if ([...given, ...wanted].some(({ width }) => width === 0)) return [];
  // A target in plain numbers fixes what is free in the input: the reshape is for this size alone.
  const isOpen = given.some(isFree) && wanted.some(isFree);
  const [from, to] = isOpen ? [given, wanted] : [given.map(fixed), wanted.map(fixed)];
  const relations: Relation[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length && j < to.length) {
    const first = { i, j };
    let left = from[i++]!.widths;
    let right = to[j++]!.widths;
    // The analysis has one sample, and shows no width of the batch: products must be equal at other sizes too.
    for (let order = compare(left, right); order !== 0; order = compare(left, right)) {
      if (order < 0) {
        if (i === from.length) return relations;
        left = times(left, from[i++]!.widths);
      } else {
        if (j === to.length) return relations;
        right = times(right, to[j++]!.widths);
      }
    }
    relations.push(...blockRelations(from.slice(first.i, i), to.slice(first.j, j)));
  }
  return relations;
}

const isFree = (side: Side) => side.isFree;
const fixed = (side: Side): Side => ({ ...side, isFree: false, widths: [side.width] });
const times = (a: readonly number[], b: readonly number[]) => a.map((width, i) => width * b[i]!);

/** The difference where two lists of widths differ first; 0 where they are the same. */
function compare(a: readonly number[], b: readonly number[]): number {
  return a.map((width, i) => width - b[i]!).find((difference) => difference !== 0) ?? 0;
}

function blockRelations(inputs: readonly Side[], outputs: readonly Side[]): readonly Relation[] {
  if (inputs.length === 1 && outputs.length === 1) return [tie(inputs[0]!.ref, outputs[0]!.ref)];
  const factors = commonFactors(inputs, outputs);
  const isMixed = [...inputs, ...outputs].some(isFree);
  const leftOver = (side: Side) => (isMixed && !side.isFree ? [pinAxis(side.ref, 'mixes it with the batch')] : []);
  // A part of an axis never changes by itself.
  const part = (side: Side, width: number) => (side.width === width && !side.isFree ? side.ref : width);
  const relations = inputs.flatMap((side): readonly Relation[] => {
    const own = factors.filter(({ input }) => input === side);
    const parts = own.map(({ output, width }) => part(output, width));
    if (!isCovered(side, own)) return leftOver(side);
    if (parts.length > 1) return [{ kind: 'product', whole: side.ref, parts }];
    // The only factor may be a part of an output axis, which is the product then.
    return typeof parts[0] === 'object' ? [tie(side.ref, parts[0])] : own[0]!.output.isFree ? leftOver(side) : [];
  });
  const products = outputs.flatMap((side): readonly Relation[] => {
    const own = factors.filter(({ output }) => output === side);
    if (!isCovered(side, own)) return leftOver(side);
    if (own.length === 1) return own[0]!.input.isFree ? leftOver(side) : [];
    return [{ kind: 'product', whole: side.ref, parts: own.map(({ input, width }) => part(input, width)) }];
  });
  return [...relations, ...products];
}

function isCovered(side: Side, factors: readonly Factor[]): boolean {
  return !side.isFree && factors.length > 0 && factors.reduce((size, { width }) => size * width, 1) === side.width;
}

/** The factors of a block from the outermost in, as far as there are common ones. */
function commonFactors(inputs: readonly Side[], outputs: readonly Side[]): readonly Factor[] {
  const factors: Factor[] = [];
  const open = (sides: readonly Side[]) =>
    sides.filter(({ width, isFree }) => width > 1 || isFree).map((side) => ({ side, rest: side.width }));
  const left = open(inputs);
  const right = open(outputs);
  // What is left of an axis is its outer part, since factors are taken from the inside.
  while (left.length > 0 && right.length > 0) {
    const [a, b] = [left.at(-1)!, right.at(-1)!];
    if (a.side.isFree && b.side.isFree) break;
    const width = a.side.isFree ? b.rest : b.side.isFree ? a.rest : Math.min(a.rest, b.rest);
    if (a.rest % width !== 0 || b.rest % width !== 0) break;
    factors.unshift({ width, input: a.side, output: b.side });
    a.rest /= width;
    b.rest /= width;
    if (a.rest === 1 && !a.side.isFree) left.pop();
    if (b.rest === 1 && !b.side.isFree) right.pop();
  }
  return factors;
}
