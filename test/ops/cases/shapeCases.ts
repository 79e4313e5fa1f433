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

const ARITHMETIC = 'it can be trained through only where it calculates shapes';
const only = (record: string, opset: number, made: OpCase['node'], weights: OpCase['weights'] = {}): OpCase => ({
  record,
  title: 'on data',
  opset,
  node: made,
  inputs: made.input.includes('x') ? { x: [1, 3, 2] } : {},
  weights,
  untrainable: ARITHMETIC,
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
  only('Shape@1', 17, node('Shape', ['x'], 'y')),
  only('Gather@1', 17, node('Gather', ['x', 'i'], 'y', { axis: 1 }), { i: integers([2, 0]) }),
  only('Slice@10', 17, node('Slice', ['x', 's', 'e', 'a'], 'y'), {
    s: integers([0]),
    e: integers([2]),
    a: integers([1]),
  }),
  only('Unsqueeze@1', 11, node('Unsqueeze', ['x'], 'y', { axes: [0] })),
  only('Unsqueeze@13', 17, node('Unsqueeze', ['x', 'a'], 'y'), { a: integers([0]) }),
  only('Squeeze@1', 11, node('Squeeze', ['x'], 'y', { axes: [0] })),
  only('Squeeze@13', 17, node('Squeeze', ['x', 'a'], 'y'), { a: integers([0]) }),
  only('Cast@6', 17, node('Cast', ['x'], 'y', { to: 11 })),
  only('Constant@1', 17, node('Constant', [], 'y', { value_ints: [1, 2] })),
];
