import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Engine, loadEngine } from '../../src/engine/engine.js';
import { MorphError } from '../../src/errors/morphError.js';
import type { BoundModel } from '../../src/ops/bindModel.js';
import { analyzeModel, loadWithWeights } from '../../src/pipeline/loadModel.js';
import { createRng, type Rng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { fillFaintWeights } from '../../src/rewrite/proof/fillFaintWeights.js';
import { proveCut } from '../../src/rewrite/proof/prove.js';
import { withBatch } from '../../src/runtime/inputShapes.js';
import { randomInputs } from '../../src/runtime/randomInputs.js';
import { relativeDifference } from '../../src/runtime/relativeDifference.js';
import type { Tensor as RuntimeTensor } from '../../src/runtime/session.js';
import { Optimizer } from '../../src/train/optimizer.js';
import { TrainableModel } from '../../src/train/trainableModel.js';
import { LAW_TOLERANCE } from '../support/expectLaw.js';
import { randomCut } from '../support/randomPlan.js';
import { runModel } from '../support/runModel.js';
import { slopeError } from '../support/slopeError.js';
import { ZOO, type ZooModel, zooPath } from './zooModels.js';

const BATCH = 3;
/** Between backpropagation and central differences, beyond noise, in parts of a usual slope. */
const SLOPE_TOLERANCE = 0.01;
const STEPS = 20;

/** What cannot be trained through, as the error says it. */
const UNTRAINABLE: Partial<Record<ZooModel, string>> = {};

describe('training real architectures', () => {
  it('is refused for these alone', async () => {
    const refused: Partial<Record<ZooModel, string>> = {};
    for (const name of ZOO) {
      const setup = await setUp(name);
      try {
        for (const training of [false, true]) setup.engine.tf.dispose(setup.forward(training));
      } catch (error) {
        if (!(error instanceof MorphError) || error.code !== 'TRAIN_UNTRAINABLE') throw error;
        refused[name] = error.message;
      }
      setup.model.dispose();
    }
    expect(refused).toEqual(UNTRAINABLE);
  });

  describe.each(ZOO.filter((name) => !(name in UNTRAINABLE)))('%s', (name) => {
    it('gives the outputs of ONNX Runtime', async () => {
      const { model, bound, feeds, forward } = await setUp(name);
      const expected = await runModel(bound.graph.model, feeds);
      const found = await forward(false).data();
      const output = expected[bound.graph.outputs[0]!.name]!.data as Float32Array;
      expect(relativeDifference(found, output)).toBeLessThan(1e-4);
      model.dispose();
    });

    it('has the gradients that central differences give, jointly and for each parameter', async () => {
      const setup = await setUp(name);
      const names = [...setup.model.parameters.keys()].map((value) => value.name);
      const faint: string[] = [];
      for (const training of [false, true]) {
        const slopes = await Slopes.of(setup, training, createRng(5));
        const joint = await slopes.error(names.map((_, i) => i));
        expect(joint, `all, training: ${training}`).toBeLessThan(SLOPE_TOLERANCE);
        // Statistics of a batch of three bend the loss too much for most parameters alone.
        if (training) continue;
        for (const [i, parameter] of names.entries()) {
          const error = await slopes.error([i]);
          if (error === undefined) faint.push(parameter);
          else expect(error, parameter).toBeLessThan(SLOPE_TOLERANCE);
        }
      }
      // With random weights little comes through the gates of MobileNetV3: its first layers hardly reach the outputs.
      expect(faint.length, faint.join()).toBeLessThanOrEqual(names.length / 3);
      setup.model.dispose();
    });

    it(`learns in ${STEPS} steps, comes back as a file, and can be cut`, async () => {
      const { engine, model, variables, loss } = await setUp(name);
      const { tf } = engine;
      const before = await Promise.all(variables.map((variable) => variable.data()));
      const optimizer = new Optimizer(tf, variables, { kind: 'adam', momentum: 0.9, weightDecay: 0 });
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        const value = tf.tidy(() => {
          const { value, grads } = tf.variableGrads(() => loss(true), [...variables]);
          model.applyStatistics();
          const [learningRate, firstBias, secondBias] = Optimizer.sizesOf(step + 1, 1e-3).map((size) =>
            tf.scalar(size),
          );
          optimizer.apply(grads, { learningRate: learningRate!, firstBias: firstBias!, secondBias: secondBias! });
          return value;
        });
        await engine.flush();
        losses.push((await value.data())[0]!);
        value.dispose();
      }
      expect(losses.every(Number.isFinite), losses.join(' ')).toBe(true);
      expect(losses.at(-1)!, losses.join(' ')).toBeLessThan(0.99 * losses[0]!);
      for (const [i, value] of [...model.parameters.keys()].entries()) {
        const after = await variables[i]!.data();
        expect(
          after.some((number, k) => number !== before[i]![k]),
          value.name,
        ).toBe(true);
      }

      const trained = await analyzeModel(await model.toModel(), undefined, name);
      const plan = randomCut(trained.analysis, createRng(6));
      const cut = await applyPlan(trained.analysis, plan);
      const proof = await proveCut(trained.analysis, plan, cut, createRng(7));
      expect(proof.maxRelativeDifference).toBeLessThanOrEqual(LAW_TOLERANCE);
      optimizer.dispose();
      model.dispose();
    });
  });
});

interface Setup {
  readonly engine: Engine;
  readonly bound: BoundModel;
  readonly model: TrainableModel;
  readonly variables: readonly Variable[];
  readonly feeds: Readonly<Record<string, RuntimeTensor>>;
  readonly forward: (training: boolean) => Tensor;
  /** Mean square of the difference from a random target. */
  readonly loss: (training: boolean) => Scalar;
  readonly target: Float32Array;
}

/** A model with a random batch and a random target; through weights of 0 and 1e-6 no gradient would come. */
async function setUp(name: ZooModel): Promise<Setup> {
  const { analysis } = await loadWithWeights(zooPath(name));
  const bound = (fillFaintWeights(analysis, createRng(1)) ?? analysis).model;
  const { graph } = bound;
  const feeds = randomInputs(graph, withBatch(graph, bound.inputShapes, BATCH), createRng(3));
  const engine = await loadEngine('onnxruntime');
  const { tf } = engine;
  const model = new TrainableModel(engine, bound);
  const feed = feeds[graph.inputs[0]!.name]!;
  const isFloat = feed.type === 'float32';
  const numbers = Array.from(feed.data as ArrayLike<number | bigint>, Number);
  const input = tf.tensor(numbers, [...feed.dims], isFloat ? 'float32' : 'int32');
  const output = graph.outputs[0]!;
  const shape = bound.typeOf(output).dims.map((dim, axis) => (axis === 0 ? BATCH * dim : dim));
  const rng = createRng(4);
  const target = Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => rng.normal());
  const targetTensor = tf.tensor(target, shape);
  const forward = (training: boolean) => tf.tidy(() => model.forward(input, output, { training }));
  const loss = (training: boolean) =>
    tf.mean(tf.square(tf.sub(model.forward(input, output, { training }), targetTensor))) as Scalar;
  return { engine, bound, model, variables: [...model.parameters.values()], feeds, forward, loss, target };
}

/** Slopes of a loss along one random direction for each variable. */
class Slopes {
  private constructor(
    private readonly setup: Setup,
    private readonly training: boolean,
    private readonly loss: number,
    private readonly start: readonly Float32Array[],
    private readonly gradients: readonly Float32Array[],
    private readonly directions: readonly Float32Array[],
  ) {}

  static async of(setup: Setup, training: boolean, rng: Rng): Promise<Slopes> {
    const { tf } = setup.engine;
    const { variables } = setup;
    const { value, grads } = tf.tidy(() => tf.variableGrads(() => setup.loss(training), [...variables]));
    const read = (tensors: readonly Tensor[]) =>
      Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())));
    const gradients = await read(variables.map(({ name }) => grads[name]!));
    const start = await read(variables);
    // A step is in parts of the variable's own size.
    const directions = start.map((numbers) => {
      const size = norm(numbers) / Math.sqrt(numbers.length) || 1;
      return numbers.map(() => size * rng.normal());
    });
    const loss = (await value.data())[0]!;
    tf.dispose([value, ...Object.values(grads)]);
    return new Slopes(setup, training, loss, start, gradients, directions);
  }

  /** How far the slope along some variables' directions is from central differences; undefined if it is too small. */
  error(indices: readonly number[]): Promise<number | undefined> {
    const analytic = indices.reduce((sum, i) => sum + dot(this.gradients[i]!, this.directions[i]!), 0);
    const parts = indices.map((i) => {
      const direction = this.directions[i]!;
      return (norm(this.gradients[i]!) * norm(direction)) / Math.sqrt(direction.length);
    });
    const lossAt = (way: number) => this.lossAt(indices, way);
    return slopeError({ analytic, scale: norm(parts), loss: this.loss, lossAt }, SLOPE_TOLERANCE);
  }

  private async lossAt(indices: readonly number[], way: number): Promise<number> {
    const { engine, variables, forward, target } = this.setup;
    const { tf } = engine;
    const assign = (numbersOf: (i: number) => Float32Array) => {
      for (const i of indices) tf.tidy(() => variables[i]!.assign(tf.tensor(numbersOf(i), variables[i]!.shape)));
    };
    assign((i) => this.start[i]!.map((number, k) => number + way * this.directions[i]![k]!));
    const output = forward(this.training);
    const numbers = await output.data();
    output.dispose();
    assign((i) => this.start[i]!);
    // In float64: the mean of squares in float32 would drown the difference.
    return target.reduce((sum, wanted, k) => sum + (numbers[k]! - wanted) ** 2, 0) / target.length;
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function norm(numbers: ArrayLike<number>): number {
  return Math.sqrt(dot(numbers, numbers));
}
