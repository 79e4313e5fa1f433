/** @file The names of what `--log-dir` tells, and the numbers of a step by them. */
import { type ChannelAnalysis, isPrunable } from '../../channels/channelAnalysis.js';
import type { GroupWidths, TargetResult } from '../../report/results.js';
import type { PenaltyLayout } from '../../sparsity/penaltyLayout.js';
import type { StepProgress } from '../../train/runEpochs.js';
import type { ShrinkProgress } from '../../train/shrink.js';

type Numbers = Readonly<Record<string, number>>;

const STEP = ['learning_rate', 'epoch_loss', 'penalty', 'lambda'] as const;

/**
 * All names: the loss and what it tells beside, those of every run, one for the cost of each target, one for the channels
 * of each group.
 */
export function loggedNames(
  measures: readonly string[],
  resources: readonly string[],
  groups: readonly { readonly name: string }[],
): string[] {
  const channels = groups.map(({ name }) => channelsName(name));
  return [...new Set(['loss', ...measures, ...STEP, ...resources.map(costName), ...channels])];
}

/** What every phase knows of a step. */
export function stepNumbers(step: StepProgress): Numbers {
  return {
    loss: step.stepLoss,
    ...step.stepMeasures,
    learning_rate: step.learningRate,
    ...(step.isEpochEnd ? { epoch_loss: step.loss } : {}),
  };
}

/** A step under the penalty; the alive channels are counted where an epoch ends. */
export function shrinkNumbers(step: ShrinkProgress, analysis: ChannelAnalysis, layout: PenaltyLayout): Numbers {
  const costs = step.targets.map(({ resource, aliveCost }) => [costName(resource), aliveCost] as const);
  const { penalty, lambda } = step;
  const channels = step.isEpochEnd ? aliveChannels(step.alive, analysis, layout) : {};
  return { ...stepNumbers(step), penalty, lambda, ...Object.fromEntries(costs), ...channels };
}

/** What a network that is fine-tuned keeps. */
export function widthNumbers(targets: readonly TargetResult[], groups: readonly GroupWidths[]): Numbers {
  return Object.fromEntries([
    ...targets.map(({ resource, achieved }) => [costName(resource), achieved] as const),
    ...groups.map(({ name, after }) => [channelsName(name), after] as const),
  ]);
}

function aliveChannels(alive: Uint8Array, analysis: ChannelAnalysis, { units }: PenaltyLayout): Numbers {
  const dead = new Set([...units].filter((_, u) => alive[u] === 0));
  const counts: Record<string, number> = {};
  for (const group of analysis.groups.filter(isPrunable)) {
    const name = channelsName(group.name);
    counts[name] = (counts[name] ?? 0) + group.units.filter((unit) => !dead.has(unit)).length;
  }
  return counts;
}

const costName = (resource: string): string => `cost/${resource}`;

/** Names of nodes often begin with a slash, which would give TensorBoard a level without a name. */
const channelsName = (group: string): string => `channels/${group.replace(/^\/+/, '')}`;
