/** @file What `report` tells of a model, as data: the same object that `--json` prints. */
import { type Group, isPrunable } from '../channels/channelAnalysis.js';
import { costTerms, type NodeCost, termsOf } from '../cost/costTerms.js';
import { PeakActivation } from '../cost/peakActivation.js';
import { RESOURCES, type Resource } from '../cost/resource.js';
import type { Node, Value } from '../graph/graph.js';
import { dataTypeName } from '../onnx/dataType.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { LoadedModel } from './loadModel.js';

/** Costs of one run at the shapes of the report, and of the constants that it needs. */
export type Costs = Readonly<Record<Resource, number>>;

export interface TensorReport {
  readonly name: string;
  /** ONNX's name, e.g. `FLOAT`. */
  readonly elementType: string;
  readonly shape: readonly number[];
}

export interface NodeReport extends Costs {
  readonly name: string;
  /** Operator, with its domain where that is not ai.onnx. */
  readonly op: string;
  /** Shape of the first output; null where it is no tensor. */
  readonly outputShape: readonly number[] | null;
  /** Share of the model's FLOPs, 0 to 1. */
  readonly share: number;
  /** False where the operator is not known: its MACs are not counted, its channels are pinned. */
  readonly isKnown: boolean;
  /** True for constants and for nodes that only calculate shapes. */
  readonly isShapeArithmetic: boolean;
}

/** Channels that can only be kept or removed together. */
export interface GroupReport {
  /** First node (or value) that has them. */
  readonly name: string;
  readonly width: number;
  /** Names of all nodes whose weights give them. */
  readonly members: readonly string[];
  readonly prunable: boolean;
  /** Why they cannot be changed; null where they can. */
  readonly pinned: string | null;
}

export interface UnknownNode {
  readonly node: string;
  readonly op: string;
  readonly reason: string;
}

/** What `report` returns. */
export interface ModelReport {
  readonly path: string;
  readonly fileBytes: number;
  /** Version by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly TensorReport[];
  readonly outputs: readonly TensorReport[];
  /** In topological order. */
  readonly nodes: readonly NodeReport[];
  /** Exact sums over `nodes`. */
  readonly totals: Costs;
  /** Largest sum of live values in execution order, and the node that runs then. */
  readonly peakActivationBytes: number;
  readonly peakNode: string | null;
  readonly groups: readonly GroupReport[];
  readonly unknownNodes: readonly UnknownNode[];
}

/** What a model costs, node by node, which of its channels hang together, and what is pinned and why. */
export function modelReport({ path, fileBytes, bound, analysis }: LoadedModel): ModelReport {
  const costs = costTerms(bound).map((cost) => costsOf(cost, bound));
  const totals = sum(costs);
  const peak = new PeakActivation(analysis).at(analysis.table.axes.map(({ width }) => width));
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
        isKnown: known,
        isShapeArithmetic,
      };
    }),
    totals,
    peakActivationBytes: peak.bytes,
    peakNode: peak.node?.name ?? null,
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

/** Channels tie weights to data; axes of weights alone (kernels) and of data alone (height, width) are none. */
function isChannelGroup(group: Group): boolean {
  if (isPrunable(group)) return true;
  return group.axes.some(({ isConstant }) => isConstant) && group.axes.some(({ isConstant }) => !isConstant);
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
