/** @file The record of an ONNX operator: everything that the project knows of it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Node } from '../graph/graph.js';
import type { Addend } from './addend.js';
import type { Attributes } from './attributes.js';
import type { CostTerm } from './costTerm.js';
import type { Dimension } from './dimension.js';
import type { NodeContext } from './nodeContext.js';
import type { AxisRef, Relation } from './relation.js';

/** tf.js, handed to lowerings so that nothing else loads it. */
export type Tf = typeof import('@tensorflow/tfjs-core');

/**
 * What an input is for.
 *
 * - `data`: activations; a constant here counts as a parameter if it is a float initializer of several elements.
 * - `weight`, `bias`: trained, and produce the channels they share an axis with.
 * - `scale`, `shift`: gain and offset of a normalisation, trained; `scale` is what the gamma penalty acts on.
 * - `statistic`: stored numbers that gradients leave alone: running mean and variance, which training updates, and
 *   initial states; no parameter.
 * - `setting`: shapes, axes, limits, ratios; never trained, no parameter.
 */
export type InputRole = 'data' | 'weight' | 'bias' | 'scale' | 'shift' | 'statistic' | 'setting';

/**
 * How large differences in an operator's input can hide in its output: by a function that all know (which the loss may
 * look behind), in other limits that the output approaches or keeps to, or in steps (truth values, whole numbers,
 * positions).
 */
export type Saturation = 'sigmoid' | 'softmax' | 'tanh' | 'limits' | 'steps';

/** What a lowering may ask for beside its inputs. */
export interface LowerContext extends NodeContext {
  /** True while training: BatchNorm uses batch statistics, Dropout drops. */
  readonly training: boolean;
  /** Sets the value that a `statistic` input takes after this step. */
  updateStatistic(input: number, value: Tensor): void;
  /** Dimensions of an output at the batch that runs now. */
  runningDims(output: number): readonly number[];
  /** Random numbers, evenly from 0 to below 1, other ones at every call and at every training step. */
  noise(shape: readonly number[]): Tensor;
}

/** Why a node cannot be trained through. */
export interface Untrainable {
  readonly untrainable: string;
}

/** An integer or a list of them, or a float; null takes the attribute away. */
export type AttributePatch = number | readonly number[] | { readonly float: number } | null;

/** New attributes and constant inputs for the widths after a rewrite; what is absent stays as it is. */
export interface NodePatch {
  readonly attributes?: Readonly<Record<string, AttributePatch>>;
  /**
   * By input position: new contents of an integer input, of the same shape, or of another length along a single axis;
   * a list where the input was left out.
   * Elements that are free, or follow a width by themselves, are left alone.
   */
  readonly constants?: ReadonlyMap<number, readonly number[]>;
  /**
   * As `constants`, but others may need the elements otherwise: then those that are not free get a place of their own
   * for this node.
   */
  readonly elements?: ReadonlyMap<number, readonly number[]>;
  /** By input position: what the node reads there instead, alone and as a constant, whatever was free in it. */
  readonly inputs?: ReadonlyMap<number, readonly number[]>;
}

/** What `resize` sees: the node after the cut, by its new dimensions. */
export interface ResizeContext extends NodeContext {
  /** Dimensions of an input or output after the rewrite; free dimensions are what they were. */
  newInputDims(input: number): readonly number[];
  newOutputDims(output: number): readonly number[];
  /** The old position of each position after the rewrite, copies included; undefined where the axis stays as it is. */
  keptPositions(axis: AxisRef): readonly number[] | undefined;
}

/** What the optimizer knows of one ONNX operator over one opset range. */
export interface OpDef<A = unknown> {
  readonly type: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  /** First and last opset version of the domain that this record is valid for. */
  readonly since: number;
  readonly until?: number;
  /** Roles by input position; the last one repeats for variadic operators. */
  readonly inputs: readonly InputRole[];
  /** Set where differences hide in the output, so that a proof looks at the inputs as well. */
  readonly saturates?: Saturation;
  /** The axes over which the output, or its exponentials, sum to one: a distribution, of what goes in as logits. */
  distribution?(node: NodeContext, attributes: A): readonly number[];
  /** True where every run gives another output, so that constant inputs do not make it a constant. */
  readonly isRandom?: boolean;
  /** Why ONNX Runtime would not refuse the node, but end the process with it. */
  crashes?(node: Node): string | undefined;
  /** The output, where it depends on the dimensions of the first input alone, as with Shape. */
  shapeResult?(dims: readonly number[], attributes: A): readonly number[];
  /** Typed, defaulted attributes. @throws where an attribute is unknown or has the wrong type */
  attributes(raw: Attributes): A;
  /** Multiply-adds of one run; none by default. */
  macs?(node: NodeContext, attributes: A): readonly CostTerm[];
  /** What sets nodes apart that take other times for the same FLOPs and bytes; undefined where nothing does. */
  variant?(node: NodeContext, attributes: A): string | undefined;
  /** Which axis positions live and die together; axes that no relation mentions are pinned. */
  channels(node: NodeContext, attributes: A): readonly Relation[];
  /** The operator in tf.js, over tensors in ONNX's layout. */
  lower(
    tf: Tf,
    inputs: readonly (Tensor | undefined)[],
    attributes: A,
    context: LowerContext,
  ): readonly Tensor[] | Untrainable;
  /** What to change on the node when its axes have new widths; nothing by default. */
  resize?(node: ResizeContext, attributes: A): NodePatch;
  /** True where the first output is linear in the data, but for a bias. */
  readonly isLinear?: boolean;
  /** The bias: what is added to the first output. */
  addsToOutput?(node: NodeContext, attributes: A): Addend | undefined;
  /** True where each element of the outputs depends on those at its place of the inputs alone, aligned at the end. */
  readonly isPointwise?: boolean;
  /** True where the output is the sum of the inputs. */
  readonly isSum?: boolean;
  /** True where inputs without elements can be left out. */
  readonly skipsEmpty?: boolean;
  /** For each axis of the output that of the first input which it is, where nothing else becomes of the data. */
  axisOrder?(node: NodeContext, attributes: A): readonly number[] | undefined;
  /**
   * The axis of the first input and of the output for which holds: where the input is the same along all other axes, so
   * is the output, and it is the same numbers if these axes have one position. Undefined where there is none.
   */
  channelAxis?(node: NodeContext, attributes: A): number | undefined;
  /** The inputs that hold mean and variance of the first one's channels, one number each along axis 1. */
  storedStatistics?(node: NodeContext, attributes: A): { readonly mean: number; readonly variance: number } | undefined;
  /** What a stored input of a network that begins anew holds, where its role does not say it. */
  freshStart?(node: NodeContext, attributes: A, input: number): FreshStart | undefined;
  /** A stored input whose change is the same as an addition to the data of another input. */
  addsToData?(node: NodeContext, attributes: A, data: number): Addend | undefined;
  /** Where the elements of an integer output come from; unknown by default. */
  dimensions?(node: NodeContext, attributes: A): readonly Dimension[] | undefined;
}

/** Numbers to begin with: all the same, or drawn around 0, normal with a deviation or evenly up to a bound. */
export type FreshStart = { readonly value: number } | { readonly deviation: number } | { readonly bound: number };

/** Of embeddings and tokens, as in BERT, GPT-2 and ViT. */
export const EMBEDDING: FreshStart = { deviation: 0.02 };

/** The role of an input of a node. */
export function inputRole(op: OpDef, input: number): InputRole {
  return op.inputs[Math.min(input, op.inputs.length - 1)] ?? 'data';
}
