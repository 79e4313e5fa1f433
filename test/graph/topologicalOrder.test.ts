import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topologicalOrder } from '../../src/graph/topologicalOrder.js';

const never = () => new Error('no circle was made');

test('every position comes once, after those that it depends on', () => {
  const graphs = fc.integer({ min: 0, max: 30 }).chain((size) =>
    fc.tuple(
      fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: size, maxLength: size }),
      fc.shuffledSubarray(
        Array.from({ length: size }, (_, i) => i),
        { minLength: size, maxLength: size },
      ),
    ),
  );
  fc.assert(
    fc.property(graphs, ([draws, names]) => {
      // Dependencies point to earlier names alone, so there is no circle; the names are shuffled.
      const dependencies: number[][] = names.map(() => []);
      names.forEach((name, i) => {
        if (i > 0) dependencies[name] = draws[i]!.map((draw) => names[draw % i]!);
      });
      const order = topologicalOrder(dependencies, never);
      expect([...order].sort((a, b) => a - b)).toEqual(names.map((_, i) => i));
      const place = new Map(order.map((position, i) => [position, i]));
      dependencies.forEach((needed, position) => {
        for (const other of needed) expect(place.get(other)!).toBeLessThan(place.get(position)!);
      });
    }),
  );
});

test('an order that is one already stays', () => {
  expect(topologicalOrder([[], [], [0], [1, 2]], never)).toEqual([0, 1, 2, 3]);
});
