import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/onnx/dataType.js';
import { activationMoments, type Feed } from '../../src/runtime/activationMoments.js';
import { tensor } from '../../src/runtime/session.js';
import { modelOf, node } from '../support/modelOf.js';

async function* feeds(batches: readonly (readonly number[])[], shape: readonly number[]): AsyncGenerator<Feed> {
  for (const values of batches) {
    const samples = values.length / shape.reduce((size, dim) => size * dim, 1);
    yield { feeds: { x: tensor('float32', Float32Array.from(values), [samples, ...shape]) }, samples };
  }
}

describe('activationMoments', () => {
  it.each([13, 17, 18, 21])('gives mean and spread by channel over samples and places (opset %d)', async (opset) => {
    const model = modelOf({
      inputs: { x: ['N', 2, 2] },
      nodes: [node('Identity', ['x'], 'h'), node('Relu', ['h'], 'y')],
      outputs: ['y'],
      opset,
    });
    const watched = [
      { name: 'h', axis: 1, rank: 3, dataType: DataType.FLOAT },
      { name: 'y', axis: 2, rank: 3, dataType: DataType.FLOAT },
    ];
    // Two samples, then one: each sample counts the same.
    const batches = feeds(
      [
        [1, 3, -2, -2, 5, 7, -2, -2],
        [9, 11, -2, 4],
      ],
      [2, 2],
    );
    const [h, y] = await activationMoments(model, opset, watched, batches, { label: 'test.onnx' });
    expect([...h!.mean]).toEqual([expect.closeTo(6, 5), expect.closeTo(-1, 5)]);
    expect([...h!.spread]).toEqual([expect.closeTo(Math.sqrt(286 / 6 - 36), 4), expect.closeTo(Math.sqrt(5), 4)]);
    expect([...y!.mean]).toEqual([expect.closeTo(15 / 6, 5), expect.closeTo(25 / 6, 5)]);
  });

  it('takes vectors and other floats', async () => {
    const model = modelOf({
      inputs: { x: ['N', 1] },
      weights: {},
      nodes: [node('Cast', ['x'], 'd', { to: DataType.DOUBLE }), node('Squeeze', ['x'], 'v')],
      outputs: ['d', 'v'],
    });
    const watched = [
      { name: 'd', axis: 1, rank: 2, dataType: DataType.DOUBLE },
      { name: 'v', axis: 0, rank: 1, dataType: DataType.FLOAT },
    ];
    const [d, v] = await activationMoments(model, 17, watched, feeds([[2, 4]], [1]), { label: 'test.onnx' });
    expect([d!.mean[0], d!.spread[0]]).toEqual([expect.closeTo(3, 6), expect.closeTo(1, 6)]);
    expect([...v!.mean]).toEqual([2, 4]);
  });
});
