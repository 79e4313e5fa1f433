import type { TrackedAxis } from '../channels/axisTable.js';
import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Contraction } from '../channels/joinAxes.js';
import type { Collapse } from '../channels/topology/collapse.js';
import type { Seed } from '../channels/topology/fading.js';
import type { Node, Value } from '../graph/graph.js';
import { DataType } from '../onnx/dataType.js';
import type { ModelProto } from '../onnx/messages.js';
import { applyPlan } from './applyPlan.js';
import { BiasEditor, type FoldPlace } from './biasEditor.js';
import { type ConstantData, constantResponse } from './constantResponse.js';
import { collapseOf } from './plan/collapseOf.js';
import type { Plan } from './plan/plan.js';

/** Means of activations by the axis that is summed over, position by position. */
export type Means = ReadonlyMap<TrackedAxis, Float64Array>;

/** What became of the removed channels' means. */
export interface Folded {
  readonly model: ModelProto;
  /** Names of the nodes whose sums were made good. */
  readonly folded: readonly string[];
  readonly skipped: readonly { readonly node: string; readonly reason: string }[];
}

/** Why a node's loss cannot be made good. */
interface Refusal {
  readonly reason: string;
}

/**
 * Makes good, on the average, what the readers of removed channels lack: the sum that a reader loses when each of its
 * removed channels is held at its mean is added to its bias, or where it has none to the constant that the next node
 * adds (a BatchNorm's running mean, say), or to a new bias.
 *
 * Exact for channels that are constant over samples and places, but for the borders of padded convolutions, where the
 * average over all places is taken.
 *
 * @param cut the model that was cut as planned
 * @param mayAdd whether biases that were not there may be made: they are parameters
 */
export async function foldMeans(
  analysis: ChannelAnalysis,
  plan: Plan,
  cut: ModelProto,
  means: Means,
  mayAdd: boolean,
): Promise<Folded> {
  const folded: string[] = [];
  const skipped: { node: string; reason: string }[] = [];
  const collapse = collapseOf(analysis, plan);
  const amounts = new Map<Node, Float64Array>();
  const places: { readonly place: FoldPlace; readonly amounts: Float64Array }[] = [];
  for (const [node, contractions] of byNode(analysis)) {
    const seed = collapse?.seeds.get(node);
    // What nothing reads lacks nothing.
    if (collapse?.removed.has(node) === true && seed === undefined) continue;
    const removed = removedMeans(analysis, plan, contractions, means);
    if (removed === undefined) continue;
    const place = 'reason' in removed ? removed : findPlace(analysis, node, removed.data, mayAdd, collapse);
    if ('reason' in removed || 'reason' in place) {
      const { reason } = 'reason' in removed ? removed : (place as Refusal);
      skipped.push({ node: node.name, reason });
      continue;
    }
    const axis = 'axis' in place ? place.axis : place.addend.axis;
    const response = await constantResponse(analysis.model, node, removed, axis);
    if ('axis' in place) amounts.set(node, response);
    else places.push({ place, amounts: response });
    folded.push(node.name);
  }
  const editor = new BiasEditor(
    analysis,
    plan,
    amounts.size === 0 ? cut : await applyPlan(analysis, plan, undefined, amounts),
  );
  for (const { place, amounts: response } of places) editor.add(place, response);
  return { model: editor.model(), folded, skipped };
}

function byNode({ contractions }: ChannelAnalysis): ReadonlyMap<Node, readonly Contraction[]> {
  const nodes = new Map<Node, Contraction[]>();
  for (const contraction of contractions) {
    const list = nodes.get(contraction.node);
    if (list === undefined) nodes.set(contraction.node, [contraction]);
    else list.push(contraction);
  }
  return nodes;
}

/** The data that a node sums over, with the mean at each removed position and 0 at all others. */
function removedMeans(
  { model, table, unitAt }: ChannelAnalysis,
  plan: Plan,
  contractions: readonly Contraction[],
  means: Means,
): ConstantData | Refusal | undefined {
  const changed = contractions.flatMap(({ data, weight }) => {
    const axis = table.find(data);
    if (axis === undefined) return [];
    const isRemoved = Array.from({ length: axis.width }, (_, i) => plan.copies[unitAt[axis.base + i]!] === 0);
    return isRemoved.includes(true) ? [{ data, weight, axis, isRemoved }] : [];
  });
  const [first] = changed;
  if (first === undefined) return undefined;
  if (changed.length > 1) return { reason: 'it sums over several axes that lost channels' };
  if (model.constant(first.weight.value) === undefined) return { reason: 'its weight is calculated' };
  const mean = means.get(first.axis);
  if (mean === undefined) return { reason: 'the mean of its input is not known' };
  const values = mean.map((value, i) => (first.isRemoved[i] ? value : 0));
  return { data: first.data.value, axis: first.data.axis, values };
}

/** The constant that it becomes, its own bias, the constant that its reader adds, or a new bias, in this order. */
function findPlace(
  analysis: ChannelAnalysis,
  node: Node,
  data: Value,
  mayAdd: boolean,
  collapse: Collapse | undefined,
): FoldPlace | Seed | Refusal {
  const { model } = analysis;
  const [output] = node.outputs;
  const bound = model.bound(node);
  if (output === undefined || !bound.known || bound.op.isLinear !== true) return { reason: 'it is not linear' };
  if (model.typeOf(data).dataType !== DataType.FLOAT) return { reason: 'its data are not float32' };
  const seed = collapse?.seeds.get(node);
  if (seed !== undefined) {
    return collapse?.evaluated.includes(node) === true ? seed : { reason: 'it is gone, and leaves no constant' };
  }
  const others = node.inputs.filter((input) => input !== undefined && input !== data);
  if (others.some((input) => input !== undefined && model.constant(input) === undefined))
    return { reason: 'its bias is calculated' };
  const own = bound.op.addsToOutput?.(bound.context, bound.attributes);
  const bias = own === undefined ? undefined : node.inputs[own.input];
  if (own !== undefined && bias !== undefined && isFree(analysis, bias)) {
    return { output, addend: own, value: bias };
  }
  const next = addedByReader(analysis, output);
  if (next !== undefined) return next;
  if (own === undefined || bias !== undefined) return { reason: 'it has no bias of its own' };
  if (!mayAdd) return { reason: 'it has no bias, and a new one would add parameters' };
  return { output, addend: own, value: undefined };
}

function addedByReader(analysis: ChannelAnalysis, output: Value): FoldPlace | undefined {
  const [use, ...others] = output.uses;
  if (use === undefined || others.length > 0 || output.isOutput || use.input === 'capture') return undefined;
  const reader = analysis.model.bound(use.node);
  const addend = reader.known ? reader.op.addsToData?.(reader.context, reader.attributes, use.input) : undefined;
  const value = addend === undefined ? undefined : use.node.inputs[addend.input];
  if (addend === undefined || value === undefined || !isFree(analysis, value)) return undefined;
  return { output, addend, value };
}

/** Whether a constant serves one node alone, so that it can change. */
function isFree({ model }: ChannelAnalysis, value: Value): boolean {
  const isFloat = model.typeOf(value).dataType === DataType.FLOAT;
  return isFloat && model.constant(value) !== undefined && value.uses.length === 1 && !value.isOutput;
}
