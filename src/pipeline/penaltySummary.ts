import type { PenaltyResult } from '../report/results.js';
import type { GroupKind, PenaltyLayout } from '../sparsity/penaltyLayout.js';
import type { PenaltyChoice } from './options.js';

/** Which kind of penalty how many channels got, and why. @param groupOf group of each unit */
export function penaltySummary(
  { groups, units }: PenaltyLayout,
  groupOf: Int32Array,
  choice: PenaltyChoice,
): readonly PenaltyResult[] {
  const rows = new Map<string, { -readonly [K in keyof PenaltyResult]: PenaltyResult[K] }>();
  const rowOf = new Map<number, string>();
  for (const found of groups) {
    const reason = reasonOf(found, choice);
    const kind = choice === 'gates' ? choice : found.kind;
    const key = `${kind} ${reason}`;
    const row = rows.get(key) ?? { kind, groups: 0, channels: 0, reason };
    row.groups++;
    rows.set(key, row);
    rowOf.set(found.group, key);
  }
  for (const unit of units) rows.get(rowOf.get(groupOf[unit]!)!)!.channels++;
  return [...rows.values()];
}

function reasonOf({ isFirstChoice }: GroupKind, choice: PenaltyChoice): string {
  if (choice === 'gates') {
    return isFirstChoice
      ? 'as asked, on what BatchNorm gives'
      : 'as asked, on what weights give: they have no BatchNorm';
  }
  if (choice === 'group-lasso') return isFirstChoice ? 'as asked' : 'no weights give them';
  if (!isFirstChoice) return 'they have no BatchNorm';
  return choice === 'auto' ? 'they have BatchNorm' : 'as asked';
}
