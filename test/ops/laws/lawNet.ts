/** @file Nets around one operator, for the laws of rewriting. */
import type { ModelProto, NodeProto } from '../../../src/onnx/messages.js';
import { modelOf, node, type WeightSketch } from '../../support/modelOf.js';

export interface LawNet {
  readonly record: string;
  readonly title: string;
  readonly model: ModelProto;
  /** The groups that can be changed; none where the operator pins its neighbours. */
  readonly groups: readonly string[];
  /** For operators that pin: the value whose channels are pinned, and the reason. */
  readonly pinned?: readonly [value: string, axis: number, reason: string];
}

export type Weights = Readonly<Record<string, WeightSketch>>;
export const SAME = { pads: [1, 1, 1, 1] };

/** Conv (6 channels on 4 × 4) → nodes from 'a' to 'b' → Conv. */
export function image(nodes: readonly NodeProto[], weights: Weights = {}, opset = 17, channels = 6): ModelProto {
  return modelOf({
    inputs: { x: ['N', 3, 4, 4] },
    weights: { w1: [6, 3, 3, 3], b1: [6], w2: [2, channels, 1, 1], ...weights },
    nodes: [node('Conv', ['x', 'w1', 'b1'], 'a', SAME), ...nodes, node('Conv', ['b', 'w2'], 'y')],
    outputs: ['y'],
    opset,
  });
}

/** Gemm (6 columns) → nodes from 'a' to 'b' → Gemm. */
export function rows(nodes: readonly NodeProto[], weights: Weights = {}, opset = 17): ModelProto {
  return modelOf({
    inputs: { x: ['N', 5] },
    weights: { f1: [5, 6], f2: [6, 2], ...weights },
    nodes: [node('Gemm', ['x', 'f1'], 'a'), ...nodes, node('Gemm', ['b', 'f2'], 'y')],
    outputs: ['y'],
    opset,
  });
}

export const A = ['a (6): a'];
/** A net through whose operator the channels run. */
export const free = (record: string, title: string, model: ModelProto, groups: readonly string[] = A): LawNet => ({
  record,
  title,
  model,
  groups,
});
/** A net whose operator holds the channels, but for those in `groups`. */
export const pins = (
  record: string,
  title: string,
  model: ModelProto,
  pinned: LawNet['pinned'] & {},
  groups: readonly string[] = [],
): LawNet => ({ record, title, model, groups, pinned });
/** One operator from 'a' to 'b'. */
export const one = (type: string, attributes = {}, inputs: readonly string[] = ['a']) =>
  node(type, inputs, 'b', attributes);
