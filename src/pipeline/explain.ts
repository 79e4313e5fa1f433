import type { TrackedAxis } from '../channels/axisTable.js';
import { type ChannelAnalysis, type Group, isPrunable } from '../channels/channelAnalysis.js';
import { PinExplainer } from '../channels/explainPins.js';
import { isChannelGroup } from '../channels/isChannelGroup.js';
import { CostModel } from '../cost/costModel.js';
import { RESOURCES, type Resource } from '../cost/resource.js';
import { UnitWidths } from '../cost/unitWidths.js';
import { graphErrors } from '../errors/graphErrors.js';
import type { Graph, Node } from '../graph/graph.js';
import { nearNames } from '../graph/nearNames.js';
import type {
  Explanation,
  GroupExplanation,
  NodeChannels,
  NodeExplanation,
  PinnedAxis,
} from '../report/explainResult.js';
import type { Costs } from '../report/reportResult.js';
import type { LoadedModel } from './loadModel.js';

/**
 * Which channels can be cut and what one of them is worth, which must stay and why, and for a node the way from its
 * channels to what holds them.
 *
 * @param nodeName name of a node, or of a value that it gives
 * @throws GRAPH_NO_SUCH_NODE
 */
export function explainModel({ path, analysis }: LoadedModel, nodeName?: string): Explanation {
  const node = nodeName === undefined ? undefined : findNode(analysis.model.graph, nodeName);
  const explainer = new PinExplainer(analysis);
  const units = new UnitWidths(analysis);
  const costs = RESOURCES.map((resource) => [resource, new CostModel(analysis, resource, units)] as const);
  return {
    path,
    groups: analysis.groups.filter(isPrunable).map((group) => explainGroup(group, costs)),
    pinned: pinnedAxes(analysis, explainer),
    ...(node === undefined ? {} : { node: explainNode(analysis, node, explainer) }),
  };
}

function findNode(graph: Graph, name: string): Node {
  const node = graph.nodes.find((candidate) => candidate.name === name) ?? graph.value(name)?.producer;
  if (node !== undefined) return node;
  const names = graph.nodes.map((candidate) => candidate.name);
  throw graphErrors.noSuchNode('--node', name, nearNames(name, names));
}

function explainGroup(group: Group, costs: readonly (readonly [Resource, CostModel])[]): GroupExplanation {
  const [unit = 0] = group.units;
  const positionsOf = costs[0]![1].positionsOf[unit]!;
  const saved = costs.map(([resource, cost]) => {
    const widths = cost.widths(new Uint8Array(cost.analysis.unitCount).fill(1));
    return [resource, 0 - cost.change(widths, unit, -1)] as const;
  });
  return {
    name: group.name,
    units: group.units.length,
    members: group.members,
    costPerUnit: Object.fromEntries(saved) as Costs,
    unrepeatable: group.unrepeatable ?? null,
    indispensable: whyNeeded(group, costs[0]![1].units),
    axes: group.axes.map(({ axis, isConstant, isContracted }) => ({
      value: axis.value.name,
      axis: axis.axis,
      positionsPerUnit: positionsOf.get(axis.index) ?? 0,
      isConstant,
      isSummed: isContracted,
    })),
  };
}

function whyNeeded({ units }: Group, widths: UnitWidths): string | null {
  const copies = new Uint8Array(widths.analysis.unitCount).fill(1);
  for (const unit of units) copies[unit] = 0;
  const left = widths.leftAt(widths.at(copies));
  return left !== undefined && 'obstacle' in left ? left.obstacle : null;
}

/** Not those of a single position, with nothing to cut: biases stored as [1, C, 1, 1] would bury what matters. */
function pinnedAxes(analysis: ChannelAnalysis, explainer: PinExplainer): readonly PinnedAxis[] {
  return analysis.table.axes
    .filter((axis) => axis.width > 1 && carriesChannels(analysis, axis))
    .flatMap((axis) =>
      explainer.pinsOf(axis).map(({ pin, positions }) => ({
        value: axis.value.name,
        axis: axis.axis,
        width: axis.width,
        pinned: positions,
        node: pin.node?.name ?? null,
        reason: pin.reason,
      })),
    );
}

function explainNode(analysis: ChannelAnalysis, node: Node, explainer: PinExplainer): NodeExplanation {
  const tracked = node.outputs.flatMap((output) => (output === undefined ? [] : analysis.table.of(output)));
  const channels = tracked.filter((axis) => carriesChannels(analysis, axis));
  return {
    name: node.name,
    op: node.domain === '' ? node.opType : `${node.domain}.${node.opType}`,
    channels: (channels.length > 0 ? channels : tracked).map((axis) => explainAxis(analysis, axis, explainer)),
  };
}

function explainAxis(analysis: ChannelAnalysis, axis: TrackedAxis, explainer: PinExplainer): NodeChannels {
  return {
    value: axis.value.name,
    axis: axis.axis,
    width: axis.width,
    groups: [...new Set(groupsAlong(analysis, axis).flatMap((group) => (isPrunable(group) ? [group.name] : [])))],
    held: explainer.pinsOf(axis).map(({ pin, positions, first }) => {
      // The nearest pin may be another one than that whose reason stayed.
      const way = explainer.chain(axis, first);
      const found = way?.pin ?? pin;
      return {
        pinned: positions,
        node: found.node?.name ?? null,
        reason: found.reason,
        chain: (way?.steps ?? []).map((step) => ({
          value: step.value.name,
          axis: step.axis,
          through: step.through?.name ?? null,
        })),
      };
    }),
  };
}

function carriesChannels(analysis: ChannelAnalysis, axis: TrackedAxis): boolean {
  return groupsAlong(analysis, axis).some(isChannelGroup);
}

function groupsAlong({ unitAt, groupOf, groups }: ChannelAnalysis, axis: TrackedAxis): readonly Group[] {
  const units = unitAt.subarray(axis.base, axis.base + axis.width);
  return [...new Set(Array.from(units, (unit) => groupOf[unit]!))].map((index) => groups[index]!);
}
