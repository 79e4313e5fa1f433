/** @file What becomes of values when whole groups die: some lose all their elements, others become constants. */
import type { Value } from '../../graph/graph.js';
import { type Node, nodeLabel } from '../../graph/graph.js';
import type { Addend } from '../../ops/addend.js';
import type { BoundModel, BoundNode } from '../../ops/bindModel.js';
import { inputRole } from '../../ops/opDef.js';
import type { AxisRef } from '../../ops/relation.js';
import type { ChannelAnalysis } from '../channelAnalysis.js';

/**
 * What is left of a value.
 *
 * - `whole`: it is calculated as before.
 * - `empty`: one of its axes has no positions left.
 * - `uniform`: it is a constant, the same along all axes but those that are `wide`.
 * - `lost`: it would have to be calculated in a way that is not known; nothing that stays may read it.
 */
export type Fate =
  | { readonly kind: 'whole' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'uniform'; readonly wide: readonly boolean[]; readonly isZero: boolean }
  | { readonly kind: 'lost'; readonly reason: string };

/** A constant that a node without data gives: its bias, or zeros. */
export interface Seed {
  readonly bias: Addend | undefined;
  readonly axis: number;
}

const WHOLE: Fate = { kind: 'whole' };
const EMPTY: Fate = { kind: 'empty' };

/** The fates of all values of a model, where some axes have no positions left. */
export class Fading {
  /** Nodes that sum over nothing, with what they give. */
  readonly seeds = new Map<Node, Seed>();
  private readonly fates = new Map<Value, Fate>();
  private readonly model: BoundModel;

  /** @param isEmpty whether an axis has no positions left */
  constructor(
    private readonly analysis: ChannelAnalysis,
    private readonly isEmpty: (axis: AxisRef) => boolean,
  ) {
    this.model = analysis.model;
    for (const bound of this.model.nodes) {
      for (const output of bound.node.outputs) {
        if (output !== undefined) this.fates.set(output, this.hasNothing(output) ? EMPTY : WHOLE);
      }
      const fate = this.fateOf(bound);
      for (const output of bound.node.outputs) {
        if (output !== undefined && this.fates.get(output) === WHOLE) this.fates.set(output, fate);
      }
    }
  }

  /** What is left of a value; graph inputs and constants are whole as long as they have elements. */
  of(value: Value): Fate {
    return this.fates.get(value) ?? (this.hasNothing(value) ? EMPTY : WHOLE);
  }

  private hasNothing(value: Value): boolean {
    if (!this.model.hasType(value)) return false;
    return this.model.typeOf(value).dims.some((_, axis) => this.isEmpty({ value, axis }));
  }

  /** What the outputs of a node become that keep their elements. */
  private fateOf(bound: BoundNode): Fate {
    const { node } = bound;
    const lost = (reason: string): Fate => ({ kind: 'lost', reason: `${nodeLabel(node)} ${reason}` });
    const inputs = node.inputs.filter((value) => value !== undefined);
    const fates = [...inputs, ...node.captures].map((value) => this.of(value));
    if (fates.every((fate) => fate === WHOLE)) return WHOLE;
    const found = fates.find(({ kind }) => kind === 'lost');
    if (found !== undefined) return found;
    if (!bound.known || bound.isShapeArithmetic || node.captures.length > 0) return lost('reads what would be gone');
    if (node.outputs.some((output) => output !== undefined && this.hasNothing(output)))
      return lost('would lose some of its outputs alone');
    if (fates.includes(EMPTY)) return this.withoutData(bound, lost);
    return this.ofConstants(bound, lost);
  }

  private withoutData(bound: BoundNode & { readonly known: true }, lost: (reason: string) => Fate): Fate {
    const { node, op, context, attributes } = bound;
    const present = node.inputs.filter((value) => value !== undefined);
    const left = present.filter((value) => this.of(value) !== EMPTY);
    if (op.skipsEmpty === true) {
      if (left.every((value) => this.of(value) === WHOLE)) return WHOLE;
      return lost('would join a constant with channels');
    }
    const summed = this.analysis.contractions.filter(
      (contraction) => contraction.node === node && this.isEmpty(contraction.data),
    );
    const explained = new Set(summed.flatMap(({ data, weight }) => [data.value, weight.value]));
    if (op.isLinear !== true || present.some((value) => this.of(value) === EMPTY && !explained.has(value)))
      return lost('would have nothing to work on');
    const addend = op.addsToOutput?.(context, attributes);
    const [bias, ...others] = left;
    if (bias !== undefined) {
      const isBias = addend !== undefined && node.inputs[addend.input] === bias && this.isStored(bias);
      if (!isBias || others.length > 0) return lost('adds what is calculated to a sum over nothing');
    }
    const dims = context.outputDims(0);
    const axis = addend?.axis ?? dims.length - 1;
    this.seeds.set(node, { bias: bias === undefined ? undefined : addend, axis });
    const wide = dims.map((dim, a) => a === axis && dim > 1 && !this.isFree(node, a));
    return { kind: 'uniform', wide, isZero: bias === undefined };
  }

  /** The node reads constants that were none before. */
  private ofConstants(bound: BoundNode & { readonly known: true }, lost: (reason: string) => Fate): Fate {
    const { node, op, context, attributes } = bound;
    if (op.isRandom === true) return lost('would draw for a constant');
    if (op.skipsEmpty === true) return lost('would join a constant with channels');
    const present = [...node.inputs.entries()].flatMap(([input, value]) =>
      value === undefined ? [] : [{ input, value }],
    );
    const isData = (input: number) => inputRole(op, input) === 'data';
    const uniform = present.filter(({ value }) => this.of(value).kind === 'uniform');
    const others = present.filter(({ value }) => this.of(value) === WHOLE);
    const live = others.filter(({ value }) => !this.isStored(value));
    if (!uniform.every(({ input }) => isData(input))) return lost('would read a constant that is no data');
    const dims = context.outputDims(0);
    if (live.length > 0) {
      if (op.isPointwise !== true || !live.every(({ input }) => isData(input)))
        return lost('would calculate with a constant in the place of channels');
      const isCovered = dims.every((_, axis) => live.some(({ value }) => this.isAsWide(node, axis, value)));
      return isCovered ? WHOLE : lost('would spread a constant');
    }
    if (op.isPointwise === true) {
      const wide = dims.map((dim, axis) =>
        present.some(({ value }) => {
          const fate = this.of(value);
          const own = axis - dims.length + this.model.typeOf(value).dims.length;
          return own >= 0 && (fate.kind === 'uniform' ? fate.wide[own]! : dim > 1 && this.widthOf(value, own) > 1);
        }),
      );
      return { kind: 'uniform', wide, isZero: false };
    }
    const [data, ...further] = uniform;
    const fate = data === undefined ? undefined : this.of(data.value);
    const order = op.axisOrder?.(context, attributes);
    if (order !== undefined && data?.input === 0 && fate?.kind === 'uniform')
      return { ...fate, wide: order.map((from) => fate.wide[from]!) };
    const axis = op.channelAxis?.(context, attributes);
    if (axis === undefined || data?.input !== 0 || further.length > 0 || fate?.kind !== 'uniform')
      return lost('would spread a constant');
    const isAlong = fate.wide.every((isWide, a) => isWide === (a === axis && this.widthOf(data.value, a) > 1));
    if (!isAlong || dims.length !== fate.wide.length) return lost('would spread a constant');
    const isZero = fate.isZero && op.isLinear === true && present.length === 2;
    return { kind: 'uniform', wide: dims.map((dim, a) => a === axis && dim > 1), isZero };
  }

  /** Whether an input has an axis of the output at its full width, at all sizes. */
  private isAsWide(node: Node, axis: number, value: Value): boolean {
    const output = node.outputs[0]!;
    const own = axis - this.model.typeOf(output).dims.length + this.model.typeOf(value).dims.length;
    if (own < 0) return false;
    const { widthsOf } = this.model.bound(node).context;
    const [full, mine] = [widthsOf({ value: output, axis }), widthsOf({ value, axis: own })];
    return full.every((width, i) => width === mine[i]);
  }

  private widthOf(value: Value, axis: number): number {
    return this.model.typeOf(value).dims[axis] ?? 1;
  }

  private isFree(node: Node, axis: number): boolean {
    return this.model.isFree({ value: node.outputs[0]!, axis });
  }

  private isStored(value: Value): boolean {
    return this.model.constant(value) !== undefined;
  }
}
