import type { PenaltyLayout, PenaltySlice } from './penaltyLayout.js';

/**
 * What measures the units of a layout: each unit has a member for each node that gives it, such as the several
 * BatchNorms of a residual stage.
 */
export interface Members {
  /** For each member the index of its unit. */
  readonly units: Int32Array;
  /** Number of measured elements of each member. */
  readonly sizes: Float64Array;
  /** For each unit its members. */
  readonly ofUnit: readonly (readonly number[])[];
  /** For each position of a slice its member, or −1. */
  at(slice: PenaltySlice): Int32Array;
}

/** The members of all units; shifts are members of what they shift. */
export function membersOf({ units, slices }: PenaltyLayout): Members {
  const unitOf: number[] = [];
  const sizes: number[] = [];
  const ofUnit: number[][] = Array.from(units, () => []);
  const found = new Map<string, number>();
  const member = (unit: number, giver: number): number => {
    const key = `${unit} ${giver}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const made = unitOf.length;
    found.set(key, made);
    unitOf.push(unit);
    sizes.push(0);
    ofUnit[unit]!.push(made);
    return made;
  };
  const at = ({ units: positions, giver }: PenaltySlice) =>
    positions.map((unit) => (unit < 0 ? -1 : member(unit, giver)));
  for (const slice of slices) {
    for (const index of at(slice)) if (index >= 0 && slice.isMeasured) sizes[index] = sizes[index]! + slice.elements;
  }
  return { units: Int32Array.from(unitOf), sizes: Float64Array.from(sizes), ofUnit, at };
}
