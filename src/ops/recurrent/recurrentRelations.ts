/** @file What recurrent operators share: their channels, cost and new attributes. */
import { constantTensor } from '../constantTensor.js';
import type { CostTerm } from '../costTerm.js';
import { hasInput, inputAxis, inputValue, type NodeContext, outputAxis } from '../nodeContext.js';
import type { FreshStart, NodePatch, ResizeContext } from '../opDef.js';
import type { Relation } from '../relation.js';
import { pinInput, tie } from '../ties.js';
import type { RecurrentAttributes } from './recurrentAttributes.js';

/** Inputs of X [T, N, I], W [D, gates·H, I], R [D, gates·H, H] and B [D, 2·gates·H]. */
const X = 0;
const W = 1;
const R = 2;
const B = 3;

/** How an operator lays out its gates. */
export interface GateLayout {
  readonly gates: number;
  /** Inputs of initial states [D, N, H]. */
  readonly states: readonly number[];
  /** Input of the peepholes [D, 3·H]. */
  readonly peepholes?: number;
}

/**
 * A unit is one element of the hidden state, with its rows in all gates and directions. The recurrence sums over the
 * units by the columns of R, the gates over the input by those of W.
 */
export function recurrentChannels(
  context: NodeContext,
  { layout }: RecurrentAttributes,
  { gates, states, peepholes }: GateLayout,
): readonly Relation[] {
  const outputs = context.node.outputs.flatMap((value, output) => (value === undefined ? [] : [output]));
  if (layout !== 0 || outputs.length === 0) return [];
  if (constantTensor(inputValue(context, R)) === undefined) {
    return pinInput(context, R, 'its recurrent weights are calculated');
  }
  // Not by R's own columns: those are summed over.
  const hidden = outputAxis(context, outputs[0]!, -1);
  const blocks = (input: number, count: number): readonly Relation[] =>
    hasInput(context, input)
      ? [{ kind: 'product', whole: inputAxis(context, input, 1), parts: [count, hidden] } as const]
      : [];
  return [
    { kind: 'contract', data: inputAxis(context, X, 2), weight: inputAxis(context, W, 2) },
    { kind: 'contract', data: hidden, weight: inputAxis(context, R, 2) },
    ...blocks(W, gates),
    ...blocks(R, gates),
    ...blocks(B, 2 * gates),
    ...(peepholes === undefined ? [] : blocks(peepholes, 3)),
    ...outputs.slice(1).map((output) => tie(outputAxis(context, output, -1), hidden)),
    ...states.filter((input) => hasInput(context, input)).map((input) => tie(inputAxis(context, input, -1), hidden)),
  ];
}

/** T · N · D · gates · H · (I + H). */
export function recurrentMacs(context: NodeContext, { gates }: GateLayout): readonly CostTerm[] {
  const coefficient = (context.inputDims(W)[0] ?? 1) * gates;
  const steps = [inputAxis(context, X, 0), inputAxis(context, X, 1)];
  const hidden = inputAxis(context, R, 2);
  return [inputAxis(context, X, 2), hidden].map((summed) => ({ coefficient, axes: [...steps, hidden, summed] }));
}

export function resizeHidden(context: ResizeContext): NodePatch {
  const before = context.inputDims(R)[2];
  const after = context.newInputDims(R)[2]!;
  return before === after ? {} : { attributes: { hidden_size: after } };
}

/** Weights of H units are even between ∓ 1/√H, as in PyTorch; biases go by their role. */
export function recurrentStart(context: NodeContext, input: number, { peepholes }: GateLayout): FreshStart | undefined {
  const isWeight = input === W || input === R || input === peepholes;
  return isWeight ? { bound: 1 / Math.sqrt(context.inputDims(R)[2]!) } : undefined;
}
