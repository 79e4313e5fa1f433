import { describe, expect, test } from 'vitest';
import type { Node } from '../../src/graph/graph.js';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { foldShapes } from '../../src/runtime/foldShapes.js';
import { inferShapes } from '../../src/runtime/inferShapes.js';
import { resolveInputShapes } from '../../src/runtime/inputShapes.js';
import { integers, type ModelSketch, modelOf, node } from '../support/modelOf.js';

async function fold(sketch: ModelSketch) {
  const graph = indexGraph(modelOf(sketch));
  const { types } = await inferShapes(graph, resolveInputShapes(graph, new Map(), 5), 'a.onnx');
  const folded = await foldShapes(graph, types, {
    isConstant: ({ opType }: Node) => opType === 'Constant',
    isRandom: ({ opType }: Node) => opType === 'RandomNormalLike',
    shapeResult: ({ opType, inputs }: Node) => (opType === 'Shape' ? types.get(inputs[0]!.name)!.dims : undefined),
  });
  return {
    contents: Object.fromEntries([...folded.contents].map(([value, contents]) => [value.name, contents])),
    fromShapes: [...folded.fromShapes].map(({ name }) => name),
  };
}

describe('values that shapes and constants determine', () => {
  test('Shape → Gather → Unsqueeze → Concat, with the numbers of the shapes that were asked for', async () => {
    const { contents, fromShapes } = await fold({
      inputs: { x: ['N', 40, 2, 2] },
      weights: { zero: integers([0], []), axes: integers([0]), w: [160, 3] },
      nodes: [
        node('Shape', ['x'], 'shape'),
        node('Gather', ['shape', 'zero'], 'batch'),
        node('Unsqueeze', ['batch', 'axes'], 'batch1'),
        node('Constant', [], 'rest', { value_ints: [-1] }),
        node('Concat', ['batch1', 'rest'], 'target', { axis: 0 }),
        node('Reshape', ['x', 'target'], 'flat'),
        node('MatMul', ['flat', 'w'], 'y'),
      ],
      outputs: ['y'],
    });
    expect(contents).toEqual({ shape: [5, 40, 2, 2], batch: [5], batch1: [5], rest: [-1], target: [5, -1] });
    expect(fromShapes).toEqual(['shape', 'batch', 'batch1', 'target']);
  });

  test('nothing that depends on data, and no large results', async () => {
    const { contents } = await fold({
      inputs: { x: ['N', 4] },
      weights: { big: [100, 50], small: [2] },
      nodes: [node('Relu', ['big'], 'large'), node('Relu', ['small'], 'little'), node('Relu', ['x'], 'y')],
      outputs: ['y', 'large', 'little'],
    });
    expect(Object.keys(contents)).toEqual(['little']);
  });

  test('nothing that is random, though its inputs are constant', async () => {
    const { contents } = await fold({
      inputs: { x: ['N', 2] },
      weights: { small: [2] },
      nodes: [
        node('RandomNormalLike', ['small'], 'noise'),
        node('Abs', ['noise'], 'size'),
        node('Abs', ['small'], 'known'),
        node('Add', ['x', 'size'], 'y'),
      ],
      outputs: ['y', 'known'],
    });
    expect(Object.keys(contents)).toEqual(['known']);
  });

  test('nothing to do without either', async () => {
    const { contents, fromShapes } = await fold({
      inputs: { x: [4] },
      nodes: [node('Relu', ['x'], 'y')],
      outputs: ['y'],
    });
    expect([contents, fromShapes]).toEqual([{}, []]);
  });
});
