import type { NodeProto } from '../../src/onnx/messages.js';
import { type AttributeSketch, floats, integers, node, type WeightSketch } from './modelOf.js';

type Attributes = Readonly<Record<string, AttributeSketch>>;

/** Nodes and constants of a net that grows, under names of its own. */
export class NetBuilder {
  readonly nodes: NodeProto[] = [];
  readonly weights: Record<string, WeightSketch> = {};
  private count = 0;

  /** Adds a node of one output. @returns the output */
  one(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.many(type, inputs, 1, attributes)[0]!;
  }

  many(type: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}): readonly string[] {
    const names = Array.from({ length: outputs }, () => `${type}${this.count++}`);
    this.nodes.push(node(type, inputs, names, attributes));
    return names;
  }

  stored(sketch: WeightSketch): string {
    const name = `w${this.count++}`;
    this.weights[name] = sketch;
    return name;
  }

  list(...numbers: readonly number[]): string {
    return this.stored(integers(numbers));
  }

  scalar(value: number): string {
    return this.stored(floats([value], []));
  }

  /** Dimensions of a value as a vector, from `start` on. */
  dims(value: string, start: number, end: number): string {
    return this.one('Slice', [this.one('Shape', [value]), this.list(start), this.list(end), this.list(0)]);
  }
}
