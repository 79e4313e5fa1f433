/**
 * Positions in an order in which each comes after those that it depends on; the given order where that is one.
 *
 * Depth-first without recursion, so that a chain of a million nodes does not overflow the stack.
 *
 * @param dependencies for each position, the positions it depends on
 * @param onCycle makes the error for a position that depends on itself, and the dependency that leads back to it
 */
export function topologicalOrder(
  dependencies: readonly (readonly number[])[],
  onCycle: (position: number, dependency: number) => Error,
): readonly number[] {
  const order: number[] = [];
  const state = new Uint8Array(dependencies.length); // 0 new, 1 open, 2 done
  for (let start = 0; start < dependencies.length; start++) {
    if (state[start] !== 0) continue;
    const stack = [{ position: start, next: 0 }];
    state[start] = 1;
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const dependency = dependencies[top.position]![top.next++];
      if (dependency === undefined) {
        state[top.position] = 2;
        order.push(top.position);
        stack.pop();
      } else if (state[dependency] === 1) {
        const next = stack[stack.findIndex(({ position }) => position === dependency) + 1];
        throw onCycle(dependency, next?.position ?? dependency);
      } else if (state[dependency] === 0) {
        state[dependency] = 1;
        stack.push({ position: dependency, next: 0 });
      }
    }
  }
  return order;
}
