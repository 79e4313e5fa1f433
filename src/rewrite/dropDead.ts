import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Collapse } from '../channels/topology/collapse.js';
import { capturedNames } from '../graph/captures.js';
import type { ModelProto, NodeProto, TensorProto } from '../onnx/messages.js';
import { tensorFloats } from '../onnx/tensorData.js';
import { axisSelection } from './axisSelection.js';
import { BiasEditor } from './biasEditor.js';
import { type Evaluation, evaluateUniform } from './evaluateUniform.js';
import type { Plan } from './plan/plan.js';

/**
 * A cut model without the nodes, constants and inputs of nodes that dead groups leave no purpose: what became the same
 * everywhere stands in it as a constant, or in a bias.
 *
 * @param cut the model with its constants cut, all nodes still there
 */
export async function dropDead(
  analysis: ChannelAnalysis,
  plan: Plan,
  collapse: Collapse,
  cut: ModelProto,
  evaluation: Evaluation,
): Promise<ModelProto> {
  const { graph: before } = analysis.model;
  const { removed, bypassed, constants, folds, isEmpty } = collapse;
  const contents = await evaluateUniform(analysis.model, collapse, cut, evaluation);
  const editor = new BiasEditor(analysis, plan, cut);
  for (const { value, output, addend, bias } of folds) {
    const tracked = analysis.table.find({ value: output, axis: addend.axis });
    const width = analysis.model.typeOf(output).dims[addend.axis]!;
    const kept = (tracked && axisSelection(analysis, tracked, plan.copies)) ?? [...Array(width).keys()];
    const amounts = new Float64Array(width);
    tensorFloats(contents.get(value.name)!).forEach((number, i) => {
      amounts[kept[i]!] = number;
    });
    editor.add({ output, addend, value: bias }, amounts);
  }
  const { graph, ...rest } = editor.model();
  if (graph === undefined) throw new Error('a model has a graph');
  const gone = new Set([...removed].flatMap(({ proto }) => proto.output));
  const empty = new Set(before.values.filter(isEmpty).map(({ name }) => name));
  const instead = new Map([...bypassed].map(([from, to]) => [from.name, to.name]));
  const follow = (name: string): string => {
    const next = instead.get(name);
    return next === undefined ? name : follow(next);
  };
  const nodes = graph.node.flatMap((proto): NodeProto[] => {
    if (proto.output.some((name) => name !== '' && gone.has(name))) return [];
    const input = proto.input.filter((name) => !empty.has(name)).map(follow);
    return [{ ...proto, input }];
  });
  const reads = new Set(nodes.flatMap((proto) => [...proto.input, ...capturedNames(proto)]));
  const wasRead = new Set(graph.node.flatMap((proto) => [...proto.input, ...capturedNames(proto)]));
  const outputs = new Set(graph.output.map(({ name = '' }) => name));
  const isStale = ({ name = '' }: TensorProto) => wasRead.has(name) && !reads.has(name) && !outputs.has(name);
  const added = constants.map(({ value }) => contents.get(value.name)!);
  return {
    ...rest,
    graph: {
      ...graph,
      node: nodes,
      initializer: [...graph.initializer.filter((tensor) => !isStale(tensor)), ...added],
      valueInfo: graph.valueInfo.filter(({ name = '' }) => !gone.has(name) && !empty.has(name)),
    },
  };
}
