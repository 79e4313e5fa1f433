import { describe, expect, test } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { makeTensorType } from '../../src/graph/make.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { freeSymbols, varied } from '../../src/runtime/freeSymbols.js';
import { inferShapes } from '../../src/runtime/inferShapes.js';
import { resolveInputShapes } from '../../src/runtime/inputShapes.js';
import { inputOf, integers, type ModelSketch, modelOf, node } from '../support/modelOf.js';

async function shapesOf(sketch: ModelSketch, batch = 1): Promise<Readonly<Record<string, string>>> {
  const graph = indexGraph(modelOf(sketch));
  const { types } = await inferShapes(graph, resolveInputShapes(graph, new Map(), batch), 'a.onnx');
  return Object.fromEntries([...types].map(([name, { dims }]) => [name, dims.join('x')]));
}

describe('shapes of all values', () => {
  test('inputs, initializers and every node output', async () => {
    const shapes = await shapesOf(
      {
        inputs: { x: ['N', 3, 8, 6] },
        weights: { w: [5, 3, 3, 3], f: [60, 7] },
        nodes: [
          node('Conv', ['x', 'w'], 'conv', { strides: [2, 2], pads: [1, 1, 1, 1] }),
          node('Flatten', ['conv'], 'flat'),
          node('Gemm', ['flat', 'f'], 'y'),
        ],
        outputs: ['y'],
      },
      4,
    );
    expect(shapes).toEqual({ x: '4x3x8x6', w: '5x3x3x3', f: '60x7', conv: '4x5x4x3', flat: '4x60', y: '4x7' });
  });

  test('chains of shape arithmetic, and weights too large to travel', async () => {
    const shapes = await shapesOf({
      inputs: { x: ['N', 40, 2, 2] },
      weights: { zero: integers([0], []), axes: integers([0]), rest: integers([-1]), f: [160, 30] },
      nodes: [
        node('Shape', ['x'], 'shape'),
        node('Gather', ['shape', 'zero'], 'batch'),
        node('Unsqueeze', ['batch', 'axes'], 'batch1'),
        node('Concat', ['batch1', 'rest'], 'target', { axis: 0 }),
        node('Reshape', ['x', 'target'], 'flat'),
        node('MatMul', ['flat', 'f'], 'y'),
      ],
      outputs: ['y'],
    });
    expect(shapes).toMatchObject({ shape: '4', batch: '', batch1: '1', target: '2', flat: '1x160', y: '1x30' });
  });

  test('element types', async () => {
    const graph = indexGraph(
      modelOf({
        inputs: {},
        typedInputs: [inputOf('x', ['N', 2], DataType.FLOAT16), inputOf('i', [3], DataType.INT32)],
        nodes: [node('Relu', ['x'], 'y'), node('Cast', ['i'], 'z', { to: DataType.INT64 })],
        outputs: ['y', 'z'],
      }),
    );
    const { types } = await inferShapes(graph, resolveInputShapes(graph, new Map([['x', [1, 2]]])), 'a.onnx');
    expect([...types].map(([name, { dataType }]) => [name, dataType])).toEqual([
      ['x', DataType.FLOAT16],
      ['i', DataType.INT32],
      ['y', DataType.FLOAT16],
      ['z', DataType.INT64],
    ]);
  });

  test('the resnet fixture: strides halve, the mean drops space', async () => {
    const { model } = await readModelFile(new URL('../../fixtures/models/resnet_bn.onnx', import.meta.url).pathname);
    const graph = indexGraph(model);
    const { types } = await inferShapes(graph, resolveInputShapes(graph), 'resnet_bn');
    const dims = graph.nodes
      .filter(({ opType }) => ['Conv', 'ReduceMean', 'Gemm'].includes(opType))
      .map(({ opType, outputs }) => `${opType} ${types.get(outputs[0]!.name)!.dims.join('x')}`);
    expect(dims).toEqual([
      'Conv 1x8x32x32',
      'Conv 1x8x32x32',
      'Conv 1x8x32x32',
      'Conv 1x16x16x16',
      'Conv 1x16x16x16',
      'Conv 1x16x16x16',
      'Conv 1x32x8x8',
      'Conv 1x32x8x8',
      'Conv 1x32x8x8',
      'ReduceMean 1x32',
      'Gemm 1x10',
    ]);
  });

  test('what the data decides is left open, a rank too, and told from a scalar', async () => {
    const graph = indexGraph(
      modelOf({
        inputs: { x: [4] },
        weights: { first: integers([0]) },
        nodes: [
          node('NonZero', ['x'], 'nz'),
          node('Cast', ['nz'], 'y', { to: 1 }),
          node('Squeeze', ['nz', 'first'], 'found'),
          node('Reshape', ['x', 'found'], 'any'),
          node('Relu', ['any'], 'any2'),
          node('ReduceSum', ['x'], 'scalar', { keepdims: 0 }),
          node('Neg', ['scalar'], 'minus'),
        ],
        outputs: ['y', 'any2', 'minus'],
      }),
    );
    const { types, open } = await inferShapes(graph, resolveInputShapes(graph), 'a.onnx');
    expect([...open].map(([name, { dims }]) => [name, dims])).toEqual([
      ['nz', [1, undefined]],
      ['y', [1, undefined]],
      ['found', [undefined]],
      ['any', undefined],
      ['any2', undefined],
    ]);
    expect(types.get('scalar')!.dims).toEqual([]);
    expect(types.get('minus')!.dims).toEqual([]);
  });

  test('what ONNX Runtime does not accept is refused in one line', async () => {
    const sketch = {
      inputs: { x: [1, 3, 4, 4] },
      weights: { w: [2, 4] },
      nodes: [node('Conv', ['x', 'w'], 'y')],
      outputs: ['y'],
    };
    const error: unknown = await shapesOf(sketch).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RUNTIME_REJECTED' });
    expect((error as Error).message).toMatch(/^a\.onnx: ONNX Runtime does not accept the model: [^\n]+; check that/);
  });
});

describe('input shapes', () => {
  const graph = indexGraph(
    modelOf({
      inputs: { x: ['N', 3, 'H', ''], m: ['N', 3] },
      nodes: [node('Relu', ['x'], 'y'), node('Relu', ['m'], 'z')],
      outputs: ['y', 'z'],
    }),
  );

  test('are taken as given, else as declared, with the batch where it is free', () => {
    const shapes = resolveInputShapes(
      indexGraph(
        modelOf({
          inputs: { x: ['N', 3, 'H', ''], m: ['M', 3], n: ['', 4] },
          nodes: [node('Relu', ['x'], 'y')],
          outputs: ['y'],
        }),
      ),
      new Map([['x', [2, 3, 5, 6]]]),
      7,
    );
    expect([...shapes]).toEqual([
      ['x', [2, 3, 5, 6]],
      ['m', [7, 3]],
      ['n', [7, 4]],
    ]);
  });

  const decoder = indexGraph(
    modelOf({
      inputs: {
        mask: ['batch', 'past + sequence + 1'],
        ids: ['batch', 'sequence'],
        key: ['batch', 4, 'past', 8],
        value: ['batch', 4, 'past', 8],
      },
      nodes: [node('Relu', ['key'], 'y')],
      outputs: ['y'],
    }),
  );

  test('share the sizes that have a name, and sums of them', () => {
    const shapes = resolveInputShapes(
      decoder,
      new Map([
        ['ids', [2, 5]],
        ['key', [2, 4, 3, 8]],
      ]),
    );
    expect([...shapes]).toEqual([
      ['mask', [2, 9]],
      ['ids', [2, 5]],
      ['key', [2, 4, 3, 8]],
      ['value', [2, 4, 3, 8]],
    ]);
    expect([...varied(shapes, freeSymbols(decoder)).values()]).toEqual([
      [3, 17],
      [3, 10],
      [3, 4, 6, 8],
      [3, 4, 6, 8],
    ]);
  });

  test('of token numbers are told to be short, as tables of positions may be', () => {
    const { model } = decoder;
    const input = [inputOf('ids', ['batch', 'sequence'], DataType.INT64)];
    const reader = indexGraph({ ...model, graph: { ...model.graph, input, node: [node('Relu', ['ids'], 'y')] } });
    expect(() => resolveInputShapes(reader)).toThrow('for example --input ids=1x16');
  });

  test('beside token numbers of a fixed length are short too', () => {
    const { model } = decoder;
    const input = [inputOf('ids', ['batch', 1], DataType.INT64), inputOf('past', ['batch', 'past', 8])];
    const reader = indexGraph({ ...model, graph: { ...model.graph, input, node: [node('Relu', ['past'], 'y')] } });
    expect(() => resolveInputShapes(reader)).toThrow('for example --input past=1x16x8');
  });

  test('of a volume are told to be smaller than those of an image', () => {
    const { model } = decoder;
    const input = [inputOf('x', ['N', 1, 'D', 'H', 'W'])];
    const reader = indexGraph({ ...model, graph: { ...model.graph, input, node: [node('Relu', ['x'], 'y')] } });
    expect(() => resolveInputShapes(reader)).toThrow('for example --input x=1x1x64x64x64');
  });

  test('that are missing are all told at once, each size once', () => {
    expect(() => resolveInputShapes(decoder)).toThrow(
      "input 'mask': its shape [batch, past + sequence + 1] has free dimensions beside the batch; say what they are, for example --input ids=1x128 --input key=1x4x128x8",
    );
  });

  test.each([
    [
      new Map(),
      "input 'x': its shape [N, 3, H, ?] has free dimensions beside the batch; say what they are, for example --input x=1x3x224x224",
    ],
    [new Map([['z', [1]]]), "--input z: the model has no input 'z'; its inputs are x, m"],
    [
      new Map([['m', [1, 3, 1]]]),
      '--input m=1x3x1: the model declares [N, 3]; give as many dimensions as declared, and keep those that are fixed',
    ],
    [
      new Map([['m', [1, 4]]]),
      '--input m=1x4: the model declares [N, 3]; give as many dimensions as declared, and keep those that are fixed',
    ],
  ])('are refused where they are missing or do not fit (%#)', (given, message) => {
    const shapes = new Map([['x', [1, 3, 8, 8]], ...given]);
    expect(() => resolveInputShapes(graph, given.size === 0 ? given : shapes)).toThrow(message);
  });

  test('of a sequence cannot be known', () => {
    const sequence = createMessage('ValueInfoProto', {
      name: 's',
      type: { sequenceType: { elemType: makeTensorType(1, []) } },
    });
    const odd = indexGraph(
      modelOf({ inputs: {}, typedInputs: [sequence], nodes: [node('SequenceLength', ['s'], 'y')], outputs: ['y'] }),
    );
    expect(() => resolveInputShapes(odd)).toThrow(
      "input 's': it is no tensor (a sequence, map or optional); only models whose inputs are tensors can be used: export the model again",
    );
  });
});

test('a convolution of no groups is refused before ONNX Runtime divides by them', async () => {
  const model = modelOf({
    inputs: { x: ['N', 4, 8, 8] },
    outputs: ['y'],
    nodes: [node('ConvTranspose', ['x', 'w'], 'y', { group: 0 })],
    weights: { w: [4, 4, 3, 3] },
  });
  const graph = indexGraph(model);
  await expect(inferShapes(graph, new Map([['x', [1, 4, 8, 8]]]), 'test.onnx')).rejects.toMatchObject({
    code: 'GRAPH_ZERO_GROUPS',
  });
});
