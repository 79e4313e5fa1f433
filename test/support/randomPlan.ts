import { type ChannelAnalysis, isPrunable, isWidenable } from '../../src/channels/channelAnalysis.js';
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
