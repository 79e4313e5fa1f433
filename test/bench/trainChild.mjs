/**
 * @file Times the training steps of one model on one engine: a process of its own for `trainBench.mjs`, so that its peak
 * memory is its own. `node test/bench/trainChild.mjs MODEL ENGINE SECONDS [step|penalty]`
 *
 * Prints one line of JSON. With `penalty`, steps without and with the penalty are taken in turn.
 */
import { CostModel } from '../../dist/cost/costModel.js';
import * as make from '../../dist/graph/make.js';
import { createMessage } from '../../dist/onnx/createMessage.js';
import { analyzeModel } from '../../dist/pipeline/loadModel.js';
import { createRng } from '../../dist/random/rng.js';
import { median } from '../../dist/runtime/measureLatency.js';
import { penaltyLayout } from '../../dist/sparsity/penaltyLayout.js';
import { ProximalStep } from '../../dist/sparsity/proximalStep.js';
import { UnitPrices } from '../../dist/sparsity/unitPrices.js';
import { Trainer } from '../../dist/train/trainer.js';
import { openEngine } from './engines/openEngine.mjs';
import { BENCH_MODELS } from './models/benchModels.mjs';

/** The first steps trace and build; they are not timed. */
const WARM_UP = 3;
const LEAST_STEPS = 5;
/** Steps between two looks at the norms, as in a run. */
const LOOK_EVERY = 4;
const RATE = 0.01;
const OPTIONS = { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4, labelSmoothing: 0.1, seed: 0 };

const [name, engineName, seconds, mode = 'step'] = process.argv.slice(2);
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
const kinds = [plainStep(), ...(mode === 'penalty' ? [penalizedStep()] : [])];
const times = kinds.map(() => []);
const losses = [];
const look = () => ({ tensors: engine.tf.memory().numTensors, rssMb: Math.round(process.memoryUsage().rss / 2 ** 20) });

// Engines that take longer than the patience for a step get by with fewer.
const [begin, patience] = [performance.now(), 1000 * Math.max(5, Number(seconds))];
const isWarm = (step) => step >= WARM_UP || (step > 0 && performance.now() - begin > 2 * patience);
let [start, first] = [undefined, look()];
const isDone = (step) => {
  if (start === undefined) return false;
  const passed = performance.now() - start.time;
  return (passed > 1000 * Number(seconds) && step - start.step >= LEAST_STEPS) || passed > 4 * patience;
};
for (let step = 0; !isDone(step); step++) {
  if (start === undefined && isWarm(step)) [start, first] = [{ time: performance.now(), step }, look()];
  for (const [i, take] of kinds.entries()) {
    const before = performance.now();
    const loss = await take();
    if (start !== undefined) times[i].push(performance.now() - before);
    if (step < WARM_UP) losses.push(loss);
  }
}
const [ms, penalizedMs] = times.map(median);
const result = {
  ms: times[0],
  losses,
  ...(penalizedMs === undefined ? {} : { penalty: penalizedMs / ms - 1 }),
  imagesPerSecond: (1000 * batch) / ms,
  peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  first,
  last: look(),
};
process.stdout.write(`${JSON.stringify(result)}\n`);

function checkFigure(resource, known) {
  const found = new CostModel(analysis, resource).total(new Uint8Array(analysis.unitCount).fill(1));
  if (found !== known) throw new Error(`${name} has ${found} ${resource}, not the ${known} that it is known for`);
}

function plainStep() {
  const take = trainer.prepare();
  return async () => (await take(data, { learningRate: RATE, pull: 0 }, { phase: name, epoch: 1, step: 1 })).loss;
}

/** What `shrink` does in a step, and between steps. */
function penalizedStep() {
  const layout = penaltyLayout(analysis, 'auto');
  const proximal = new ProximalStep(engine.tf, layout, trainer.model.parameters);
  const units = new UnitPrices(new CostModel(analysis, 'flops'), layout);
  proximal.update(units.weights, units.alive);
  const take = trainer.prepare((pull) => {
    proximal.apply(pull);
    return [proximal.norms()];
  });
  let count = 0;
  return async () => {
    const rates = { learningRate: RATE, pull: 1e-6 };
    const { loss, kept } = await take(data, rates, { phase: name, epoch: 1, step: 1 });
    if (++count % LOOK_EVERY === 0) {
      units.observe(await kept[0].data());
      units.priceFor(units.aliveCost / 2);
      proximal.update(units.weights, units.alive);
    }
    for (const tensor of kept) tensor.dispose();
    return loss;
  };
}
