import { type ChannelAnalysis, isPrunable, isWidenable } from '../../src/channels/channelAnalysis.js';
import { UnitWidths } from '../../src/cost/unitWidths.js';
import type { Rng } from '../../src/random/rng.js';
import type { Plan } from '../../src/rewrite/plan/plan.js';

/** Cuts a random share of every prunable group; at least one unit stays. */
export function randomCut(analysis: ChannelAnalysis, rng: Rng): Plan {
  const copies = new Int32Array(analysis.unitCount).fill(1);
  for (const group of analysis.groups) {
    if (!isPrunable(group)) continue;
    const units = rng.shuffle(Int32Array.from(group.units));
    for (const unit of units.slice(0, rng.int(units.length))) copies[unit] = 0;
  }
  return { copies };
}

/** Repeats random units of every prunable group, once to three times. */
export function randomWiden(analysis: ChannelAnalysis, rng: Rng): Plan {
  const copies = new Int32Array(analysis.unitCount).fill(1);
  for (const group of analysis.groups) {
    if (isWidenable(group)) for (const unit of group.units) if (rng.int(3) === 0) copies[unit] = 2 + rng.int(2);
  }
  return { copies };
}

/** Lets random groups die as far as the network can do without them, and cuts a random share of the others. */
export function randomDeaths(analysis: ChannelAnalysis, rng: Rng): Plan {
  const { copies } = randomCut(analysis, rng.fork('cut'));
  const units = new UnitWidths(analysis);
  for (const index of rng.shuffle(Int32Array.from(analysis.groups.keys()))) {
    const group = analysis.groups[index]!;
    if (!isPrunable(group) || rng.int(4) === 0) continue;
    const before = group.units.map((unit) => copies[unit]!);
    for (const unit of group.units) copies[unit] = 0;
    const left = units.leftAt(units.at(copies));
    if (left === undefined || !('obstacle' in left)) continue;
    group.units.forEach((unit, i) => {
      copies[unit] = before[i]!;
    });
  }
  return { copies };
}
