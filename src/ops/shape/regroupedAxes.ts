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

/** What is left of an axis, from its outside, when factors were taken from its inside. */
interface Remainder {
  readonly side: Side;
  rest: readonly number[];
}

/** The factors of a block from the outermost in, as far as there are common ones. */
function commonFactors(inputs: readonly Side[], outputs: readonly Side[]): readonly Factor[] {
  const factors: Factor[] = [];
  const open = (sides: readonly Side[]): Remainder[] =>
    sides.filter(({ width, isFree }) => width > 1 || isFree).map((side) => ({ side, rest: side.widths }));
  const left = open(inputs);
  const right = open(outputs);
  while (left.length > 0 && right.length > 0) {
    const [a, b] = [left.at(-1)!, right.at(-1)!];
    if (isOpen(a) && isOpen(b)) {
      if (!takeFree(left, right)) break;
      continue;
    }
    const width = isOpen(a) ? b.rest[0]! : isOpen(b) ? a.rest[0]! : Math.min(a.rest[0]!, b.rest[0]!);
    if (![...a.rest, ...b.rest].every((rest) => rest % width === 0)) break;
    factors.unshift({ width, input: a.side, output: b.side });
    for (const [end, sides] of [
      [a, left],
      [b, right],
    ] as const) {
      end.rest = end.rest.map((rest) => rest / width);
      if (end.rest.every((rest) => rest === 1)) sides.pop();
    }
  }
  return factors;
}

const isOpen = ({ rest }: Remainder) => rest.some((width) => width !== rest[0]);

/**
 * Takes what is free from the inside of both sides, as far as it is the same at all sizes: of [C, H, W] → [G, M] that is
 * H·W, and C ∕ G stays of M.
 *
 * @returns whether anything was taken
 */
function takeFree(left: Remainder[], right: Remainder[]): boolean {
  let [i, j] = [left.length - 1, right.length - 1];
  let [inner, outer] = [left[i]!.rest, right[j]!.rest];
  for (;;) {
    const [more, fewer] = compare(inner, outer) > 0 ? [inner, outer] : [outer, inner];
    const ratio = more[0]! / fewer[0]!;
    if (Number.isInteger(ratio) && more.every((width, k) => width === ratio * fewer[k]!)) {
      const [sides, end] = more === inner ? [left, i] : [right, j];
      const last = sides[end]!;
      if (ratio > 1 && !(last.side.isFree && last.rest.every((width) => width % ratio === 0))) return false;
      left.length = i;
      right.length = j;
      if (ratio > 1) sides.push({ side: last.side, rest: last.rest.map(() => ratio) });
      return true;
    }
    if (more === outer) {
      if (--i < 0) return false;
      inner = times(inner, left[i]!.rest);
    } else {
      if (--j < 0) return false;
      outer = times(outer, right[j]!.rest);
    }
  }
}
