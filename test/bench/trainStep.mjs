/**
 * @file Times one training step of a model and watches memory. `npm run bench:step [-- MODEL STEPS]`
 *
 * Prints one JSON object: median ms per step, tensors and resident memory after the first steps and at the end.
 */
import { loadEngine } from '../../dist/engine/engine.js';
import { loadWithWeights } from '../../dist/pipeline/loadModel.js';
import { createRng } from '../../dist/random/rng.js';
import { median } from '../../dist/runtime/measureLatency.js';
import { requireLogits } from '../../dist/train/loss/classLogits.js';
import { crossEntropyLoss } from '../../dist/train/loss/crossEntropy.js';
import { Trainer } from '../../dist/train/trainer.js';

const BATCH = 64;
const WARM_UP = 20;
const [path = 'fixtures/digits-resnet8.onnx', count = '500'] = process.argv.slice(2);
const steps = Number(count);

const { bound } = await loadWithWeights(path);
const engine = await loadEngine('onnxruntime');
const trainer = new Trainer(engine, bound, {
  kind: 'sgd',
  momentum: 0.9,
  weightDecay: 5e-4,
  loss: crossEntropyLoss(0.1),
  seed: 0,
});
const train = trainer.prepare();
const { classes } = requireLogits(bound);
const input = bound.graph.inputs[0];
const sample = bound.typeOf(input).dims.slice(1);
const rng = createRng(0);
const size = sample.reduce((product, dim) => product * dim, BATCH);
const batch = {
  x: { data: Float32Array.from({ length: size }, () => rng.normal()), shape: [BATCH, ...sample] },
  y: Int32Array.from({ length: BATCH }, () => rng.int(classes)),
};
const look = () => ({ tensors: engine.tf.memory().numTensors, rssMb: Math.round(process.memoryUsage().rss / 2 ** 20) });

const times = [];
let start;
for (let step = 0; step < steps; step++) {
  const before = performance.now();
  await train(batch, { learningRate: 0.001, pull: 0 }, { phase: 'bench', epoch: 1, step });
  times.push(performance.now() - before);
  if (step === WARM_UP) start = look();
}
const result = {
  model: path,
  batch: BATCH,
  steps,
  msPerStep: Number(median(times.slice(WARM_UP)).toFixed(2)),
  start,
  end: look(),
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
