import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataType } from '../../src/onnx/dataType.js';
import { createTensor, tensorData } from '../../src/onnx/tensorData.js';
import { tensorPayload } from '../../src/onnx/tensorPayload.js';
import { tensorShape } from '../../src/onnx/tensorSize.js';
import { takeAlong } from '../../src/rewrite/takeAlong.js';

const ARRAYS: readonly (readonly [number, (count: number) => ArrayBufferView])[] = [
  [DataType.UINT8, (count) => Uint8Array.from({ length: count }, (_, i) => i)],
  [DataType.INT16, (count) => Int16Array.from({ length: count }, (_, i) => i)],
  [DataType.FLOAT, (count) => Float32Array.from({ length: count }, (_, i) => i)],
  [DataType.DOUBLE, (count) => Float64Array.from({ length: count }, (_, i) => i)],
];

/** A shape, and for each axis either nothing or some of its positions, in any order. */
const selected = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((dims) =>
  fc.record({
    dims: fc.constant(dims),
    taken: fc.tuple(
      ...dims.map((dim) => fc.option(fc.array(fc.integer({ min: 0, max: dim - 1 }), { minLength: 1, maxLength: 6 }))),
    ),
  }),
);

test.each(ARRAYS)('takes positions along any axes of type %i', (dataType, arrayOf) => {
  fc.assert(
    fc.property(selected, ({ dims, taken }) => {
      const count = dims.reduce((size, dim) => size * dim, 1);
      const tensor = createTensor('t', dataType, dims, new Uint8Array(arrayOf(count).buffer));
      const selections = new Map(
        taken.flatMap((indices, axis) => (indices === null ? [] : [[axis, indices] as const])),
      );
      const result = takeAlong(tensor, selections);
      const shape = dims.map((dim, axis) => taken[axis]?.length ?? dim);
      expect(tensorShape(result)).toEqual(shape);
      const wanted = Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, (_, i) => {
        let rest = i;
        let source = 0;
        let stride = 1;
        for (let axis = dims.length - 1; axis >= 0; axis--) {
          const position = rest % shape[axis]!;
          rest = (rest - position) / shape[axis]!;
          source += (taken[axis]?.[position] ?? position) * stride;
          stride *= dims[axis]!;
        }
        return source;
      });
      expect([...tensorData(result)].map(Number)).toEqual(wanted);
    }),
  );
});

test('takes no copy where nothing is selected, and reads nothing before it is asked', () => {
  const tensor = createTensor('t', DataType.UINT8, [4], Uint8Array.of(1, 2, 3, 4));
  expect(takeAlong(tensor, new Map())).toBe(tensor);
  const read = () => {
    throw new Error('read');
  };
  const stored = takeAlong({ ...tensor, rawData: { length: 4, read } }, new Map([[0, [2, 3]]]));
  expect(tensorPayload(stored).length).toBe(2);
  expect(() => tensorData(stored)).toThrow('read');
});
