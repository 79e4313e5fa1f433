import { type ElementType, type HostArray, hostArrayOf } from './elementType.js';
import { type Attributes, type PendingNode, Source } from './source.js';

/** What a kernel says about one output of the node it appends. */
export interface OutputType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

const noAttributes: Attributes = {};

/** The nodes that kernels have appended since the last flush, in order of appending (so: topologically sorted). */
export class PendingGraph {
  #nodes: PendingNode[] = [];
  #constants = new Map<string, Source>();

  /** @param blockSize channels that lie together in blocks of channels on this processor; 0 where there are none */
  constructor(public blockSize = 0) {}

  /** The number of nodes that wait for a flush. */
  get size(): number {
    return this.#nodes.length;
  }

  /** The nodes that came after the first `count`. */
  since(count: number): readonly PendingNode[] {
    return this.#nodes.slice(count);
  }

  /** Appends a node with one output. */
  add(
    op: string,
    inputs: readonly (Source | undefined)[],
    type: ElementType,
    shape: readonly number[],
    attributes: Attributes = noAttributes,
    domain = '',
  ): Source {
    return this.addMany(op, inputs, [{ type, shape }], attributes, domain)[0]!;
  }

  /** Appends a node with several outputs. */
  addMany(
    op: string,
    inputs: readonly (Source | undefined)[],
    outputs: readonly OutputType[],
    attributes: Attributes = noAttributes,
    domain = '',
  ): readonly Source[] {
    const node: PendingNode = { op, domain, inputs, attributes, outputs: [] };
    for (const { type, shape } of outputs) node.outputs.push(new Source(type, shape, { kind: 'pending', node }));
    this.#nodes.push(node);
    return node.outputs;
  }

  /** A constant that is part of the structure: another value is another model. */
  constant(type: ElementType, shape: readonly number[], values: ArrayLike<number>): Source {
    const key = `${type}[${shape.join()}]${Array.prototype.join.call(values)}`;
    let source = this.#constants.get(key);
    if (source === undefined) {
      const data: HostArray = hostArrayOf(type, values);
      source = new Source(type, shape, { kind: 'constant', data });
      this.#constants.set(key, source);
    }
    return source;
  }

  /** A constant of shape []. */
  scalar(type: ElementType, value: number): Source {
    return this.constant(type, [], [value]);
  }

  /** A constant int64 vector: shapes, axes, indices. */
  ints(values: readonly number[]): Source {
    return this.constant('int64', [values.length], values);
  }

  /** Hands over the nodes collected so far and starts anew. */
  take(): readonly PendingNode[] {
    const nodes = this.#nodes;
    this.#nodes = [];
    this.#constants = new Map();
    return nodes;
  }
}
