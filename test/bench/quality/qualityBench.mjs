/**
 * @file Whether shrinking pays: `npm run bench:quality [-- --only fashion-vgg,gamma,50%,seed0 --data FOLDER]`
 *
 * Every method brings every network to every budget, with three seeds, in as many epochs as the others. Each run is
 * appended to a file of JSON lines as it ends, and a run that is there is not run again: stopped at any moment, the same
 * command goes on where it was.
 *
 * `--list` says what would be run. `--table` prints the results as Markdown, `--structures` the widths by layer, and
 * `--curve FILE.svg` draws one network (`--only NAME`); these take all results, or those that `--only` names.
 * `--resource params` is for budgets of another resource, `--epochs` and `--recipe '{"learningRate": 0.1}'` for other
 * settings, and `--train-seed NAME` makes a network that there is no file of. Two calls at once, for different runs,
 * with `--threads 1` get through more than one with all cores. Their times tell little: `--models FOLDER` keeps the
 * networks, and `--time` with it measures the latency of all of them again, when the machine is quiet.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isNamed, named, runsOf } from './chosenRuns.mjs';
import { keepModel, keptPath } from './keptModels.mjs';
import { resultIn } from './methods.mjs';
import { qualityTable, structureTable } from './qualityTable.mjs';
import { appendResult, changeResults, identityOf, readResults } from './resultFile.mjs';
import { latenciesOf, runMethod } from './runMethod.mjs';
import { obstacleOf, SEED_NETS } from './seedNets.mjs';
import { tradeOffCurve } from './tradeOffCurve.mjs';
import { trainSeed } from './trainSeed.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    data: { type: 'string' },
    results: { type: 'string', default: fileURLToPath(new URL('results.jsonl', import.meta.url)) },
    resource: { type: 'string', default: 'flops' },
    epochs: { type: 'string', default: '8' },
    recipe: { type: 'string', default: '{}' },
    list: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    structures: { type: 'boolean', default: false },
    curve: { type: 'string' },
    'train-seed': { type: 'string' },
    threads: { type: 'string' },
    models: { type: 'string' },
    time: { type: 'boolean', default: false },
  },
});

/** The same for all methods; `shrinkEpochs` are those of `epochs` that are under a penalty. */
const RECIPE = {
  shrinkEpochs: 1,
  batchSize: 64,
  weightDecay: 5e-4,
  labelSmoothing: 0.1,
};

try {
  const names = named(options.only.split(',').filter((word) => word !== ''));
  const results = readResults(options.results);
  const shown = results.filter((result) => isNamed(names, result));
  const models = [...new Set(shown.map(({ model }) => model))];
  if (options.table) print(qualityTable(shown));
  else if (options.structures) print(models.map((model) => structureTable(shown, model)).join('\n\n'));
  else if (options.curve !== undefined) writeFileSync(options.curve, tradeOffCurve(shown, models[0]));
  else if (options['train-seed'] !== undefined) await trainSeed(options['train-seed'], options.data, note);
  else if (options.time) await timeAgain(shown);
  else await runMissing(names, results);
} catch (error) {
  note(`error: ${error.message}`);
  process.exitCode = 1;
}

async function runMissing(names, results) {
  const done = new Set(results.map(identityOf));
  const { resource, epochs, recipe } = options;
  const common = { resource, epochs: Number(epochs), recipe: { ...RECIPE, ...JSON.parse(recipe) } };
  const runs = runsOf(names, common).filter((run) => !done.has(identityOf(run)));
  if (options.list) return print(runs.map(nameOf).join('\n'));
  for (const model of new Set(runs.map((run) => run.model))) {
    const obstacle = obstacleOf(SEED_NETS[model], options.data);
    if (obstacle !== undefined) throw new Error(`${model}: ${obstacle}`);
  }
  for (const [i, run] of runs.entries()) {
    const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
    try {
      const { path, data, scale } = SEED_NETS[run.model];
      const threads = options.threads === undefined ? undefined : Number(options.threads);
      const source = { path, data: options.data ?? data, scale, folder, threads };
      const found = await runMethod({ ...run, ...source }, (text) =>
        note(`${i + 1}/${runs.length} ${nameOf(run)}: ${text}`),
      );
      if (options.models !== undefined) keepModel(options.models, run, resultIn(folder));
      const date = new Date().toISOString().slice(0, 10);
      appendResult(options.results, { ...run, ...found, date, machine: machine() });
    } catch (error) {
      // The others are worth having all the same.
      note(`error: ${nameOf(run)}: ${error.stack}`);
      process.exitCode = 1;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** Measures the latency of the networks that were kept. */
async function timeAgain(results) {
  if (options.models === undefined) throw new Error('--time: say with --models where the networks are');
  const timed = new Map();
  for (const result of results) {
    const path = keptPath(options.models, result);
    if (!existsSync(path)) continue;
    const times = await latenciesOf(SEED_NETS[result.model].path, path);
    timed.set(identityOf(result), times);
    note(`${nameOf(result)}: ${times.latencyMs} ms, the seed ${times.seedLatencyMs} ms`);
  }
  changeResults(options.results, (result) => ({ ...result, ...timed.get(identityOf(result)) }));
}

function nameOf({ model, method, resource, budget, seed }) {
  return `${model} ${method} ${budget} % ${resource} seed ${seed}`;
}

function machine() {
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
}

function print(text) {
  process.stdout.write(`${text}\n`);
}

function note(text) {
  process.stderr.write(`${text}\n`);
}
