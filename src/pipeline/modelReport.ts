import { isPrunable } from '../channels/channelAnalysis.js';
import { isChannelGroup } from '../channels/isChannelGroup.js';
import { costTerms, type NodeCost, termsOf } from '../cost/costTerms.js';
import type { Device } from '../cost/devices/device.js';
import { LatencyCost } from '../cost/latencyCost.js';
import { PeakActivation } from '../cost/peakActivation.js';
import { RESOURCES, type Resource } from '../cost/resource.js';
import type { Node, Value } from '../graph/graph.js';
import { dataTypeName } from '../onnx/dataType.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Costs, ModelReport, TensorReport } from '../report/reportResult.js';
import type { LoadedModel } from './loadModel.js';

/**
 * What a model costs, node by node, which of its channels hang together, and what is pinned and why.
 *
 * @param device predicts the latency, where it is given
 * @param measuredMs the latency as it was timed
 */
export function modelReport(
  { path, fileBytes, bound, analysis }: LoadedModel,
  device?: Device,
  measuredMs: number | null = null,
): ModelReport {
  const widths = Float64Array.from(analysis.table.axes, ({ width }) => width);
  const latency = device === undefined ? undefined : new LatencyCost(analysis, device);
  const times = latency?.byNode(widths);
  const costs = costTerms(bound).map((cost) => costsOf(cost, bound));
  const totals = sum(costs);
  const peak = new PeakActivation(analysis).at(widths);
  return {
    path,
    fileBytes,
    opsets: Object.fromEntries([...bound.graph.opsets].map(([domain, version]) => [domain || 'ai.onnx', version])),
    inputs: bound.graph.inputs.map((input) => tensorReport(input, bound)),
    outputs: bound.graph.outputs.map((output) => tensorReport(output, bound)),
    nodes: bound.nodes.map(({ node, known, isShapeArithmetic }, index) => {
      const cost = costs[index]!;
      return {
        name: node.name,
        op: operatorOf(node),
        outputShape: outputShape(node, bound),
        ...cost,
        share: totals.flops === 0 ? 0 : cost.flops / totals.flops,
        latencyMs: times === undefined ? null : (times.get(node) ?? 0),
        isKnown: known,
        isMeasured: node.outputs.some((output) => output !== undefined && bound.measured.has(output.name)),
        isShapeArithmetic,
      };
    }),
    totals,
    peakActivationBytes: peak.bytes,
    peakNode: peak.node?.name ?? null,
    latency: { device: device?.name ?? null, predictedMs: latency?.at(widths) ?? null, measuredMs },
    groups: analysis.groups.filter(isChannelGroup).map((group) => ({
      name: group.name,
      width: group.units.length,
      members: group.members,
      prunable: isPrunable(group),
      pinned: group.pinned ?? null,
    })),
    unknownNodes: bound.nodes.flatMap((node) =>
      node.known ? [] : [{ node: node.node.name, op: operatorOf(node.node), reason: node.reason }],
    ),
  };
}

function costsOf(cost: NodeCost, model: BoundModel): Costs {
  return mapResources((resource) =>
    termsOf(cost, resource).reduce(
      (total, { coefficient, axes }) =>
        total + axes.reduce((product, { value, axis }) => product * model.typeOf(value).dims[axis]!, coefficient),
      0,
    ),
  );
}

function sum(costs: readonly Costs[]): Costs {
  return mapResources((resource) => costs.reduce((total, cost) => total + cost[resource], 0));
}

function mapResources(amount: (resource: Resource) => number): Costs {
  return Object.fromEntries(RESOURCES.map((resource) => [resource, amount(resource)])) as Record<Resource, number>;
}

function operatorOf({ domain, opType }: Node): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

function outputShape({ outputs }: Node, model: BoundModel): readonly number[] | null {
  const output = outputs[0];
  return output !== undefined && model.hasType(output) ? model.typeOf(output).dims : null;
}

function tensorReport(value: Value, model: BoundModel): TensorReport {
  if (!model.hasType(value)) return { name: value.name, elementType: 'UNDEFINED', shape: [] };
  const { dataType, dims } = model.typeOf(value);
  return { name: value.name, elementType: dataTypeName(dataType), shape: dims };
}
