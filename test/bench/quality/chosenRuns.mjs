/** @file Which runs there are, and which of them the words of `--only` name. */
import { METHODS, UNDER_PENALTY, WITHOUT_BUDGET } from './methods.mjs';
import { SEED_NETS } from './seedNets.mjs';

/** Run where they are named: a second measure of magnitude, and growing again. */
const OPTIONAL = ['magnitude-l2', 'regrown'];

/** What is run where nothing else is said. Digits are there to try the script itself. */
const DEFAULTS = {
  models: Object.keys(SEED_NETS).filter((name) => name.startsWith('fashion')),
  methods: Object.keys(METHODS).filter((name) => !OPTIONAL.includes(name)),
  budgets: [50, 25, 12.5],
  seeds: [0, 1, 2],
};

/**
 * What words name: networks, methods, budgets (`25%`) and seeds (`seed0`).
 *
 * @throws Error for a word that names nothing
 */
export function named(words) {
  const picked = { models: [], methods: [], budgets: [], seeds: [] };
  for (const word of words) {
    if (word in SEED_NETS) picked.models.push(word);
    else if (word in METHODS) picked.methods.push(word);
    else if (/^seed\d+$/.test(word)) picked.seeds.push(Number(word.slice(4)));
    else if (/^\d+(\.\d+)?%$/.test(word)) picked.budgets.push(Number.parseFloat(word));
    else {
      const names = [...Object.keys(SEED_NETS), ...Object.keys(METHODS)].join(', ');
      throw new Error(`--only: '${word}' is no budget (25%), no seed (seed0) and none of ${names}`);
    }
  }
  return picked;
}

/**
 * All runs of what was named, and of what is usual where none of a kind was, by seed, then by budget, so that the table is whole early.
 *
 * @param common resource, epochs and recipe of all
 */
export function runsOf(names, common) {
  const { models, methods, budgets, seeds } = Object.fromEntries(
    Object.entries(DEFAULTS).map(([kind, all]) => [kind, names[kind].length > 0 ? names[kind] : all]),
  );
  const isBound = (method) => !WITHOUT_BUDGET.includes(method);
  const run = (model, method, budget, seed) => {
    const { learningRate } = SEED_NETS[model];
    const { shrinkEpochs, ...others } = { learningRate, ...common.recipe };
    const recipe = UNDER_PENALTY.includes(method) ? { shrinkEpochs, ...others } : others;
    return { model, method, budget, seed, ...common, recipe };
  };
  return seeds.flatMap((seed) => [
    ...budgets.flatMap((budget) =>
      models.flatMap((model) => methods.filter(isBound).map((method) => run(model, method, budget, seed))),
    ),
    ...models.flatMap((model) =>
      methods.filter((name) => !isBound(name)).map((method) => run(model, method, 100, seed)),
    ),
  ]);
}

/** Whether a result is of what was named; all are, of a kind of which none was. */
export function isNamed({ models, methods, budgets, seeds }, { model, method, budget, seed }) {
  const isIn = (names, name) => names.length === 0 || names.includes(name);
  const isOfBudget = WITHOUT_BUDGET.includes(method) || isIn(budgets, budget);
  return isIn(models, model) && isIn(methods, method) && isIn(seeds, seed) && isOfBudget;
}
