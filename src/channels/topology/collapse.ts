/** @file What is left of a graph when whole groups die. */
import type { Node, Value } from '../../graph/graph.js';
import { DataType } from '../../onnx/dataType.js';
import type { Addend } from '../../ops/addend.js';
import type { AxisRef } from '../../ops/relation.js';
import type { ChannelAnalysis } from '../channelAnalysis.js';
import { Fading, type Seed } from './fading.js';
import { lostWay } from './lostWay.js';

/** A value that becomes a constant, with one position on all axes that are not wide. */
export interface UniformValue {
  readonly value: Value;
  readonly wide: readonly boolean[];
}

/** A constant that goes into the bias of the node that gave the other part of a sum. */
export interface BiasFold extends UniformValue {
  /** The other part, and where the constant is added to it. */
  readonly output: Value;
  readonly addend: Addend;
  /** The bias; undefined where the node gets a new one. */
  readonly bias: Value | undefined;
}

/** A graph without what its dead groups leave no purpose. */
export interface Collapse {
  /** Nodes that are gone, in topological order. */
  readonly removed: ReadonlySet<Node>;
  /** Values of removed nodes that are the same as another one. */
  readonly bypassed: ReadonlyMap<Value, Value>;
  /** Constants that nodes read in the place of what was calculated. */
  readonly constants: readonly UniformValue[];
  readonly folds: readonly BiasFold[];
  /** Nodes that have to be run once to find the constants, in topological order. */
  readonly evaluated: readonly Node[];
  readonly seeds: ReadonlyMap<Node, Seed>;
  /** Whether a value has lost all its elements. */
  isEmpty(value: Value): boolean;
}

/** Why groups may not die. */
export interface Obstacle {
  readonly obstacle: string;
}

/**
 * What is left of a graph where some axes have no positions left.
 *
 * A sum over such an axis is its bias, everywhere and whatever its padding: a constant, and so is what is calculated
 * from it element by element or channel by channel, until it meets something that is still calculated. Added to that,
 * it goes into the bias before it where it can, or stays as a constant; a Concat does without an input. All else keeps
 * the groups from dying, and so does an output that would depend on fewer inputs than before.
 */
export function findCollapse(analysis: ChannelAnalysis, isEmptyAxis: (axis: AxisRef) => boolean): Collapse | Obstacle {
  const { graph } = analysis.model;
  const fading = new Fading(analysis, isEmptyAxis);
  const needed = new Set<Node>();
  const queue: Value[] = [];
  for (const output of graph.outputs) {
    const { kind } = fading.of(output);
    if (kind === 'uniform') return { obstacle: `the graph output '${output.name}' would be a constant` };
    queue.push(output);
  }
  for (const value of queue) {
    const fate = fading.of(value);
    if (fate.kind === 'lost') return { obstacle: fate.reason };
    if (fate.kind !== 'whole' || value.producer === undefined || needed.has(value.producer)) continue;
    needed.add(value.producer);
    queue.push(...readsOf(value.producer));
  }
  const isKept = keptNodes(analysis, fading, needed);
  const bypassed = new Map<Value, Value>();
  const folds: BiasFold[] = [];
  for (const node of graph.nodes.filter(isKept)) {
    const way = bypass(analysis, fading, node, isKept);
    if (way === undefined) continue;
    bypassed.set(node.outputs[0]!, way.value);
    if (way.fold !== undefined) folds.push(way.fold);
  }
  const isLeft = (node: Node) => isKept(node) && !bypassed.has(node.outputs[0]!);
  const obstacle = lostWay(
    graph,
    (node) => analysis.model.bound(node).isShapeArithmetic,
    (node, value) => {
      return isKept(node) && fading.of(value).kind === 'whole';
    },
  );
  if (obstacle !== undefined) return { obstacle };
  const constants = uniformValues(fading, graph.nodes.filter(isLeft));
  return {
    removed: new Set(graph.nodes.filter((node) => !isLeft(node))),
    bypassed,
    constants,
    folds,
    evaluated: evaluatedNodes(fading, [...constants, ...folds]),
    seeds: fading.seeds,
    isEmpty: (value) => fading.of(value).kind === 'empty',
  };
}

function readsOf({ inputs, captures }: Node): readonly Value[] {
  return [...inputs, ...captures].filter((value) => value !== undefined);
}

/** Those that outputs need, and those that no output ever needed, as long as what they read is there. */
function keptNodes({ model }: ChannelAnalysis, fading: Fading, needed: ReadonlySet<Node>): (node: Node) => boolean {
  const before = new Set<Node>();
  const queue = [...model.graph.outputs];
  for (const { producer } of queue) {
    if (producer === undefined || before.has(producer)) continue;
    before.add(producer);
    queue.push(...readsOf(producer));
  }
  const kept = new Set(needed);
  for (const node of model.graph.nodes) {
    const isThere = (value: Value) =>
      fading.of(value).kind === 'whole' && (value.producer === undefined || kept.has(value.producer));
    if (!before.has(node) && readsOf(node).every(isThere)) kept.add(node);
  }
  return (node) => kept.has(node);
}

interface Way {
  readonly value: Value;
  readonly fold?: BiasFold;
}

/** The input that takes the place of a node's output, if the node is not needed for it. */
function bypass(
  analysis: ChannelAnalysis,
  fading: Fading,
  node: Node,
  isKept: (node: Node) => boolean,
): Way | undefined {
  const { model } = analysis;
  const bound = model.bound(node);
  const [output] = node.outputs;
  if (!bound.known || output === undefined || output.isOutput || node.captures.length > 0) return undefined;
  const inputs = readsOf(node);
  const whole = inputs.filter((value) => fading.of(value).kind === 'whole');
  const [value] = whole;
  if (value === undefined || whole.length > 1 || inputs.length === 1) return undefined;
  if (bound.op.skipsEmpty === true) return { value };
  const [constant, ...others] = inputs.filter((input) => input !== value);
  if (bound.op.isSum !== true || constant === undefined || others.length > 0) return undefined;
  const fate = fading.of(constant);
  if (fate.kind !== 'uniform') return undefined;
  if (fate.isZero) return { value };
  const fold = foldIntoBias(analysis, { value: constant, wide: fate.wide }, value, isKept);
  return fold === undefined ? undefined : { value, fold };
}

/** The bias of the node that gives a value, where a constant can be added to it instead. */
function foldIntoBias(
  { model }: ChannelAnalysis,
  { value: constant, wide }: UniformValue,
  output: Value,
  isKept: (node: Node) => boolean,
): BiasFold | undefined {
  const { producer } = output;
  const readers = output.uses.filter(({ node }) => isKept(node));
  if (producer === undefined || readers.length > 1 || output.isOutput || output !== producer.outputs[0])
    return undefined;
  const bound = model.bound(producer);
  const addend = bound.known ? bound.op.addsToOutput?.(bound.context, bound.attributes) : undefined;
  if (addend === undefined || model.typeOf(output).dataType !== DataType.FLOAT) return undefined;
  const rank = model.typeOf(output).dims.length;
  const along = wide.length - rank + addend.axis;
  if (along < 0 || !wide.every((isWide, axis) => isWide === (axis === along))) return undefined;
  const bias = producer.inputs[addend.input];
  if (bias !== undefined && (bias.uses.length > 1 || bias.isOutput || model.constant(bias) === undefined))
    return undefined;
  if (bias !== undefined && model.typeOf(bias).dataType !== DataType.FLOAT) return undefined;
  return { value: constant, wide, output, addend, bias };
}

function uniformValues(fading: Fading, nodes: readonly Node[]): readonly UniformValue[] {
  const found = new Map<Value, UniformValue>();
  for (const value of nodes.flatMap(readsOf)) {
    const fate = fading.of(value);
    if (fate.kind === 'uniform') found.set(value, { value, wide: fate.wide });
  }
  return [...found.values()];
}

/** The nodes that lead from seeds to constants. */
function evaluatedNodes(fading: Fading, wanted: readonly UniformValue[]): readonly Node[] {
  const nodes = new Set<Node>();
  const queue = wanted.map(({ value }) => value);
  for (const value of queue) {
    if (value.producer === undefined || fading.of(value).kind !== 'uniform' || nodes.has(value.producer)) continue;
    nodes.add(value.producer);
    if (!fading.seeds.has(value.producer)) queue.push(...readsOf(value.producer));
  }
  return [...nodes].sort((a, b) => a.index - b.index);
}
