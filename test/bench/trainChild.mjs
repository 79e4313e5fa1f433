/**
 * @file Times the training steps of one model on one engine: a process of its own for `trainBench.mjs`, so that its peak
 * memory is its own. `node test/bench/trainChild.mjs MODEL ENGINE SECONDS [step|penalty]`
 *
 * Prints one line of JSON. With `penalty`, steps without and with it are taken in turn.
 */
import * as make from '../../dist/graph/make.js';
import { createMessage } from '../../dist/onnx/createMessage.js';
import { analyzeModel } from '../../dist/pipeline/loadModel.js';
import { findTargets, totalCost } from '../../dist/pipeline/targets.js';
import { createRng } from '../../dist/random/rng.js';
import { penaltyLayout } from '../../dist/sparsity/penaltyLayout.js';
import { shrink } from '../../dist/train/shrink.js';
import { Trainer } from '../../dist/train/trainer.js';
import { openEngine } from './engines/openEngine.mjs';
import { BENCH_MODELS } from './models/benchModels.mjs';

/** The first steps trace and build; they are not timed. */
const WARM_UP = 3;
const LEAST_STEPS = 5;
const RATE = 0.01;
const OPTIONS = { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4, labelSmoothing: 0.1, seed: 0 };

const [name, engineName, seconds, mode = 'step'] = process.argv.slice(2);
const WHERE = { phase: name, epoch: 1, step: 1 };
const { build, batch, sample, classes, macs, params } = BENCH_MODELS[name];
const kit = { ...make, createMessage, createRng };
const { bound, analysis } = await analyzeModel(build(kit), undefined, name);
checkFigure('macs', macs);
checkFigure('params', params);

const rng = createRng(0);
const size = sample.reduce((product, dim) => product * dim, batch);
const data = {
  x: { data: Float32Array.from({ length: size }, () => rng.normal()), shape: [batch, ...sample] },
  y: Int32Array.from({ length: batch }, () => rng.int(classes)),
};
const engine = await openEngine(engineName);
const trainer = engine.trainer?.(bound, OPTIONS) ?? new Trainer(engine, bound, OPTIONS);
const look = () => ({ tensors: engine.tf.memory().numTensors, rssMb: Math.round(process.memoryUsage().rss / 2 ** 20) });

// Engines that take longer than the patience for a step get by with fewer.
const [begin, patience] = [performance.now(), 1000 * Math.max(5, Number(seconds))];
const [times, losses] = [[], []];
let [start, first, count] = [undefined, look(), 0];
const plain = trainer.prepare();
const result = { ...(mode === 'penalty' ? await timePenalty() : await timeSteps()), losses };
process.stdout.write(`${JSON.stringify(result)}\n`);

function checkFigure(resource, known) {
  const found = totalCost(analysis, resource);
  if (found !== known) throw new Error(`${name} has ${found} ${resource}, not the ${known} that it is known for`);
}

/** Whether there are steps enough; `count` is the number of those so far. */
function isDone() {
  const isWarm = count >= WARM_UP || (count > 0 && performance.now() - begin > 2 * patience);
  if (start === undefined && isWarm) [start, first] = [{ time: performance.now(), count }, look()];
  if (start === undefined) return false;
  const passed = performance.now() - start.time;
  return (passed > 1000 * Number(seconds) && count - start.count >= LEAST_STEPS) || passed > 4 * patience;
}

/** Milliseconds by the clock, and of all cores together. */
function now() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1000 };
}

/** A plain step. @returns milliseconds */
async function timeStep() {
  const before = now();
  const { loss } = await plain(data, { learningRate: RATE, pull: 0 }, WHERE);
  const after = now();
  if (start !== undefined) times.push(after.wall - before.wall);
  if (count++ < WARM_UP) losses.push(loss);
  return { wall: after.wall - before.wall, cpu: after.cpu - before.cpu };
}

async function timeSteps() {
  while (!isDone()) await timeStep();
  return {
    ms: times,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    first,
    last: look(),
  };
}

/**
 * Shrinks the model as a run does, with a plain step before each of its steps.
 *
 * @returns what the penalty adds to a step, as a share of it, by the clock and by the work of all cores
 */
async function timePenalty() {
  const [byWall, byCpu] = [[], []];
  let last;
  const inTurn = {
    engine,
    model: trainer.model,
    prepare: (after) => {
      const take = trainer.prepare(after);
      return async (...args) => {
        const turn = now();
        // What came between two steps belongs to the penalty: looking at the norms, and steering λ.
        if (last !== undefined && start !== undefined) {
          byWall.push((turn.wall - last.wall) / last.plain.wall - 2);
          byCpu.push((turn.cpu - last.cpu) / last.plain.cpu - 2);
        }
        last = { ...turn, plain: await timeStep() };
        return take(...args);
      };
    },
  };
  const batches = {
    trainBatches: () => 1000,
    async *train() {
      while (!isDone()) yield data;
    },
  };
  const targets = findTargets(analysis, { resource: 'flops', share: 0.5 }, 'bench', false);
  await shrink(inTurn, batches, targets, penaltyLayout(analysis, 'auto'), {
    ...{ phase: name, epochs: 1, batchSize: batch, learningRate: RATE, schedule: () => RATE, rng },
    onProgress: () => {},
  });
  return { byWall, byCpu };
}
