import { encodeModel } from '../onnx/encodeModel.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import type { Fidelity } from '../report/results.js';
import { floatsOf, floatTensor } from '../runtime/floatTensor.js';
import { Session, type Tensor } from '../runtime/session.js';
import { type Batch, type DataSet, targetsOf } from '../train/data/index.js';
import { classLogits } from '../train/loss/classLogits.js';
import { floatOutputs } from '../train/loss/distillation.js';
import { type ElementLoss, elementLoss } from './labelLoss.js';
import type { LossKind } from './lossKind.js';

/** What two models are worth on the same samples, run in ONNX Runtime. */
export interface Evaluation {
  /** Share of the labels of the test samples at which the first output is largest; null without test labels. */
  readonly accuracies: readonly [number | null, number | null];
  /** Mean loss of the first output on the test samples' targets; null but for `mse` and `bce`. */
  readonly losses: readonly [number | null, number | null];
  readonly fidelity: Fidelity;
}

export interface EvaluationOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 256;

/** Training samples that are looked at where there are no test samples. */
const TRAINING_SAMPLES = 1024;

/**
 * Runs the original and the result on the test samples, or on some training samples where there are none.
 *
 * @param loss what was trained with: it tells whether the first output tells classes apart
 */
export async function evaluate(
  [original, result]: readonly [BoundModel, BoundModel],
  loss: LossKind,
  data: DataSet,
  rng: Rng,
  { threads, signal }: EvaluationOptions,
): Promise<Evaluation> {
  const input = original.graph.inputs[0]!;
  const { dataType } = original.typeOf(input);
  const outputs = floatOutputs(original).map(({ name }) => name);
  const axes = classAxes(original, loss);
  const lossOf = data.hasTest ? elementLoss(original, loss) : undefined;
  const lost = { elements: 0, sums: [0, 0] as [number, number] };
  const sums = outputs.map(() => ({ difference: 0, whole: 0 }));
  const counts = { samples: 0, rows: 0, alike: 0, labels: 0, right: [0, 0] as [number, number], isLabelled: true };
  const sessions = await Promise.all([original, result].map((bound) => open(bound, threads)));
  try {
    for await (const batch of samplesOf(data, rng)) {
      const { x, y } = batch;
      signal?.throwIfAborted();
      const given: Readonly<Record<string, Tensor>>[] = [];
      for (const session of sessions)
        given.push(await session.run({ [input.name]: floatTensor(dataType, x.data, x.shape) }));
      const [before, after] = given as [Readonly<Record<string, Tensor>>, Readonly<Record<string, Tensor>>];
      counts.samples += x.shape[0]!;
      outputs.forEach((name, i) => {
        addDifference(sums[i]!, before[name]!, after[name]!);
      });
      const name = original.graph.outputs[0]!.name;
      const firsts = [before[name]!, after[name]!] as const;
      const targets = lossOf === undefined ? undefined : targetsOf(batch);
      if (lossOf !== undefined && targets !== undefined) {
        lost.elements += targets.data.length;
        firsts.forEach((output, model) => {
          lost.sums[model as 0 | 1] += sumOf(floatsOf(output), targets.data, lossOf);
        });
      }
      if (axes === undefined) continue;
      const found = firsts.map((output) => largestOf(output, axes));
      const [a, b] = found as [Int32Array, Int32Array];
      counts.rows += a.length;
      a.forEach((position, row) => {
        if (position === b[row]) counts.alike++;
      });
      if (y?.length !== a.length) counts.isLabelled = false;
      else {
        counts.labels += y.length;
        y.forEach((label, row) => {
          if (a[row] === label) counts.right[0]++;
          if (b[row] === label) counts.right[1]++;
        });
      }
    }
  } finally {
    await Promise.all(sessions.map((session) => session.release()));
  }
  const isKnown = data.hasTest && axes !== undefined && counts.isLabelled && counts.labels > 0;
  const accuracy = (model: 0 | 1) => (isKnown ? counts.right[model] / counts.labels : null);
  const meanLoss = (model: 0 | 1) => (lost.elements > 0 ? lost.sums[model] / lost.elements : null);
  const errors = sums.map(({ difference, whole }) => (difference === 0 ? 0 : Math.sqrt(difference / whole)));
  const error = errors.reduce((sum, next) => sum + next, 0) / errors.length;
  return {
    accuracies: [accuracy(0), accuracy(1)],
    losses: [meanLoss(0), meanLoss(1)],
    fidelity: {
      split: data.hasTest ? 'test' : 'training',
      samples: counts.samples,
      agreement: counts.rows === 0 ? null : counts.alike / counts.rows,
      outputError: Number.isFinite(error) ? error : null,
    },
  };
}

function open({ graph, label }: BoundModel, threads: number | undefined): Promise<Session> {
  return Session.create(encodeModel(graph.model), { label, threads });
}

async function* samplesOf(data: DataSet, rng: Rng): AsyncGenerator<Batch> {
  if (data.hasTest) return yield* data.test(BATCH);
  let count = 0;
  for await (const batch of data.train(0, BATCH, rng)) {
    yield batch;
    count += batch.x.shape[0]!;
    if (count >= TRAINING_SAMPLES) return;
  }
}

/**
 * The axes of the first output along which classes lie; undefined where it is not known to have any: after a Softmax, with
 * cross-entropy, or [N, K] with K > 1 where it is not learned as numbers.
 */
function classAxes(bound: BoundModel, { kind }: LossKind): readonly number[] | undefined {
  const output = bound.graph.outputs[0]!;
  const logits = kind === 'mse' || kind === 'bce' ? undefined : classLogits(bound, output);
  if (logits === undefined) return undefined;
  const isTaken = kind === 'cross-entropy' || logits.isSure || bound.typeOf(output).dims.length === 2;
  return isTaken ? logits.axes : undefined;
}

/** For each row along the axes, which follow each other, where it is largest. */
function largestOf(output: Tensor, axes: readonly number[]): Int32Array {
  const { dims } = output;
  const numbers = floatsOf(output);
  const size = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
  const [first, last] = [axes[0]!, axes.at(-1)!];
  const [outer, classes, inner] = [
    size(dims.slice(0, first)),
    size(dims.slice(first, last + 1)),
    size(dims.slice(last + 1)),
  ];
  return Int32Array.from({ length: outer * inner }, (_, row) => {
    const start = Math.floor(row / inner) * classes * inner + (row % inner);
    let best = 0;
    for (let c = 1; c < classes; c++) if (numbers[start + c * inner]! > numbers[start + best * inner]!) best = c;
    return best;
  });
}

function sumOf(output: ArrayLike<number>, targets: Float32Array, lossOf: ElementLoss): number {
  let sum = 0;
  for (let i = 0; i < targets.length; i++) sum += lossOf(output[i]!, targets[i]!);
  return sum;
}

/** Outputs whose shapes the data decides may not be comparable. */
function addDifference(sum: { difference: number; whole: number }, before: Tensor, after: Tensor): void {
  const [a, b] = [floatsOf(before), floatsOf(after)];
  if (before.dims.join() !== after.dims.join()) sum.difference = Number.NaN;
  for (let i = 0; i < a.length; i++) {
    sum.difference += (a[i]! - b[i]!) ** 2;
    sum.whole += a[i]! ** 2;
  }
}
