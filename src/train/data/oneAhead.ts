/**
 * Values of `source`, each asked for while the one before it is used: whoever makes them elsewhere works on the next
 * one meanwhile.
 *
 * @param limit values that are taken; no further one is asked for
 */
export async function* oneAhead<T>(source: AsyncIterable<T>, limit = Number.POSITIVE_INFINITY): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const ask = () => {
    const step = iterator.next();
    // A failure is told when its turn comes, and not at all where the loop ends before.
    step.catch(() => undefined);
    return step;
  };
  let isOver = false;
  try {
    let next = ask();
    for (let count = 1; count <= limit; count++) {
      const step = await next.catch((error: unknown) => {
        isOver = true;
        throw error;
      });
      isOver = step.done === true;
      if (step.done === true) return;
      if (count < limit) next = ask();
      yield step.value;
    }
  } finally {
    if (!isOver) await iterator.return?.();
  }
}
