import { expect, test } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { createRng } from '../../src/random/rng.js';
import { resolveInputShapes } from '../../src/runtime/inputShapes.js';
import { measureLatency } from '../../src/runtime/measureLatency.js';
import { integers, modelOf, node } from '../support/modelOf.js';

const latencies = (target: readonly number[]) => {
  const model = modelOf({
    inputs: { x: ['N', 6] },
    weights: { target: integers(target) },
    nodes: [node('NonZero', ['x'], 'found'), node('Reshape', ['found', 'target'], 'y')],
    outputs: ['y'],
  });
  const graph = indexGraph(model);
  return measureLatency([encodeModel(model)], graph, resolveInputShapes(graph), createRng(1), { runs: 3 });
};

test('a model is timed on random inputs', async () => {
  const [ms = 0] = await latencies([-1]);
  expect(ms).toBeGreaterThan(0);
});

test('a model that does not take random inputs is not', async () => {
  expect(await latencies([-1, 7])).toEqual([]);
});
