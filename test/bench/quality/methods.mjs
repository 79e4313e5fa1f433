/** @file Ways to a smaller network. All get the same data, epochs, schedule and rates. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { morph, prune } from '../../../dist/index.js';
import { PENALTIES } from '../../../dist/pipeline/options.js';
import { dataOptionsOf } from './seedNets.mjs';

/**
 * The methods by name; each trains for `epochs` after the seed and returns what `morph` does.
 *
 * - gamma, group-lasso, gates: the penalty for `shrinkEpochs` of them, then fine-tuning.
 * - uniform: the same share of every group, from fresh weights, for twice as many epochs: the seed's own are made up for.
 * - magnitude-…: channels with small weights for what they cost go, over all layers; then fine-tuning.
 * - random: channels go by chance, over all layers; then fine-tuning.
 * - longer: the seed as it is, trained on.
 * - regrown: gamma, widened to the cost of the seed before the fine-tuning.
 */
export const METHODS = {
  gamma: (run) => shrink(run, { penalty: 'gamma' }),
  'group-lasso': (run) => shrink(run, { penalty: 'group-lasso' }),
  ...(PENALTIES.includes('gates') ? { gates: (run) => shrink(run, { penalty: 'gates' }) } : {}),
  uniform: async (run) =>
    train(run, await structured(run, { scope: 'local', importance: 'l2' }), {
      retrain: 'scratch',
      epochs: 2 * run.epochs,
    }),
  'magnitude-lamp': async (run) => train(run, await structured(run, { importance: 'lamp' })),
  'magnitude-l2': async (run) => train(run, await structured(run, { importance: 'l2' })),
  random: async (run) => train(run, await structured(run, { importance: 'random' })),
  longer: (run) => train(run, wholeOf(run)),
  regrown: (run) =>
    shrink(run, {
      penalty: 'gamma',
      widen: { resource: run.resource, share: 1 },
    }),
};

/** Methods that a part of the epochs goes to the penalty with. */
export const UNDER_PENALTY = ['gamma', 'group-lasso', 'gates', 'regrown'];

/** Methods that have no use for a budget. */
export const WITHOUT_BUDGET = ['longer'];

function targetOf({ resource, budget }) {
  return { resource, share: budget / 100 };
}

function shrink(run, options) {
  const { shrinkEpochs } = run.recipe;
  const epochs = run.epochs - shrinkEpochs;
  return morph(run.path, {
    ...common(run),
    target: targetOf(run),
    shrinkEpochs,
    epochs,
    ...options,
  });
}

/** @returns the path of a structure that leaves all groups whole, since it names none */
function wholeOf({ folder }) {
  const path = join(folder, 'whole.json');
  writeFileSync(path, JSON.stringify({ version: 1, groups: [] }));
  return path;
}

/** @returns the path of a structure that training has no part in */
async function structured(run, options) {
  const structureOut = join(run.folder, 'structure.json');
  const { path, seed, folder } = run;
  const target = targetOf(run);
  await prune(path, {
    out: join(folder, 'cut.onnx'),
    structureOut,
    target,
    seed,
    latency: false,
    maxRatio: 1,
    ...options,
  });
  return structureOut;
}

/** Cuts the network to a structure, and trains it. */
function train(run, structure, options = {}) {
  return morph(run.path, { ...common(run), structure, epochs: run.epochs, ...options });
}

/** Where a method leaves its network. */
export function resultIn(folder) {
  return join(folder, 'result.onnx');
}

function common({ data, scale, seed, folder, recipe, threads, onProgress }) {
  const { shrinkEpochs: _, ...settings } = recipe;
  return {
    data,
    dataOptions: dataOptionsOf({ scale }),
    seed,
    onProgress,
    ...settings,
    out: resultIn(folder),
    ...(threads === undefined ? {} : { threads }),
  };
}
