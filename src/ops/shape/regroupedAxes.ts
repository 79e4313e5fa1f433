import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { AxisRef, Relation } from '../relation.js';
import { pinAxis, tie } from '../ties.js';

/** An axis of one side of a block; without `ref`, the inner part of one that is free. */
interface Side {
  readonly ref: AxisRef | undefined;
  readonly width: number;
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
 * The smallest blocks of input and output axes with equal products are paired, and each block is cut into the factors
 * that both sides are products of: [2, 6] → [4, 3] is 2·2·3, so 6 is the product of 2, which never changes, and the
 * last output axis. A block without such factors ([4, 6] → [3, 8]) stays pinned. Free axes at the front of a block
 * count as one: [N, 8] → [N·2, 4] makes 8 the product of 2 and the last output axis.
 */
export function regroupedAxes(context: NodeContext): readonly Relation[] {
  const from = context.inputDims(0).map((width, axis) => ({ width, ref: inputAxis(context, 0, axis) }));
  const to = context.outputDims(0).map((width, axis) => ({ width, ref: outputAxis(context, 0, axis) }));
  if ([...from, ...to].some(({ width }) => width === 0)) return [];
  const isOpen = ({ ref }: Side) => ref !== undefined && context.isFree(ref);
  // A target in plain numbers fixes what is free in the input: the reshape is for this size alone.
  const isFree = from.some(isOpen) && to.some(isOpen) ? isOpen : () => false;
  const relations: Relation[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length && j < to.length) {
    const first = { i, j };
    let left = from[i++]!.width;
    let right = to[j++]!.width;
    // Where the analysis has one sample, the batch shows no width: both sides of a block must have a part in it.
    while (left !== right || from.slice(first.i, i).some(isFree) !== to.slice(first.j, j).some(isFree)) {
      if (left < right || (left === right && !from.slice(first.i, i).some(isFree))) {
        if (i === from.length) return relations;
        left *= from[i++]!.width;
      } else {
        if (j === to.length) return relations;
        right *= to[j++]!.width;
      }
    }
    relations.push(...blockRelations(from.slice(first.i, i), to.slice(first.j, j), isFree));
  }
  return relations;
}

function blockRelations(
  inputs: readonly Side[],
  outputs: readonly Side[],
  isFree: (side: Side) => boolean,
): readonly Relation[] {
  if (inputs.length === 1 && outputs.length === 1) return [tie(inputs[0]!.ref!, outputs[0]!.ref!)];
  const [a, b] = [withoutFree(inputs, isFree), withoutFree(outputs, isFree)];
  if (a === undefined || b === undefined || (a.free % b.free !== 0 && b.free % a.free !== 0)) {
    return [...inputs, ...outputs].map(({ ref }) => pinAxis(ref!, 'mixes it with the batch'));
  }
  // What one side's free front is larger by, the other side has in static axes.
  const ratio = a.free / b.free;
  const front = (width: number) => (width > 1 ? [{ ref: undefined, width }] : []);
  return factorRelations([...front(ratio), ...a.rest], [...front(1 / ratio), ...b.rest]);
}

/** The width of the free axes at the front of a block, and its other axes; undefined where free ones come later. */
function withoutFree(
  sides: readonly Side[],
  isFree: (side: Side) => boolean,
): { readonly free: number; readonly rest: readonly Side[] } | undefined {
  const wide = sides.filter((side) => side.width > 1 || isFree(side));
  const end = wide.findIndex((side) => !isFree(side));
  const [front, rest] = end < 0 ? [wide, []] : [wide.slice(0, end), wide.slice(end)];
  if (rest.some(isFree)) return undefined;
  return { free: front.reduce((product, { width }) => product * width, 1), rest };
}

function factorRelations(inputs: readonly Side[], outputs: readonly Side[]): readonly Relation[] {
  const factors = commonFactors(inputs, outputs);
  const relations: Relation[] = [];
  const part = (side: Side, width: number) => (side.width === width && side.ref !== undefined ? side.ref : width);
  for (const side of inputs) {
    const own = factors.filter(({ input }) => input === side);
    if (side.ref === undefined || own.length === 0) continue;
    const parts = own.map(({ output, width }) => part(output, width));
    if (own.length > 1) relations.push({ kind: 'product', whole: side.ref, parts });
    else if (typeof parts[0] === 'object') relations.push(tie(side.ref, parts[0]));
  }
  for (const side of outputs) {
    const own = factors.filter(({ output }) => output === side);
    if (side.ref === undefined || own.length < 2) continue;
    relations.push({ kind: 'product', whole: side.ref, parts: own.map(({ input, width }) => part(input, width)) });
  }
  return relations;
}

/** The factors of a block from the outermost in; none where the sides have no common ones. */
function commonFactors(inputs: readonly Side[], outputs: readonly Side[]): readonly Factor[] {
  const factors: Factor[] = [];
  const left = inputs.map((side) => ({ side, rest: side.width }));
  const right = outputs.map((side) => ({ side, rest: side.width }));
  // What is left of an axis is its outer part, since factors are taken from the inside.
  while (left.length > 0 && right.length > 0) {
    const [a, b] = [left.at(-1)!, right.at(-1)!];
    const width = Math.min(a.rest, b.rest);
    if (a.rest % width !== 0 || b.rest % width !== 0) return [];
    factors.unshift({ width, input: a.side, output: b.side });
    a.rest /= width;
    b.rest /= width;
    if (a.rest === 1) left.pop();
    if (b.rest === 1) right.pop();
  }
  return factors;
}
