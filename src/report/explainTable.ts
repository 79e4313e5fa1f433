import { alignColumns } from './alignColumns.js';
import type { Explanation, GroupExplanation, NodeChannels, NodeExplanation, PinnedAxis } from './explainResult.js';
import { formatCount } from './formatQuantity.js';
import { elide, printable } from './printable.js';

const LONGEST_NAME = 50;

/** An explanation as plain text: of the node that was asked for, else of all groups and pins. */
export function explainTable({ path, groups, pinned, node }: Explanation): string {
  const sections =
    node === undefined
      ? [[printable(path)], groupSection(groups), pinnedSection(pinned)]
      : [[`node '${printable(node.name)}' (${printable(node.op)})`], ...nodeSections(node, groups)];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function groupSection(groups: readonly GroupExplanation[]): readonly string[] {
  if (groups.length === 0) return ['groups that can be cut: none'];
  const rows = groups.flatMap(({ name, units, members, costPerUnit, unrepeatable, indispensable }) =>
    (members.length === 0 ? [name] : members).map((member, i) =>
      i === 0
        ? [
            '',
            String(units),
            formatCount(costPerUnit.macs),
            formatCount(costPerUnit.flops),
            formatCount(costPerUnit.params),
            short(member),
            [
              ...(indispensable === null ? ['can go as a whole'] : []),
              ...(unrepeatable === null ? [] : [`cannot be widened: ${printable(unrepeatable)}`]),
            ].join('; '),
          ]
        : ['', '', '', '', '', short(member)],
    ),
  );
  const header = ['', 'units', 'MACs each', 'FLOPs each', 'params each', 'nodes that give them'];
  return [
    `groups that can be cut: ${groups.length}`,
    ...alignColumns([header, ...rows], ['left', 'right', 'right', 'right', 'right', 'left', 'left']),
  ];
}

/** One row for each reason, with the first value that it holds: a reason may hold the same axis all along a network. */
function pinnedSection(pinned: readonly PinnedAxis[]): readonly string[] {
  if (pinned.length === 0) return ['values with channels that are pinned: none'];
  const byReason = new Map<string, PinnedAxis[]>();
  for (const axis of pinned) byReason.set(axis.reason, [...(byReason.get(axis.reason) ?? []), axis]);
  const rows = [...byReason].map(([reason, axes]) => {
    const { value, axis, width, pinned: count } = axes[0]!;
    const channels = count === width ? String(width) : `${count} of ${width}`;
    return ['', String(countValues(axes)), short(value), String(axis), channels, printable(reason)];
  });
  const header = ['', 'values', 'the first', 'axis', 'channels', 'why'];
  return [
    `values with channels that are pinned: ${countValues(pinned)} (each of them: --node NAME, or --json)`,
    ...alignColumns([header, ...rows], ['left', 'right', 'left', 'right', 'right', 'left']),
  ];
}

function countValues(axes: readonly PinnedAxis[]): number {
  return new Set(axes.map(({ value }) => value)).size;
}

function nodeSections(node: NodeExplanation, groups: readonly GroupExplanation[]): readonly (readonly string[])[] {
  if (node.channels.length === 0) return [['it gives no channels: its outputs are shapes, or follow the batch']];
  return node.channels.map((channels) => [
    `${printable(channels.value)}, axis ${channels.axis}: ${channels.width} channels`,
    ...channels.groups.flatMap((name) => groupLines(groups.find((group) => group.name === name))),
    ...channels.held.flatMap((held) => heldLines(held, channels)),
    ...(channels.groups.length + channels.held.length === 0
      ? ['  no weights go with them, so there is nothing to cut']
      : []),
  ]);
}

function groupLines(group: GroupExplanation | undefined): readonly string[] {
  if (group === undefined) return [];
  const { units, members, costPerUnit, indispensable } = group;
  return [
    `  can be cut: ${units} units, each worth ${formatCount(costPerUnit.macs)} MACs and ${formatCount(costPerUnit.params)} params`,
    ...(members.length > 1 ? [`  together with ${members.map(printable).join(', ')}`] : []),
    indispensable === null
      ? '  can go as a whole, with --min-channels 0'
      : `  cannot go as a whole: ${printable(indispensable)}`,
  ];
}

function heldLines(
  { pinned, reason, chain }: NodeChannels['held'][number],
  { width }: NodeChannels,
): readonly string[] {
  const [start, ...rest] = chain;
  return [
    `  pinned: ${pinned === width ? 'all' : pinned} of them`,
    ...(start === undefined ? [] : [`    ${printable(start.value)}, axis ${start.axis}`]),
    ...rest.map(
      ({ value, axis, through }) =>
        `    → ${printable(value)}, axis ${axis}${through === null ? '' : `, by ${printable(through)}`}`,
    ),
    `    held: ${printable(reason)}`,
  ];
}

function short(name: string): string {
  return elide(printable(name), LONGEST_NAME);
}
