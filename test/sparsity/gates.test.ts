import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../src/engine/engine.js';
import { createRng } from '../../src/random/rng.js';
import { withBatch } from '../../src/runtime/inputShapes.js';
import { randomInputs } from '../../src/runtime/randomInputs.js';
import { relativeDifference } from '../../src/runtime/relativeDifference.js';
import { openness, sigmoid } from '../../src/sparsity/gateReach.js';
import { type GateOptions, Gates } from '../../src/sparsity/gates.js';
import { penaltyLayout } from '../../src/sparsity/penaltyLayout.js';
import { TrainableModel } from '../../src/train/trainableModel.js';
import { analyze } from '../support/analyze.js';
import { modelOf, node, positive } from '../support/modelOf.js';
import { runModel } from '../support/runModel.js';

/** A residual stage of two BatchNorms, 3 units of two members; a convolution with a bias, and a Gemm: 2 and 4 of one. */
const NET = modelOf({
  inputs: { x: ['N', 2, 4, 4] },
  outputs: ['y'],
  nodes: [
    node('Conv', ['x', 'w1'], 'c1', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    node('BatchNormalization', ['c1', 'g1', 'o1', 'm1', 'v1'], 'n1'),
    node('Relu', ['n1'], 'r1'),
    node('Conv', ['r1', 'w2'], 'c2'),
    node('BatchNormalization', ['c2', 'g2', 'o2', 'm2', 'v2'], 'n2'),
    node('Add', ['n1', 'n2'], 'sum'),
    node('Conv', ['sum', 'w3', 'b3'], 'c3'),
    node('Relu', ['c3'], 'r3'),
    node('ReduceMean', ['r3'], 'pool', { axes: [2, 3], keepdims: 0 }),
    node('Gemm', ['pool', 'w4', 'b4'], 'f', { transB: 1 }),
    node('Tanh', ['f'], 't'),
    node('MatMul', ['t', 'w5'], 'y'),
  ],
  weights: {
    ...{ w1: [3, 2, 3, 3], g1: positive([3]), o1: [3], m1: [3], v1: positive([3]) },
    ...{ w2: [3, 3, 1, 1], g2: positive([3]), o2: [3], m2: [3], v2: positive([3]) },
    ...{ w3: [2, 3, 1, 1], b3: [2], w4: [4, 2], b4: [4], w5: [4, 5] },
  },
});

async function setUp(options: Partial<GateOptions> = {}) {
  const engine = await loadEngine('onnxruntime');
  const { tf } = engine;
  const analysis = await analyze(NET);
  const layout = penaltyLayout(analysis, 'gates');
  const model = new TrainableModel(engine, analysis.model);
  const gates = new Gates(engine, layout, model.parameters, {
    temperature: 0.5,
    threshold: 0.1,
    rate: 10,
    per: 'layer',
    ...options,
  });
  const logits = gates.variables.get('gates/logits')!;
  const read = async (tensor: Tensor) => {
    await engine.flush();
    return [...((await tensor.data()) as Float32Array)];
  };
  const set = (numbers: readonly number[]) => tf.tidy(() => logits.assign(tf.tensor1d([...numbers])));
  const named = (constants: ReturnType<Gates['constants']>) =>
    Object.fromEntries([...constants].map(([value, tensor]) => [value.name, tensor]));
  const variable = (name: string) => model.parameters.get(analysis.model.graph.value(name)!)!;
  return { engine, tf, analysis, layout, model, gates, logits, read, set, named, variable };
}

/** Two gates of each unit of the stage, one of each other unit. */
const LOGITS = [0.5, -1, 2, 1.5, 0.25, -0.5, 3, -2, 1, 0, -0.75, 2.25];

function expectClose(found: ArrayLike<number>, expected: readonly number[], digits = 5) {
  expect(found.length).toBe(expected.length);
  expected.forEach((number, i) => {
    expect(found[i]).toBeCloseTo(number, digits);
  });
}

describe('gates', () => {
  it('are one for each BatchNorm of a residual stage, and one for weights with their bias', async () => {
    const { gates, layout, logits, set } = await setUp();
    expect([layout.units.length, logits.size]).toEqual([9, 12]);
    set(LOGITS);
    const { norms } = await gates.look();
    const pairs = [0, 1, 2].map((u) => [LOGITS[u]!, LOGITS[u + 3]!]);
    expectClose(norms, [...pairs.map(openness), ...LOGITS.slice(6).map(sigmoid)]);
    const shared = await setUp({ per: 'channel' });
    expect(shared.logits.size).toBe(9);
    shared.set(LOGITS.slice(0, 9));
    expectClose((await shared.gates.look()).norms, LOGITS.slice(0, 9).map(sigmoid));
    const { g1, g2 } = shared.named(shared.gates.masked(shared.tf.sigmoid(shared.logits)));
    for (const [name, masked] of Object.entries({ g1: g1!, g2: g2! })) {
      const start = await shared.read(shared.variable(name));
      expectClose(
        await shared.read(masked),
        start.map((gain, i) => gain * sigmoid(LOGITS[i]!)),
      );
    }
  });

  it('mask gains with offsets, and weights with biases, by one sample each', async () => {
    const { gates, tf, read, set, named, variable } = await setUp();
    set(LOGITS);
    const uniform = LOGITS.map((_, i) => (i + 1) / 14);
    const masked = named(gates.constants(() => tf.tensor1d(uniform)));
    const mask = (i: number) => sigmoid((LOGITS[i]! + Math.log(uniform[i]! / (1 - uniform[i]!))) / 0.5);
    for (const [gain, offset, first] of [
      ['g1', 'o1', 0],
      ['g2', 'o2', 3],
    ] as const) {
      for (const name of [gain, offset]) {
        const start = await read(variable(name));
        expectClose(
          await read(masked[name]!),
          start.map((number, i) => number * mask(first + i)),
        );
      }
    }
    const filter = await read(variable('w3'));
    expectClose(
      await read(masked.w3!),
      filter.map((number, i) => number * mask(6 + Math.floor(i / 3))),
    );
    expectClose(
      await read(masked.b3!),
      (await read(variable('b3'))).map((number, i) => number * mask(6 + i)),
    );
    expect(Object.keys(masked).sort()).toEqual(['b3', 'b4', 'g1', 'g2', 'o1', 'o2', 'w3', 'w4']);
  });

  it('are 0 or 1 where they are straight through, with the gradient of soft ones', async () => {
    const [hard, soft] = [await setUp({ isStraightThrough: true }), await setUp()];
    const uniform = LOGITS.map((_, i) => (i + 1) / 14);
    const gradients: number[][] = [];
    for (const { gates, tf, read, set, named, variable, logits } of [hard, soft]) {
      set(LOGITS);
      const total = () => tf.sum(named(gates.constants(() => tf.tensor1d(uniform))).g1!) as never;
      gradients.push(await read(tf.variableGrads(total, [logits]).grads[logits.name]!));
      if (gates !== hard.gates) continue;
      const found = await read(named(gates.constants(() => tf.tensor1d(uniform))).g1!);
      const gains = await read(variable('g1'));
      expect(found).toEqual(
        gains.map((gain, i) => (LOGITS[i]! + Math.log(uniform[i]! / (1 - uniform[i]!)) > 0 ? gain : 0)),
      );
    }
    expect(gradients[0]!.filter((number) => number !== 0).length).toBe(3);
    expectClose(gradients[0]!, gradients[1]!);
  });

  it('anneal their temperature in equal ratios', async () => {
    const { gates, tf, read, set, named, variable } = await setUp({ temperature: 2, finalTemperature: 0.5 });
    set(LOGITS);
    const [gain] = await read(variable('g1'));
    for (const [done, temperature] of [
      [0, 2],
      [0.5, 1],
      [1, 0.5],
    ] as const) {
      gates.at(done);
      const { g1 } = named(gates.constants(() => tf.fill(logitShape, 0.5)));
      expect((await read(g1!))[0]).toBeCloseTo(gain! * sigmoid(LOGITS[0]! / temperature), 5);
    }
  });

  it('pull each logit by the gradient of w · (1 − ∏(1 − p)), as central differences give it', async () => {
    const { gates, tf, read, set, logits } = await setUp();
    const weights = [2, 1, 3, 0.5, 0, 1, 4, 2, 1];
    const pairs = (of: readonly number[]) => [
      ...[0, 1, 2].map((u) => openness([of[u]!, of[u + 3]!])),
      ...of.slice(6).map((logit) => openness([logit])),
    ];
    const penalty = (of: readonly number[]) => pairs(of).reduce((sum, open, u) => sum + weights[u]! * open, 0);
    const slope = LOGITS.map((_, i) => {
      const moved = (by: number) => penalty(LOGITS.map((logit, k) => (k === i ? logit + by : logit)));
      return (moved(1e-4) - moved(-1e-4)) / 2e-4;
    });
    set(LOGITS);
    gates.update(Float64Array.from(weights), new Uint8Array(9).fill(1));
    gates.apply(tf.scalar(1e-3));
    // t times the rate.
    expectClose(
      await read(logits),
      LOGITS.map((logit, i) => logit - 1e-3 * 10 * slope[i]!),
    );
  });

  it('hand the gradient of the loss on to the logits, as central differences give it', async () => {
    const { gates, tf, read, set, analysis, model, logits } = await setUp({ temperature: 1 });
    const output = analysis.model.graph.outputs[0]!;
    const [x, y] = [tf.randomNormal([5, 2, 4, 4], 0, 1, 'float32', 3), tf.randomNormal([5, 5], 0, 1, 'float32', 4)];
    const uniform = tf.tensor1d(LOGITS.map((_, i) => (i + 1) / 14));
    const loss = () => {
      const constants = gates.constants(() => uniform);
      return tf.sum(tf.mul(model.forward(x, output, { training: false, constants }), y)) as never;
    };
    set(LOGITS);
    const gradient = await read(tf.variableGrads(loss, [logits]).grads[logits.name]!);
    const largest = Math.max(...gradient.map(Math.abs));
    for (const [i, slope] of gradient.entries()) {
      const at = async (by: number) => {
        set(LOGITS.map((logit, k) => (k === i ? logit + by : logit)));
        return (await read(loss()))[0]!;
      };
      expect(((await at(0.02)) - (await at(-0.02))) / 0.04 / largest).toBeCloseTo(slope / largest, 2);
    }
  });

  it('fold exactly: the model with all masks at p is the file, and dead units are zeros in it', async () => {
    const { gates, tf, read, set, analysis, model, variable, engine } = await setUp();
    const { graph, inputShapes } = analysis.model;
    const feeds = randomInputs(graph, withBatch(graph, inputShapes, 3), createRng(5));
    const x = tf.tensor(feeds.x!.data as Float32Array, [...feeds.x!.dims]);
    set(LOGITS);
    gates.update(new Float64Array(9), Uint8Array.from([1, 0, 1, 1, 1, 1, 0, 1, 1]));
    const constants = gates.masked(tf.sigmoid(gates.variables.get('gates/logits')!));
    const gated = await read(model.forward(x, graph.outputs[0]!, { training: false, constants }));
    gates.end();
    await engine.flush();
    const { y } = await runModel(await model.toModel(), feeds);
    expect(relativeDifference(Float32Array.from(gated), y!.data as Float32Array)).toBeLessThan(1e-6);
    const dead = await Promise.all(['g1', 'o1', 'g2', 'o2', 'b4'].map((name) => read(variable(name))));
    const [, , ...rows] = await read(variable('w4'));
    expect([...dead.map((numbers) => numbers[1]!), ...rows.slice(0, 2)].every((number) => number === 0)).toBe(true);
  });

  it('change nothing when they are folded as they begin', async () => {
    const { gates, read, variable } = await setUp();
    const names = ['g1', 'o2', 'w3', 'b4'];
    const before = await Promise.all(names.map((name) => read(variable(name))));
    gates.begin();
    expect((await read(variable('g1')))[0]).toBeCloseTo(before[0]![0]! / sigmoid(2.5), 5);
    gates.end();
    for (const [i, name] of names.entries()) expectClose(await read(variable(name)), before[i]!, 6);
  });
});

const logitShape = [LOGITS.length];
