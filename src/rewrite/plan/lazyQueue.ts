/** An entry with what it was worth when it was put in. */
interface Entry<T> {
  readonly item: T;
  readonly score: number;
  readonly order: number;
}

/**
 * Gives the item of the least score, where scores only grow while others are taken: an item is scored again when it
 * comes first, and goes back if it is not the least any more. Among equals, the one of the least order comes first.
 */
export class LazyQueue<T> {
  private readonly heap: Entry<T>[] = [];

  /**
   * @param score now; undefined where the item is out
   * @param order decides between equal scores
   */
  constructor(
    private readonly score: (item: T) => number | undefined,
    private readonly order: (item: T) => number,
  ) {}

  push(item: T): void {
    const score = this.score(item);
    if (score !== undefined) this.insert({ item, score, order: this.order(item) });
  }

  pop(): T | undefined {
    for (let first = this.remove(); first !== undefined; first = this.remove()) {
      const score = this.score(first.item);
      if (score === undefined) continue;
      const now = { ...first, score };
      if (this.heap.length === 0 || !isBefore(this.heap[0]!, now)) return now.item;
      this.insert(now);
    }
    return undefined;
  }

  private insert(entry: Entry<T>): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private remove(): Entry<T> | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.score < b.score || (a.score === b.score && a.order < b.order);
}
