import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Value } from '../graph/graph.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import type { ModelProto, TensorProto } from '../onnx/messages.js';
import type { AxisRef } from '../ops/relation.js';
import type { Rng } from '../random/rng.js';
import { axisSelection } from './axisSelection.js';
import { dropDead } from './dropDead.js';
import type { SeedAmounts } from './evaluateUniform.js';
import { collapseOf } from './plan/collapseOf.js';
import type { Plan } from './plan/plan.js';
import { resizeNodes } from './resizeNodes.js';
import { shareAmongCopies } from './shareAmongCopies.js';
import { takeAlong } from './takeAlong.js';
import { updateDeclaredShapes } from './updateDeclaredShapes.js';

/**
 * The model with its channels cut and repeated as planned.
 *
 * Every constant is taken along its changed axes; where a node sums over repeated channels, the copies share the
 * original's weight, so that the outputs stay the same; attributes and shape constants follow by each operator's
 * `resize`. What groups that die leave without a purpose goes with them.
 *
 * @param sharing how copies share: by chance, unevenly, so that training can tell them apart; not at all ('whole'); in
 *   equal shares where it is left out
 * @param amounts what is added to the constants that nodes give which sum over nothing, along the axis of their seed
 * @throws REWRITE_CANNOT_DIE for a plan that removes all units of a group that the network cannot do without
 */
export async function applyPlan(
  analysis: ChannelAnalysis,
  plan: Plan,
  sharing?: Rng | 'whole',
  amounts: SeedAmounts = new Map(),
): Promise<ModelProto> {
  const { model, table } = analysis;
  const collapse = collapseOf(analysis, plan);
  const selections = new Map<number, readonly number[]>();
  for (const axis of table.axes) {
    const selection = axisSelection(analysis, axis, plan.copies);
    if (selection !== undefined) selections.set(axis.index, selection);
  }
  const dimsOf = (value: Value): readonly number[] =>
    model.typeOf(value).dims.map((dim, axis) => {
      const tracked = table.find({ value, axis });
      return tracked === undefined ? dim : (selections.get(tracked.index)?.length ?? dim);
    });

  const contracted = new Set(analysis.contractions.map(({ weight }) => table.find(weight)));
  const changed = new Map<string, TensorProto>();
  for (const value of model.graph.values) {
    const tensor = model.constant(value);
    if (tensor === undefined || collapse?.isEmpty(value) === true) continue;
    const axes = table.of(value).filter(({ index }) => selections.has(index));
    let next = takeAlong(
      tensor,
      new Map(axes.map(({ axis, index }) => [axis, selections.get(index)!])),
      model.graph.dir,
    );
    for (const axis of axes) {
      if (sharing === 'whole' || !contracted.has(axis)) continue;
      const selection = selections.get(axis.index)!;
      next = shareAmongCopies(next, axis.axis, selection, model.graph.dir, sharing?.fork(value.name));
    }
    if (next !== tensor) changed.set(value.name, { ...next, name: value.name });
  }
  const cut = replaceTensors(model.graph.model, changed);
  const selectionOf = (ref: AxisRef) => {
    const axis = table.find(ref);
    return axis === undefined ? undefined : selections.get(axis.index);
  };
  const evaluated = new Set(collapse?.evaluated);
  const resized = resizeNodes(analysis, cut, {
    dimsOf,
    selectionOf,
    isGone: (node) => collapse?.removed.has(node) === true && (!evaluated.has(node) || collapse.seeds.has(node)),
  });
  const declared = updateDeclaredShapes(resized, model.graph, (axis) => selectionOf(axis)?.length);
  return collapse === undefined
    ? declared
    : dropDead(analysis, plan, collapse, declared, { dimsOf, selectionOf, amounts });
}
