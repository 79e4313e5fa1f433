import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { OnnxRuntimeBackend } from '../../src/engine/onnxruntime/backend.js';
import { probeBlockSize } from '../../src/engine/onnxruntime/blocks/probeBlockSize.js';
import { Executor } from '../../src/engine/onnxruntime/executor.js';
import { registerGradients } from '../../src/engine/onnxruntime/gradients/registerGradients.js';
import type { KernelInputs } from '../../src/engine/onnxruntime/kernels/kernel.js';
import { kernels } from '../../src/engine/onnxruntime/kernels/registry.js';
import { PendingGraph } from '../../src/engine/onnxruntime/pendingGraph.js';
import { programOf } from '../../src/engine/onnxruntime/program.js';
import { SessionCache } from '../../src/engine/onnxruntime/sessionCache.js';
import { plainTraced, type Traced } from '../../src/engine/onnxruntime/traced.js';
import { batchNormTraining } from '../../src/ops/normalization/batchNormTraining.js';
import { expectSame, numbers, runOn } from './backends.js';

registerGradients(tf);

type Image = tf.Tensor4D;

function seeded(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(numbers(tf.util.sizeFromShape([...shape]), seed), [...shape]);
}

/** Both backends must give the same result and the same gradients; every element has a part of its own in the loss. */
async function compare(
  shapes: readonly (readonly number[])[],
  network: (...inputs: tf.Tensor[]) => tf.Tensor,
): Promise<void> {
  const code = () => {
    const inputs = shapes.map((shape, i) => seeded(shape, i + 1));
    const loss = (...tensors: tf.Tensor[]) => {
      const y = network(...tensors);
      return tf.sum(tf.mul(y, seeded(y.shape, 99)));
    };
    return [network(...inputs), ...tf.grads(loss)(inputs)];
  };
  expectSame(await runOn('onnxruntime', code), await runOn('cpu', code), 2e-5);
}

interface Case {
  readonly batch: number;
  readonly channels: readonly [number, number];
  readonly size: readonly [number, number];
  readonly window: number;
  readonly stride: number;
  readonly pad: 'same' | 'valid' | number;
}

const cases: readonly Case[] = [
  { batch: 8, channels: [16, 16], size: [8, 8], window: 3, stride: 1, pad: 'same' },
  { batch: 8, channels: [16, 32], size: [7, 9], window: 3, stride: 2, pad: 1 },
  { batch: 8, channels: [24, 40], size: [6, 5], window: 3, stride: 1, pad: 'same' },
  { batch: 16, channels: [20, 12], size: [6, 5], window: 3, stride: 1, pad: 'valid' },
  { batch: 3, channels: [18, 30], size: [6, 7], window: 3, stride: 1, pad: 'same' },
  { batch: 32, channels: [13, 17], size: [5, 4], window: 3, stride: 2, pad: 'same' },
  { batch: 8, channels: [3, 16], size: [11, 12], window: 7, stride: 2, pad: 3 },
  { batch: 1, channels: [16, 16], size: [20, 5], window: 3, stride: 1, pad: 'same' },
  { batch: 2, channels: [32, 16], size: [9, 9], window: 5, stride: 3, pad: 2 },
  { batch: 12, channels: [16, 20], size: [6, 6], window: 3, stride: 2, pad: 'same' },
  { batch: 6, channels: [32, 16], size: [8, 6], window: 3, stride: 2, pad: 1 },
  { batch: 2, channels: [16, 32], size: [12, 12], window: 4, stride: 4, pad: 'valid' },
  { batch: 2, channels: [16, 24], size: [8, 10], window: 4, stride: 2, pad: 1 },
  { batch: 2, channels: [32, 32], size: [9, 12], window: 5, stride: 3, pad: 2 },
  { batch: 1, channels: [16, 16], size: [8, 8], window: 2, stride: 4, pad: 'valid' },
  { batch: 3, channels: [12, 7], size: [2, 3], window: 3, stride: 1, pad: 'same' },
  { batch: 3, channels: [12, 7], size: [4, 4], window: 2, stride: 2, pad: 'valid' },
  { batch: 8, channels: [48, 40], size: [3, 3], window: 1, stride: 1, pad: 'same' },
  { batch: 8, channels: [16, 48], size: [8, 8], window: 1, stride: 1, pad: 'same' },
  { batch: 4, channels: [48, 20], size: [4, 4], window: 1, stride: 1, pad: 'same' },
  { batch: 8, channels: [32, 32], size: [7, 7], window: 1, stride: 1, pad: 'same' },
  { batch: 8, channels: [16, 32], size: [8, 8], window: 1, stride: 2, pad: 'same' },
  { batch: 8, channels: [16, 32], size: [7, 7], window: 1, stride: 2, pad: 'valid' },
  { batch: 8, channels: [16, 16], size: [1, 1], window: 1, stride: 1, pad: 'same' },
];

// tf.js rounds as it is told only where padding is a number.
const roundingFor = (pad: Case['pad']): 'floor' | undefined => (typeof pad === 'number' ? 'floor' : undefined);

const nameOf = ({ batch, channels, size, window, stride, pad }: Case): string =>
  `${channels.join(' → ')}, ${window} × ${window}, stride ${stride}, pad ${pad}, on ${batch} × ${size.join(' × ')}`;

describe('a convolution and what follows it in blocks of channels', () => {
  test.each(cases.map((each) => [nameOf(each), each] as const))('%s', async (_, each) => {
    const { batch, channels, size, window, stride, pad } = each;
    const [inputs, outputs] = channels;
    const filters = [
      [window, window, inputs, outputs],
      [3, 3, outputs, outputs],
    ];
    await compare([[batch, ...size, inputs], ...filters, [outputs]], (x, first, second, bias) => {
      const y = tf.conv2d(x as Image, first as Image, stride, pad, 'NHWC', 1, roundingFor(pad));
      const active = tf.relu(tf.add(tf.div(y, window * Math.sqrt(inputs)), bias!));
      const z = tf.conv2d(active as Image, second as Image, 1, 'same');
      return tf.relu6(tf.add(tf.div(z, Math.sqrt(outputs)), active));
    });
  });

  test('dilated, forward', async () => {
    const code = () => {
      const x = seeded([2, 9, 8, 16], 1) as Image;
      return tf.relu(tf.conv2d(x, seeded([3, 3, 16, 24], 2) as Image, 1, 'same', 'NHWC', 2));
    };
    expectSame(await runOn('onnxruntime', code), await runOn('cpu', code));
  });

  test('an image that lies channels first for tf.js, too', async () => {
    const code = () => {
      const x = seeded([2, 16, 6, 6], 1) as Image;
      const y = tf.conv2d(x, seeded([3, 3, 16, 16], 2) as Image, 1, 'same', 'NCHW');
      return tf.conv2d(tf.relu(y) as Image, seeded([3, 3, 16, 16], 3) as Image, 2, 'same', 'NCHW');
    };
    expectSame(await runOn('onnxruntime', code), await runOn('cpu', code));
  });

  test('operands that know no blocks, that repeat, or that are asked for plainly', async () => {
    await compare(
      [[2, 6, 4, 20], [3, 3, 20, 20], [2, 6, 4, 20], [20], [2, 1, 1, 20], [1, 6, 4, 1]],
      (x, filter, plain, perChannel, perImage, perPixel) => {
        const y = tf.conv2d(x as Image, filter as Image, 1, 'same');
        const scaled = tf.mul(tf.mul(tf.add(y, plain!), perChannel!), perImage!);
        const masked = tf.mul(scaled, tf.cast(tf.greater(scaled, plain!), 'float32'));
        const pooled = tf.mean(masked, [1, 2], true);
        return tf.concat([tf.mul(masked, perPixel!), tf.sub(tf.exp(scaled), pooled)], 3);
      },
    );
  });
});

describe('depthwise convolutions in blocks of channels', () => {
  test.each([
    [16, 3, 1, 'same', 8],
    [24, 3, 2, 'same', 8],
    [24, 3, 2, 1, 7],
    [20, 5, 1, 'same', 6],
    [18, 5, 2, 2, 9],
    [32, 3, 1, 'valid', 5],
    [16, 1, 1, 'same', 4],
  ] as const)('%d channels, window %d, stride %d, pad %s, size %d', async (channels, window, stride, pad, size) => {
    await compare(
      [
        [2, size, size + 1, channels],
        [window, window, channels, 1],
        [3, 3, channels, 1],
      ],
      (x, first, second) => {
        const y = tf.depthwiseConv2d(x as Image, first as Image, stride, pad, 'NHWC', 1, roundingFor(pad));
        return tf.depthwiseConv2d(tf.clipByValue(y, -0.2, 0.4) as Image, second as Image, 1, 'same');
      },
    );
  });
});

describe('BatchNorm in blocks of channels', () => {
  test.each([
    [16, 0],
    [20, 0],
    [18, 4],
  ] as const)('%d channels, with a mean of %d deviations', async (channels, mean) => {
    await compare(
      [[3, 5, 4, channels], [3, 3, channels, channels], [channels], [channels]],
      (x, filter, scale, shift) => {
        const y = tf.add(tf.conv2d(x as Image, filter as Image, 1, 'same'), mean);
        const normalized = batchNormTraining(tf, y, scale as tf.Tensor1D, shift as tf.Tensor1D, 1e-3);
        return tf.mul(tf.relu(tf.add(normalized.y, x!)), normalized.y);
      },
    );
  });

  test('statistics of the batch', async () => {
    const code = () => {
      const x = seeded([3, 5, 4, 20], 1) as Image;
      const y = tf.conv2d(x, seeded([3, 3, 20, 20], 2) as Image, 1, 'same');
      const ones = tf.ones([20]) as tf.Tensor1D;
      const { mean, variance } = batchNormTraining(tf, y, ones, ones, 1e-3);
      return [mean, variance];
    };
    expectSame(await runOn('onnxruntime', code), await runOn('cpu', code));
  });
});

test('the variance of large images far from zero keeps its digits', async () => {
  const code = () => {
    const x = tf.add(seeded([4, 64, 64, 16], 1), 20) as Image;
    const y = tf.conv2d(x, tf.reshape(tf.eye(16), [1, 1, 16, 16]) as Image, 1, 'same');
    const ones = tf.ones([16]) as tf.Tensor1D;
    return batchNormTraining(tf, y, ones, ones, 1e-3).variance;
  };
  expectSame(await runOn('onnxruntime', code), await runOn('cpu', code), 5e-4);
});

describe('what a convolution in blocks does on the way', () => {
  test.each([16, 18])('a residual of BatchNorms behind bounds, %d channels', async (channels) => {
    const shapes = [[2, 5, 4, channels], [3, 3, channels, channels], [channels], [channels]];
    await compare(shapes, (x, filter, scale, shift) => {
      const convolve = (image: tf.Tensor) => tf.conv2d(image as Image, filter as Image, 1, 'same');
      const normalize = (image: tf.Tensor) =>
        batchNormTraining(tf, image, scale as tf.Tensor1D, shift as tf.Tensor1D, 1e-3).y;
      const first = tf.clipByValue(normalize(convolve(x!)), -0.3, 0.4);
      const both = tf.add(normalize(convolve(first)), normalize(convolve(tf.relu(first))));
      // The plain results are asked for, too.
      const plain = normalize(convolve(both));
      return tf.addN([tf.relu(plain), plain, first, tf.add(plain, x!)]);
    });
  });

  test.each([16, 18])('sums and means over pixels and batch, %d channels', async (channels) => {
    await compare(
      [
        [3, 5, 4, channels],
        [3, 3, channels, channels],
      ],
      (x, filter) => {
        const y = tf.conv2d(x as Image, filter as Image, 1, 'same');
        const perImage = tf.add(tf.sum(y, [1, 2]), tf.mean(y, [1, 2]));
        const perChannel = tf.add(tf.sum(y, [0, 1, 2]), tf.mean(y, [0, 1, 2], true));
        return tf.add(tf.add(perImage, tf.reshape(perChannel, [1, channels])), tf.max(y, [1, 2]));
      },
    );
  });

  test('what is no number stays so', async () => {
    const code = () => {
      const x = tf.where(tf.equal(tf.range(0, 2 * 3 * 3 * 16), 100), NaN, seeded([2 * 3 * 3 * 16], 1));
      const filter = tf.reshape(tf.eye(16), [1, 1, 16, 16]) as Image;
      const scale = tf.ones([16]) as tf.Tensor1D;
      const image = tf.conv2d(tf.reshape(x, [2, 3, 3, 16]) as Image, filter, 1, 'same');
      const depthwise = tf.depthwiseConv2d(image, tf.ones([1, 1, 16, 1]), 1, 'same');
      const biased = tf.add(tf.conv2d(tf.zerosLike(image), filter, 1, 'same'), tf.mul(scale, NaN));
      return [depthwise, tf.relu(depthwise), tf.relu6(depthwise), tf.relu(tf.add(depthwise, image)), tf.relu6(biased)];
    };
    const places = (readings: readonly { readonly values: Iterable<number> }[]) =>
      readings.map(({ values }) => [...values].flatMap((value, i) => (Number.isNaN(value) ? [i] : [])));
    const found = places(await runOn('onnxruntime', code));
    expect(found.slice(0, 2).map(({ length }) => length > 0)).toEqual([true, true]);
    expect(found).toEqual(places(await runOn('cpu', code)));
  });
});

describe('the probe', () => {
  test('finds the blocks of this processor, and the backend works with them', async () => {
    const blockSize = await probeBlockSize();
    expect([0, 8, 16]).toContain(blockSize);
    await runOn('onnxruntime', () => []);
    const { executor } = tf.backend() as OnnxRuntimeBackend;
    expect(executor.graph.blockSize).toBe(blockSize);
  });

  test('counts for the CPU alone', () => {
    const executor = new Executor(new SessionCache(1, { providers: ['cuda', 'cpu'] }), 16);
    expect(executor.graph.blockSize).toBe(0);
    executor.configure({ providers: ['cpu'] });
    expect(executor.graph.blockSize).toBe(16);
    executor.configure({ threads: 2 });
    expect(executor.graph.blockSize).toBe(16);
    executor.configure({ providers: ['webgpu'] });
    expect(executor.graph.blockSize).toBe(0);
  });
});

describe('the nodes of a network in blocks', () => {
  const graph = new PendingGraph(16);
  const value = (...shape: number[]): Traced => plainTraced(graph.add('Input', [], 'float32', shape));
  const run = (name: string, inputs: Readonly<Record<string, Traced>>, attributes: object = {}): Traced => {
    const named: KernelInputs = {
      get: (key) => inputs[key]!,
      optional: (key) => inputs[key],
      all: () => Object.values(inputs),
    };
    const result = kernels.find((candidate) => candidate.name === name)!.trace(graph, named, attributes);
    return (Array.isArray(result) ? result[0] : result) as Traced;
  };
  const image = (): Traced => run('Transpose', { x: value(2, 32, 6, 5) }, { perm: [0, 2, 3, 1] });
  const filter = (): Traced => run('Transpose', { x: value(32, 32, 3, 3) }, { perm: [2, 3, 1, 0] });
  const convolution = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
  /** What is computed for a result, without what prepares weights. */
  const reordersOf = (code: () => Traced): string[] => {
    graph.take();
    code().source.holders = 1;
    const { nodes } = programOf(graph.take())!;
    const onImages = nodes.filter(({ inputs }) => inputs[0]?.shape[2] === 6);
    return onImages.map(({ op }) => op).filter((op) => op.startsWith('Reorder') || op === 'Conv');
  };

  test('a residual block enters blocks once and leaves them once', () => {
    const ops = reordersOf(() => {
      const x = image();
      const y = run('Conv2D', { x, filter: filter() }, convolution);
      const active = run('Relu', { x: run('Add', { a: y, b: value(32) }) });
      return run('Add', { a: run('Conv2D', { x: active, filter: filter() }, convolution), b: x });
    });
    expect(ops).toEqual(['ReorderInput', 'Conv', 'Conv', 'ReorderOutput']);
  });

  test('channels that would mostly be filling stay out of blocks', () => {
    const ops = reordersOf(() => {
      const few = run('Transpose', { x: value(3, 32, 3, 3) }, { perm: [2, 3, 1, 0] });
      return run('Conv2D', { x: image(), filter: few }, convolution);
    });
    expect(ops).toEqual(['Conv']);
  });
});
