import { integers, node } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

const reshape = (title: string, shape: readonly number[], x: readonly number[], attributes = {}): OpCase => ({
  record: 'Reshape@5',
  title,
  opset: 17,
  node: node('Reshape', ['x', 's'], 'y', attributes),
  inputs: { x },
  weights: { s: integers(shape) },
});

export const shapeCases: readonly OpCase[] = [
  ...[1, -1, 0].map(
    (axis): OpCase => ({
      record: 'Concat@4',
      title: `along axis ${axis}`,
      opset: axis < 0 ? 17 : 9,
      node: node('Concat', ['a', 'b', 'a'], 'y', { axis }),
      inputs:
        axis === 0
          ? { a: [1, 2, 3], b: [2, 2, 3] }
          : axis === 1
            ? { a: [1, 2, 3], b: [1, 4, 3] }
            : { a: [1, 2, 3], b: [1, 2, 1] },
    }),
  ),
  {
    record: 'Concat@4',
    title: 'of one tensor',
    opset: 17,
    node: node('Concat', ['a'], 'y', { axis: 1 }),
    inputs: { a: [1, 2] },
  },
  ...[0, 1, 2, 3, 4, -1].map(
    (axis): OpCase => ({
      record: 'Flatten@1',
      title: `at axis ${axis}`,
      opset: axis < 0 ? 17 : 9,
      node: node('Flatten', ['x'], 'y', { axis }),
      inputs: { x: [2, 3, 1, 2] },
    }),
  ),
  {
    record: 'Flatten@1',
    title: 'without an axis',
    opset: 17,
    node: node('Flatten', ['x'], 'y'),
    inputs: { x: [2, 3, 2] },
  },
  reshape('to [0, -1]', [0, -1], [2, 3, 2]),
  reshape('to another split', [4, 3], [2, 3, 2]),
  reshape('to more axes', [1, 2, -1, 1, 3], [2, 3, 2]),
  { ...reshape('of opset 5', [-1], [2, 3, 2]), opset: 9 },
];
