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
import { crossEntropyLoss } from '../../dist/train/loss/crossEntropy.js';
import { penaltyOn } from '../../dist/train/penaltyOn.js';
import { shrink } from '../../dist/train/shrink.js';
import { Trainer } from '../../dist/train/trainer.js';
import { openEngine } from './engines/openEngine.mjs';
import { BENCH_MODELS } from './models/benchModels.mjs';

/** The first steps trace and build; they are not timed. */
const WARM_UP = 3;
const LEAST_STEPS = 5;
/** Steps without or with the penalty that follow each other. */
const BLOCK = 5;
const RATE = 0.01;
const OPTIONS = { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4, loss: crossEntropyLoss(0.1), seed: 0 };

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
  const time = { wall: after.wall - before.wall, cpu: after.cpu - before.cpu };
  if (start !== undefined) times.push(time);
  if (count++ < WARM_UP) losses.push(loss);
  return time;
}

async function timeSteps() {
  while (!isDone()) await timeStep();
  return {
    ms: times.map(({ wall }) => wall),
    cpuMs: times.map(({ cpu }) => cpu),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    first,
    last: look(),
  };
}

/**
 * Shrinks the model as a run does, with plain steps between its steps, some of the one and some of the other in turn.
 *
 * @returns what the penalty adds to a step, as a share of it, by the clock and by the work of all cores
 */
async function timePenalty() {
  const [byWall, byCpu] = [[], []];
  let block;
  const inTurn = {
    engine,
    model: trainer.model,
    prepare: (after) => {
      const take = trainer.prepare(after);
      return async (...args) => {
        if (block?.steps === BLOCK) {
          // What came between two steps belongs to the penalty: looking at the norms, and steering λ.
          const end = now();
          byWall.push((end.wall - block.start.wall) / block.plain.wall - 1);
          byCpu.push((end.cpu - block.start.cpu) / block.plain.cpu - 1);
          block = undefined;
        }
        block ??= { plain: await timeBlock(), steps: 0, start: undefined };
        // The first step of a block finds its memory cold.
        if (block.steps++ === 1) block.start = now();
        return take(...args);
      };
    },
  };
  const batches = {
    trainBatches: () => 1000,
    async *train() {
      while (!isDone() || byCpu.length < 2) yield data;
    },
  };
  const targets = findTargets(analysis, { resource: 'flops', share: 0.5 }, 'bench', false);
  const layout = penaltyLayout(analysis, 'auto');
  const penalty = penaltyOn(trainer, layout, { threshold: 0 });
  await shrink(inTurn, batches, targets, layout, penalty, {
    ...{ phase: name, epochs: 1, batchSize: batch, learningRate: RATE, schedule: () => RATE, rng },
    onProgress: () => {},
  });
  penalty.dispose();
  return { byWall: byWall.slice(1), byCpu: byCpu.slice(1) };
}

/** Some plain steps. @returns milliseconds of all but the first */
async function timeBlock() {
  const sum = { wall: 0, cpu: 0 };
  for (let step = 0; step < BLOCK; step++) {
    const { wall, cpu } = await timeStep();
    if (step === 0) continue;
    sum.wall += wall;
    sum.cpu += cpu;
  }
  return sum;
}
