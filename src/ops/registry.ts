import type { OpDef } from './opDef.js';

/** The records of all known operators. */
export interface Registry {
  readonly ops: readonly OpDef[];
  /** The record of an operator at an opset version, or undefined where it is not known. */
  find(domain: string, type: string, opset: number): OpDef | undefined;
}

/**
 * Makes a registry of records.
 *
 * @throws Error where two records claim the same operator at the same opset, or the list is not sorted by name
 */
export function makeRegistry(ops: readonly OpDef[]): Registry {
  const byName = new Map<string, OpDef[]>();
  let previous = '';
  for (const op of ops) {
    const name = `${op.domain}:${op.type}`;
    const sortKey = `${name}:${String(op.since).padStart(3, '0')}`;
    if (sortKey <= previous) throw new Error(`the record ${sortKey} stands after ${previous}: keep the list sorted`);
    previous = sortKey;
    const others = byName.get(name) ?? [];
    for (const other of others) {
      const overlap = op.since <= (other.until ?? Infinity) && other.since <= (op.until ?? Infinity);
      if (overlap) throw new Error(`two records of ${name} are valid at opset ${Math.max(op.since, other.since)}`);
    }
    byName.set(name, [...others, op]);
  }
  return {
    ops,
    find: (domain, type, opset) =>
      byName.get(`${domain}:${type}`)?.find((op) => op.since <= opset && opset <= (op.until ?? Infinity)),
  };
}
