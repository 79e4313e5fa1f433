import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  compileStep,
  drawn,
  flush,
  registerOnnxRuntimeBackend,
  sessionCacheInfo,
} from '../../src/engine/onnxruntime/index.js';

beforeAll(async () => {
  registerOnnxRuntimeBackend();
  await tf.setBackend('onnxruntime');
});

/** A small convolutional network with momentum; its weights are the same in every instance. */
function network() {
  const numbers = (size: number, scale: number) =>
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i + 1));
  const filter = tf.variable(tf.tensor4d(numbers(54, 0.3), [3, 3, 2, 3]));
  const dense = tf.variable(tf.tensor2d(numbers(48 * 3, 0.2), [48, 3]));
  const velocity = [filter, dense].map((variable) => tf.variable(tf.zeros(variable.shape), false));
  const step = (x: tf.Tensor, y: tf.Tensor, rate: tf.Tensor): tf.Tensor[] => {
    const loss = () => {
      const hidden = tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'));
      const logits = tf.matMul(tf.reshape(hidden, [x.shape[0]!, 48]) as tf.Tensor2D, dense as tf.Tensor2D);
      return tf.mean(tf.square(tf.sub(logits, y))) as tf.Scalar;
    };
    const { value, grads } = tf.variableGrads(loss, [filter, dense]);
    [filter, dense].forEach((variable, i) => {
      const moved = tf.add(tf.mul(velocity[i]!, 0.9), grads[variable.name]!);
      velocity[i]!.assign(moved);
      variable.assign(tf.sub(variable, tf.mul(rate, moved)));
    });
    return [value, tf.sum(tf.square(filter))];
  };
  const dispose = () => tf.dispose([filter, dense, ...velocity]);
  return { step, dispose, variables: [filter, dense, ...velocity] };
}

const batch = (size: number, seed: number) => ({
  x: tf.tensor4d(
    Float32Array.from({ length: size * 32 }, (_, i) => Math.cos(i * seed)),
    [size, 4, 4, 2],
  ),
  y: tf.tensor2d(
    Float32Array.from({ length: size * 3 }, (_, i) => Math.sin(i + seed)),
    [size, 3],
  ),
});

async function train(run: (inputs: tf.Tensor[]) => tf.Tensor[], sizes: readonly number[]): Promise<number[][]> {
  const seen: number[][] = [];
  for (const [i, size] of sizes.entries()) {
    const { x, y } = batch(size, i + 1);
    const rate = tf.scalar(0.1 / (i + 1));
    const results = run([x, y, rate]);
    await flush();
    seen.push(await Promise.all(results.map(async (result) => (await result.data())[0]!)));
    tf.dispose([x, y, rate, ...results]);
  }
  return seen;
}

describe('compileStep', () => {
  it('gives the same as tracing every step, and traces once for every shape and layout', async () => {
    const sizes = [4, 4, 4, 3, 4, 4, 3, 4];
    const traced = network();
    const expected = await train(
      (inputs) => tf.tidy(() => traced.step(...(inputs as [tf.Tensor, tf.Tensor, tf.Tensor]))),
      sizes,
    );
    const fresh = network();
    const compiled = compileStep(fresh.step as (...inputs: tf.Tensor[]) => tf.Tensor[]);
    expect(await train(compiled.run, sizes)).toEqual(expected);
    // The first step leaves the filter as convolutions want it, channels first: that is traced anew.
    expect([compiled.traces, compiled.replays]).toEqual([3, 5]);
    for (const [i, variable] of fresh.variables.entries()) {
      expect(await variable.data()).toEqual(await traced.variables[i]!.data());
    }
    fresh.dispose();
    traced.dispose();
  });

  it('holds no tensors from step to step', async () => {
    const { step, dispose } = network();
    const compiled = compileStep(step as (...inputs: tf.Tensor[]) => tf.Tensor[]);
    await train(compiled.run, [4, 4]);
    const before = tf.memory();
    await train(compiled.run, Array(10).fill(4));
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    dispose();
  });

  it('lets the session of the first trace go where the next one takes its place', async () => {
    const { step, dispose } = network();
    const compiled = compileStep(step as (...inputs: tf.Tensor[]) => tf.Tensor[]);
    const { x, y } = batch(5, 1);
    const rate = tf.scalar(0.1);
    const entries: number[] = [];
    for (let run = 0; run < 4; run++) {
      tf.dispose(compiled.run([x, y, rate]));
      await flush();
      entries.push(sessionCacheInfo().entries);
    }
    expect([compiled.traces, compiled.replays]).toEqual([2, 2]);
    expect(entries.slice(1)).toEqual([entries[0], entries[0], entries[0]]);
    tf.dispose([x, y, rate]);
    dispose();
  });

  it('runs two traces in turn where the variables come back as they were, with a session for each', async () => {
    const variable = tf.variable(tf.zeros([1, 3, 3, 2]));
    const filter = tf.tensor4d(
      Array.from({ length: 4 }, (_, i) => i - 1),
      [1, 1, 2, 2],
    );
    // A convolution leaves channels first, a plain assignment lets them lie last.
    const compiled = compileStep((x) => {
      variable.assign(tf.conv2d(tf.add(variable, x!) as tf.Tensor4D, filter, 1, 'same'));
      return [tf.sum(variable)];
    });
    const sums: number[] = [];
    const misses: number[] = [];
    for (let step = 0; step < 6; step++) {
      if (step % 2 === 0) variable.assign(tf.ones([1, 3, 3, 2]));
      const [sum] = compiled.run([tf.scalar(1)]);
      sums.push((await sum!.data())[0]!);
      misses.push(sessionCacheInfo().misses);
    }
    expect(sums).toEqual([0, 1, 2, 3, 4, 5].map((i) => sums[i % 2]!));
    expect([compiled.traces, compiled.replays]).toEqual([2, 4]);
    expect(misses[5]).toBe(misses[2]);
    variable.dispose();
  });

  it('forgets the oldest of many shapes, and goes on', async () => {
    const step = compileStep((x) => [tf.sum(x!)]);
    const sum = async (size: number) => (await step.run([tf.ones([size])])[0]!.data())[0];
    for (let size = 1; size <= 20; size++) expect(await sum(size)).toBe(size);
    expect(await sum(20)).toBe(20);
    expect([step.traces, step.replays]).toEqual([20, 1]);
    expect(await sum(1)).toBe(1);
    expect([step.traces, step.replays]).toEqual([21, 1]);
  });

  it('takes up what is assigned to a variable between steps', async () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const { run } = compileStep((x) => {
      variable.assign(tf.add(variable, x!));
      return [tf.sum(variable)];
    });
    const x = tf.tensor1d([10, 20]);
    const sums: number[] = [];
    for (let step = 0; step < 4; step++) {
      if (step === 2) variable.assign(tf.tensor1d([0, 0]));
      const [sum] = run([x]);
      sums.push((await sum!.data())[0]!);
    }
    expect(sums).toEqual([33, 63, 30, 60]);
    expect([...(await variable.data())]).toEqual([20, 40]);
    tf.dispose([variable, x]);
  });

  it('does not take a variable for a constant that began as one', async () => {
    const [moving, still] = [2.5, 0.5].map((start) => tf.tidy(() => tf.variable(tf.fill([2, 3], start))));
    const compiled = compileStep((t) => {
      moving!.assign(tf.sub(moving!, tf.mul(t!, still!)));
      return [tf.sum(moving!)];
    });
    for (const expected of [2, 1.5, 1]) {
      const t = tf.scalar(1);
      tf.dispose([t, ...compiled.run([t])]);
      await flush();
      expect([...(await moving!.data())]).toEqual(Array(6).fill(expected));
    }
    const other = tf.tidy(() => tf.fill([2, 3], 0.25));
    still!.assign(other);
    const t = tf.scalar(1);
    tf.dispose([t, ...compiled.run([t])]);
    await flush();
    expect([...(await moving!.data())]).toEqual(Array(6).fill(0.75));
    tf.dispose([t, other, moving!, still!]);
  });

  it('takes inputs and variables that are not computed yet, and needs no flush between steps', async () => {
    const variable = tf.variable(tf.mul(tf.tensor1d([1, 2]), 3));
    const { run } = compileStep((x) => {
      variable.assign(tf.mul(variable, x!));
      return [];
    });
    for (let step = 0; step < 3; step++) run([tf.add(tf.tensor1d([1, 1]), 1)]);
    expect([...(await variable.data())]).toEqual([24, 48]);
    variable.dispose();
  });

  it('draws new numbers at every run', async () => {
    let draws = 0;
    const step = compileStep(() => [
      tf.mul(
        drawn([2], () => Float32Array.of(++draws, 10 * draws)),
        2,
      ),
    ]);
    const seen: number[][] = [];
    for (let run = 0; run < 3; run++) seen.push([...(await step.run([])[0]!.data())]);
    expect(seen).toEqual([
      [2, 20],
      [4, 40],
      [6, 60],
    ]);
    expect([step.traces, step.replays]).toEqual([1, 2]);
  });

  it('passes inputs, variables and constants on as results and as values of variables', async () => {
    const a = tf.variable(tf.tensor1d([1, 2]));
    const b = tf.variable(tf.tensor1d([3, 4]));
    const { run } = compileStep((x) => {
      const was = tf.clone(a);
      a.assign(b as tf.Tensor1D);
      b.assign(was as tf.Tensor1D);
      return [tf.reshape(x!, [2, 1]), tf.clone(b), tf.ones([3])];
    });
    for (let step = 0; step < 3; step++) {
      const x = tf.tensor1d([step, step]);
      const [shaped, swapped, ones] = run([x]);
      expect(shaped!.shape).toEqual([2, 1]);
      expect([...(await shaped!.data())]).toEqual([step, step]);
      expect([...(await swapped!.data())]).toEqual(step % 2 === 0 ? [1, 2] : [3, 4]);
      expect([...(await ones!.data())]).toEqual([1, 1, 1]);
      tf.dispose([x, shaped!, swapped!, ones!]);
    }
    tf.dispose([a, b]);
  });

  it.each<[string, () => tf.Optimizer]>([
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
    ['adagrad', () => tf.train.adagrad(0.1)],
    ['adadelta', () => tf.train.adadelta(0.1)],
    ['adam', () => tf.train.adam(0.1)],
    ['adamax', () => tf.train.adamax(0.1)],
    ['rmsprop', () => tf.train.rmsprop(0.1, 0.9, 0.5, undefined, true)],
  ])('replays tf.train.%s, which makes its own variables in the first step', async (_name, make) => {
    const weightsAfter = async (isCompiled: boolean): Promise<number[]> => {
      const optimizer = make();
      const weights = tf.variable(tf.tensor2d([1, -2, 3, 0.5], [2, 2]));
      const step = (x: tf.Tensor): tf.Tensor[] => [
        optimizer.minimize(() => tf.mean(tf.square(tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D))), true, [
          weights,
        ])!,
      ];
      const compiled = compileStep((x) => step(x!));
      for (let i = 0; i < 6; i++) {
        const x = tf.tensor2d([1, i, -i, 2], [2, 2]);
        tf.dispose(isCompiled ? compiled.run([x]) : tf.tidy(() => step(x)));
        await flush();
        x.dispose();
      }
      if (isCompiled) expect(compiled.replays).toBeGreaterThanOrEqual(3);
      const values = [...(await weights.data())];
      optimizer.dispose();
      weights.dispose();
      return values;
    };
    expect(await weightsAfter(true)).toEqual(await weightsAfter(false));
  });

  it('refuses a step that keeps tensors of its own', () => {
    const { run } = compileStep((x) => {
      tf.keep(tf.exp(x!));
      return [tf.neg(x!)];
    });
    expect(() => run([tf.tensor1d([1])])).toThrow('keeps a tensor that it neither returns nor assigns');
  });

  it('tells a failed run to those who read its results', async () => {
    const { run } = compileStep((x) => [tf.gather(tf.tensor1d([1, 2]), x as tf.Tensor1D)]);
    const fine = run([tf.tensor1d([1], 'int32')]);
    const outside = run([tf.tensor1d([7], 'int32')]);
    await expect(outside[0]!.data()).rejects.toThrow();
    expect([...(await fine[0]!.data())]).toEqual([2]);
    expect([...(await run([tf.tensor1d([0], 'int32')])[0]!.data())]).toEqual([1]);
  });
});
