import { describe, expect, test } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { DataType } from '../../src/onnx/dataType.js';
import { createRng } from '../../src/random/rng.js';
import { resolveInputShapes } from '../../src/runtime/inputShapes.js';
import { randomInputs } from '../../src/runtime/randomInputs.js';
import { inputOf, modelOf, node } from '../support/modelOf.js';
import { runModel } from '../support/runModel.js';

const graphOf = (dataType: number) =>
  indexGraph(
    modelOf({
      inputs: {},
      typedInputs: [inputOf('x', [2, 500], dataType)],
      nodes: [node('Identity', ['x'], 'y')],
      outputs: ['y'],
    }),
  );

describe('random inputs', () => {
  test('are the same for the same seed, and others for another', () => {
    const graph = graphOf(DataType.FLOAT);
    const feed = (seed: number) => randomInputs(graph, resolveInputShapes(graph), createRng(seed)).x!;
    expect(feed(1).data).toEqual(feed(1).data);
    expect(feed(1).data).not.toEqual(feed(2).data);
    expect(feed(1).dims).toEqual([2, 500]);
  });

  test('are normal numbers', () => {
    const graph = graphOf(DataType.FLOAT);
    const data = [...(randomInputs(graph, resolveInputShapes(graph), createRng(1)).x!.data as Float32Array)];
    const mean = data.reduce((sum, x) => sum + x, 0) / 1000;
    const variance = data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 999;
    // Five standard errors.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(1000));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 999));
  });

  test.each(['FLOAT', 'DOUBLE', 'FLOAT16', 'INT64', 'UINT64', 'INT32', 'INT8', 'UINT8', 'BOOL'] as const)(
    'of type %s are taken by ONNX Runtime',
    async (name) => {
      const graph = graphOf(DataType[name]);
      const feeds = randomInputs(graph, resolveInputShapes(graph), createRng(1));
      const { y } = await runModel(graph.model, feeds);
      expect(y!.data).toEqual(feeds.x!.data);
    },
  );

  test.each(['STRING', 'BFLOAT16'] as const)('of type %s are refused', (name) => {
    const graph = graphOf(DataType[name]);
    expect(() => randomInputs(graph, resolveInputShapes(graph), createRng(1))).toThrow("input 'x': ");
  });
});
