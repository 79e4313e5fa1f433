import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { OnnxRuntimeBackend } from '../../src/engine/onnxruntime/backend.js';
import { flush, registerOnnxRuntimeBackend, sessionCacheInfo } from '../../src/engine/onnxruntime/index.js';
import { runOn } from './backends.js';

function backend(): OnnxRuntimeBackend {
  const current = tf.backend();
  if (!(current instanceof OnnxRuntimeBackend)) throw new Error('another backend is active');
  return current;
}

const pending = (): number => backend().executor.graph.size;

beforeEach(async () => {
  await runOn('onnxruntime', () => []);
  await flush();
});

describe('reading', () => {
  test('a written value needs no session', async () => {
    const before = sessionCacheInfo();
    const x = tf.tensor([1, 2, 3]);
    expect([...x.dataSync()]).toEqual([1, 2, 3]);
    expect([...(await x.data())]).toEqual([1, 2, 3]);
    expect(sessionCacheInfo()).toEqual(before);
  });

  test('a value that is not computed yet refuses to be read synchronously, and says what to do', () => {
    const x = tf.exp(tf.tensor([[1, 2]]));
    expect(() => x.dataSync()).toThrow(
      "onnxruntime backend: this tensor of shape [1,2] is not computed yet, and it cannot be computed synchronously; use 'await tensor.data()' or 'await flush()' before dataSync()",
    );
  });

  test('a flushed value can be read synchronously, in logical order', async () => {
    const x = tf.transpose(tf.add(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), 1));
    await flush();
    expect([...x.dataSync()]).toEqual([2, 5, 3, 6, 4, 7]);
  });

  test('several reads in a row are one flush', async () => {
    const x = tf.tensor([1, 4]);
    const [a, b] = [tf.sqrt(x), tf.square(x)];
    const before = sessionCacheInfo();
    const [first, second] = await Promise.all([a.data(), b.data()]);
    const after = sessionCacheInfo();
    expect([...first!, ...second!]).toEqual([1, 2, 1, 16]);
    expect(after.hits + after.misses - before.hits - before.misses).toBe(1);
  });

  test('kernels may go on while a flush is under way', async () => {
    const x = tf.exp(tf.tensor([0, 0]));
    const running = flush();
    const y = tf.reshape(tf.add(x, 1), [2, 1]);
    const z = tf.reshape(x, [2, 1]);
    expect([...(await y.data()), ...(await z.data())]).toEqual([2, 2, 1, 1]);
    await running;
  });

  test('what was read may be changed without changing the tensor', async () => {
    const x = tf.tensor([1, 2]);
    (await x.data())[0] = 9;
    x.dataSync()[1] = 9;
    expect([...(await tf.neg(x).data())]).toEqual([-1, -2]);
  });

  test('what was written may be changed before the flush', async () => {
    const values = new Float32Array([1, 2]);
    const y = tf.neg(tf.tensor(values));
    values.fill(7);
    expect([...(await y.data())]).toEqual([-1, -2]);
  });

  test('types come back in their own arrays', async () => {
    expect(await tf.add(tf.tensor([1], [1], 'int32'), 1).data()).toBeInstanceOf(Float32Array);
    expect(await tf.neg(tf.tensor([1], [1], 'int32')).data()).toBeInstanceOf(Int32Array);
    expect(await tf.greater(tf.tensor([1, -1]), 0).data()).toEqual(new Uint8Array([1, 0]));
  });

  test('an array of ones as large as an image is a constant, and reads as what it is', async () => {
    const ones = tf.ones([100, 100]);
    expect((await ones.data()).every((x) => x === 1)).toBe(true);
    expect(ones.dataSync().length).toBe(10_000);
    tf.mul(ones, tf.tensor([1, 2], [2, 1, 1]));
    expect(pending()).toBe(0);
  });
});

describe('sessions', () => {
  test('a last batch of another size costs one more session, once, and leaves nothing behind', async () => {
    const weight = tf.variable(tf.tensor2d([1, 2, 3, 4], [2, 2]));
    const train = async (batch: number): Promise<void> => {
      const x = tf.tensor2d(Array.from({ length: 2 * batch }, Math.sin), [batch, 2]);
      const { value, grads } = tf.variableGrads(() =>
        tf.mean(tf.square(tf.matMul(x, weight as unknown as tf.Tensor2D))),
      );
      const gradient = grads[weight.name]!;
      tf.tidy(() => weight.assign(tf.sub(weight, tf.mul(gradient, 0.1))));
      tf.dispose([x, value, gradient]);
      await flush();
    };
    for (const batch of [4, 4, 4]) await train(batch);
    const before = { sessions: sessionCacheInfo(), memory: tf.memory() };
    for (const batch of [3, 4, 4, 3, 4]) await train(batch);
    const after = { sessions: sessionCacheInfo(), memory: tf.memory() };
    expect(after.sessions.misses - before.sessions.misses).toBe(1);
    expect(after.sessions.entries - before.sessions.entries).toBe(1);
    expect(after.memory).toEqual(before.memory);
    weight.dispose();
  });

  const step = async (scale: number): Promise<number> => {
    const y = tf.tidy(() => tf.sum(tf.mul(tf.tensor([1, 2, 3]), tf.scalar(scale))));
    const value = (await y.data())[0]!;
    y.dispose();
    return value;
  };

  test('a loop that waits, but reads nothing, computes step by step', async () => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const before = sessionCacheInfo();
    for (let i = 0; i < 5; i++) {
      tf.tidy(() => weight.assign(tf.mul(weight, 2)));
      expect(pending()).toBeGreaterThan(0);
      await Promise.resolve();
      expect(pending()).toBe(0);
    }
    expect([...(await weight.data())]).toEqual([32, 64]);
    const { hits, misses } = sessionCacheInfo();
    expect([hits - before.hits, misses - before.misses]).toEqual([4, 1]);
    weight.dispose();
  });

  test('another scalar is no other structure', async () => {
    expect(await step(2)).toBe(12);
    const before = sessionCacheInfo();
    expect(await step(3)).toBe(18);
    expect(sessionCacheInfo()).toEqual({ ...before, hits: before.hits + 1 });
  });

  test('another attribute or shape is another structure', async () => {
    const x = tf.tensor([[1, 2, 3]]);
    const softmaxOf = async (value: tf.Tensor, axis: number): Promise<number> =>
      (await tf.sum(tf.cumsum(value, axis)).data())[0]!;
    expect(await softmaxOf(x, 0)).toBe(6);
    expect(await softmaxOf(x, 1)).toBe(10);
    expect(await softmaxOf(tf.tensor([[1, 2]]), 1)).toBe(4);
  });
});

describe('what ONNX Runtime makes of a graph', () => {
  /** An image that lies as convolutions leave it, all negative, with zeros around it. */
  const framed = (width: number): tf.Tensor4D => {
    const image = tf.neg(tf.exp(tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 2, 2])));
    const same = tf.tensor4d([1, 0, 0, 1], [1, 1, 2, 2]);
    const frame: [number, number] = [width, width];
    return tf.pad(tf.conv2d(image as tf.Tensor4D, same, 1, 'same'), [[0, 0], frame, frame, [0, 0]]);
  };

  test('zeros around an image take part in a maximum', async () => {
    const y = tf.tidy(() => tf.maxPool(framed(1), 2, 2, 'valid'));
    expect([...(await y.data())].map(Math.abs)).toEqual(Array(8).fill(0));
  });

  test('zeros around an image may be wider than a window', async () => {
    const y = tf.tidy(() => tf.sum(tf.avgPool(framed(3), 2, 2, 'valid')));
    const sum = [0, 1, 2, 3, 4, 5, 6, 7].reduce((total, x) => total - Math.exp(x), 0);
    expect((await y.data())[0]).toBeCloseTo(sum / 4, 1);
  });
});

describe('disposal', () => {
  test('a disposed value is not computed', async () => {
    const x = tf.tensor([1, 2]);
    const before = sessionCacheInfo();
    tf.exp(x).dispose();
    await flush();
    expect(pending()).toBe(0);
    expect(sessionCacheInfo()).toEqual(before);
  });

  test('a value lives until its last tensor is gone', async () => {
    const x = tf.exp(tf.tensor([0]));
    const copy = tf.clone(x);
    x.dispose();
    expect([...(await copy.data())]).toEqual([1]);
  });

  test('an intermediate value that was disposed is still there for what depends on it', async () => {
    const x = tf.exp(tf.tensor([0]));
    const y = tf.add(x, 1);
    x.dispose();
    expect([...(await y.data())]).toEqual([2]);
  });

  test('what was disposed before the flush is no output of it, though others need it', async () => {
    const x = tf.exp(tf.tensor([0]));
    const { source } = backend().traced(x);
    const y = tf.add(x, 1);
    x.dispose();
    await y.data();
    expect(source.state.kind).toBe('dropped');
  });
});

describe('tf.memory', () => {
  const numbers = () => {
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    return { numTensors, numDataBuffers, numBytes };
  };
  /** What a piece of code adds, once all is computed. */
  const added = async (code: () => tf.Tensor[]) => {
    const before = numbers();
    const ids = tf.backend().numDataIds();
    const tensors = code();
    await flush();
    const after = numbers();
    const difference = {
      tensors: after.numTensors - before.numTensors,
      buffers: after.numDataBuffers - before.numDataBuffers,
      bytes: after.numBytes - before.numBytes,
    };
    expect(tf.backend().numDataIds() - ids).toBe(difference.buffers);
    tf.dispose(tensors);
    expect(numbers()).toEqual(before);
    expect(tf.backend().numDataIds()).toBe(ids);
    return difference;
  };

  test.each<[string, { tensors: number; buffers: number; bytes: number }, () => tf.Tensor[]]>([
    [
      'results count by their size',
      { tensors: 1, buffers: 1, bytes: 24 },
      () => [tf.tidy(() => tf.exp(tf.ones([2, 3])))],
    ],
    [
      'truth values count a byte each',
      { tensors: 1, buffers: 1, bytes: 6 },
      () => [tf.tidy(() => tf.greater(tf.ones([2, 3]), 0))],
    ],
    [
      'a clone shares the buffer of its tensor, and tf.js counts its bytes twice',
      { tensors: 2, buffers: 1, bytes: 48 },
      () => {
        const x = tf.zeros([2, 3]);
        return [x, tf.clone(x)];
      },
    ],
    [
      'parts of a split are buffers of their own',
      { tensors: 2, buffers: 2, bytes: 24 },
      () => tf.tidy(() => tf.split(tf.exp(tf.ones([2, 3])), 2)),
    ],
    [
      'a gradient leaves its result alone',
      { tensors: 1, buffers: 1, bytes: 16 },
      () => [tf.tidy(() => tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.relu(x))))(tf.ones([4])))],
    ],
  ])('%s', async (_title, expected, code) => {
    expect(await added(code)).toEqual(expected);
  });

  test('a variable that is assigned to holds one buffer', async () => {
    const variable = tf.tidy(() => tf.variable(tf.ones([4])));
    const before = numbers();
    for (let step = 0; step < 3; step++) {
      tf.tidy(() => variable.assign(tf.add(variable, 1)));
      await flush();
    }
    expect(numbers()).toEqual(before);
    expect([...(await variable.data())]).toEqual([4, 4, 4, 4]);
    variable.dispose();
  });

  test('data ids come and go', async () => {
    const before = tf.backend().numDataIds();
    tf.tidy(() => {
      tf.relu(tf.tensor([1]));
    });
    expect(tf.backend().numDataIds()).toBe(before);
  });
});

describe('other backends', () => {
  test('tensors move in and out', async () => {
    await tf.setBackend('cpu');
    const x = tf.add(tf.tensor([1, 2]), 1);
    await tf.setBackend('onnxruntime');
    const y = tf.mul(x, 2);
    await flush();
    await tf.setBackend('cpu');
    expect([...tf.add(y, 1).dataSync()]).toEqual([5, 7]);
  });

  test('registering again changes nothing', () => {
    const current = tf.backend();
    registerOnnxRuntimeBackend(tf, { threads: 2 });
    expect(tf.findBackend('onnxruntime')).toBe(current);
  });
});

describe('what cannot be done', () => {
  test('complex numbers and strings', () => {
    expect(() => tf.tensor(['a'])).toThrow(
      "onnxruntime backend: dtype 'string' is not supported; use float32, int32 or bool, or run this part on the 'cpu' backend",
    );
    expect(() => tf.cast(tf.tensor([1]), 'complex64')).toThrow(
      "onnxruntime backend: dtype 'complex64' is not supported; use float32, int32 or bool, or run this part on the 'cpu' backend",
    );
  });

  test('values that do not fill their shape', () => {
    expect(() => tf.backend().write(new Float32Array(3), [2, 2], 'float32')).toThrow(
      'onnxruntime backend: 3 values do not fill shape [2,2]',
    );
  });

  test('a graph that ONNX Runtime refuses fails the reads that need it, and no others', async () => {
    const { graph } = backend().executor;
    const source = graph.add('NoSuchOperator', [graph.scalar('float32', 1)], 'float32', []);
    const broken = tf
      .engine()
      .makeTensorFromTensorInfo(backend().register({ source, type: 'float32', shape: [], order: [] }));
    await expect(broken.data()).rejects.toThrow('NoSuchOperator');
    await expect(broken.data()).rejects.toThrow('onnxruntime backend: the computation of this tensor failed before');
    await expect(tf.neg(broken).data()).rejects.toThrow('failed before');
    expect([...(await tf.neg(tf.tensor([1])).data())]).toEqual([-1]);
  });

  test('an index outside of a gathered axis', async () => {
    await expect(tf.gather(tf.tensor([1, 2]), tf.tensor1d([5], 'int32')).data()).rejects.toThrow('Gather');
  });
});
