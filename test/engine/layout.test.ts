import { expect, test } from 'vitest';
import type { KernelInputs } from '../../src/engine/onnxruntime/kernels/kernel.js';
import { kernels } from '../../src/engine/onnxruntime/kernels/registry.js';
import { PendingGraph } from '../../src/engine/onnxruntime/pendingGraph.js';
import { Source } from '../../src/engine/onnxruntime/source.js';
import { plainTraced, type Traced } from '../../src/engine/onnxruntime/traced.js';

const graph = new PendingGraph();

/** A value as the output of some node, so that nothing is free because it is there already. */
function value(...shape: number[]): Traced {
  return plainTraced(graph.add('Input', [], 'float32', shape));
}

function run(name: string, inputs: Readonly<Record<string, Traced>>, attributes: object = {}): Traced {
  const kernel = kernels.find((candidate) => candidate.name === name)!;
  const named: KernelInputs = {
    get: (key) => inputs[key]!,
    optional: (key) => inputs[key],
    all: () => Object.values(inputs),
  };
  return kernel.trace(graph, named, attributes) as Traced;
}

/** The operators appended by some code. */
function opsOf(code: () => void): string[] {
  graph.take();
  code();
  return graph
    .take()
    .map(({ op }) => op)
    .filter((op) => op !== 'Input');
}

const convolution = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };

/** An NHWC image that lies channels first, as the result of a convolution does. */
function image(): Traced {
  return run('Transpose', { x: value(2, 8, 6, 5) }, { perm: [0, 2, 3, 1] });
}

function filter(inputs: number, outputs: number): Traced {
  return run('Transpose', { x: value(outputs, inputs, 3, 3) }, { perm: [2, 3, 1, 0] });
}

test('a convolution of an NCHW image with an OIHW filter is one node', () => {
  expect(opsOf(() => run('Conv2D', { x: image(), filter: filter(8, 4) }, convolution))).toEqual(['Conv']);
});

test('a residual block of convolutions, BatchNorm and ReLU has no Transpose', () => {
  const ops = opsOf(() => {
    const x = image();
    const y = run('Conv2D', { x, filter: filter(8, 8) }, convolution);
    const [mean, variance, scale, offset] = [value(8), value(8), value(8), value(8)];
    const z = run('FusedBatchNorm', { x: y, mean, variance, scale, offset }, { varianceEpsilon: 1e-5 });
    const sum = run('Add', { a: run('Relu', { x: z }), b: x });
    run('Conv2D', { x: sum, filter: filter(8, 8) }, convolution);
  });
  expect(ops).toEqual(['Conv', 'BatchNormalization', 'Relu', 'Add', 'Conv']);
});

test('an image that lies channels last is transposed once for the convolution', () => {
  const ops = opsOf(() => run('Conv2D', { x: value(2, 6, 5, 8), filter: filter(8, 4) }, convolution));
  expect(ops).toEqual(['Transpose', 'Conv']);
});

test('a vector over the channels is reshaped, not the image transposed', () => {
  expect(opsOf(() => run('Add', { a: image(), b: value(8) }))).toEqual(['Reshape', 'Add']);
});

test('of two images that lie differently, the channels-last one is transposed', () => {
  let sum: Traced | undefined;
  const ops = opsOf(() => {
    sum = run('Add', { a: value(2, 6, 5, 8), b: image() });
  });
  expect(ops).toEqual(['Transpose', 'Add']);
  expect(sum?.order).toEqual([0, 3, 1, 2]);
});

test('a mean over the image keeps its place and is flattened for free', () => {
  const ops = opsOf(() => {
    const pooled = run('Mean', { x: image() }, { axis: [1, 2], keepDims: true });
    run('BatchMatMul', { a: run('Reshape', { x: pooled }, { shape: [2, 8] }), b: value(8, 3) });
  });
  expect(ops).toEqual(['ReduceMean', 'Reshape', 'Reshape', 'MatMul']);
});

test('a transposed operand of a product is read transposed', () => {
  const ops = opsOf(() => {
    const b = run('Transpose', { x: value(3, 8) }, { perm: [1, 0] });
    run('BatchMatMul', { a: value(2, 8), b }, { transposeA: false, transposeB: false });
  });
  expect(ops).toEqual(['FusedMatMul']);
});

test('merging axes that lie together needs no Transpose', () => {
  const ops = opsOf(() => run('Reshape', { x: image() }, { shape: [2, 30, 8] }));
  expect(ops).toEqual(['Reshape']);
});

test('merging axes that lie apart needs one', () => {
  const ops = opsOf(() => run('Reshape', { x: image() }, { shape: [2, 240] }));
  expect(ops).toEqual(['Transpose', 'Reshape']);
});

test('repeating a value is no node, and the sum over the repetitions a product', () => {
  const ops = opsOf(() => {
    const repeated = run('Tile', { x: value(2, 1, 3) }, { reps: [1, 4, 1] });
    expect(repeated.shape).toEqual([2, 4, 3]);
    run('Sum', { x: repeated }, { axis: [1], keepDims: false });
  });
  expect(ops).toEqual(['ReduceSum', 'Mul']);
});

test('values that are there are reshaped without a node', () => {
  const x = plainTraced(new Source('float32', [4], { kind: 'inFlight', done: Promise.resolve() }));
  expect(opsOf(() => run('Reshape', { x }, { shape: [2, 2] }))).toEqual([]);
});

test('the filter gradient of a 1×1 convolution is one product', () => {
  const ops = opsOf(() =>
    run(
      'Conv2DBackpropFilter',
      { x: image(), dy: image() },
      { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [1, 1, 8, 8] },
    ),
  );
  expect(ops).toEqual(['Reshape', 'Reshape', 'FusedMatMul', 'ReduceSum', 'Reshape', 'Reshape']);
});

test('the filter gradient lies as the next convolution wants its filter', () => {
  const gradient = run(
    'Conv2DBackpropFilter',
    { x: image(), dy: image() },
    { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 8, 8] },
  );
  expect(opsOf(() => run('Conv2D', { x: image(), filter: gradient }, convolution))).toEqual(['Conv']);
});
