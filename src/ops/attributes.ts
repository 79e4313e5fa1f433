import { clampToInteger, toSafeInteger } from '../graph/int64.js';
import type { AttributeProto, NodeProto, TensorProto } from '../onnx/messages.js';

/** The attributes of a node by name; it remembers which were read, so that an unknown one is noticed. */
export class Attributes {
  private readonly byName: ReadonlyMap<string, AttributeProto>;
  private readonly unread: Set<string>;

  constructor(node: NodeProto) {
    this.byName = new Map(node.attribute.map((attribute) => [attribute.name ?? '', attribute]));
    this.unread = new Set(this.byName.keys());
  }

  /** Names that no getter has asked for. */
  get unknown(): readonly string[] {
    return [...this.unread];
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  integer(name: string): number | undefined;
  integer(name: string, byDefault: number): number;
  integer(name: string, byDefault?: number): number | undefined {
    const value = this.read(name)?.i;
    return value === undefined ? byDefault : toSafeInteger(value, `attribute '${name}'`);
  }

  integers(name: string): readonly number[] | undefined;
  integers(name: string, byDefault: readonly number[]): readonly number[];
  integers(name: string, byDefault?: readonly number[]): readonly number[] | undefined {
    const values = this.read(name)?.ints;
    return values === undefined ? byDefault : values.map((value) => toSafeInteger(value, `attribute '${name}'`));
  }

  /** Integers of which very large ones stand for "to the end": clamped to ±(2⁵³ − 1). */
  bounds(name: string): readonly number[] | undefined {
    return this.read(name)?.ints.map(clampToInteger);
  }

  float(name: string): number | undefined;
  float(name: string, byDefault: number): number;
  float(name: string, byDefault?: number): number | undefined {
    return this.read(name)?.f ?? byDefault;
  }

  floats(name: string): readonly number[] | undefined {
    return this.read(name)?.floats;
  }

  string(name: string, byDefault: string): string {
    const bytes = this.read(name)?.s;
    return bytes === undefined ? byDefault : new TextDecoder().decode(bytes);
  }

  strings(name: string): readonly string[] | undefined {
    return this.read(name)?.strings.map((bytes) => new TextDecoder().decode(bytes));
  }

  tensor(name: string): TensorProto | undefined {
    return this.read(name)?.t;
  }

  /** Marks attributes as known that a record has no use for. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.unread.delete(name);
  }

  private read(name: string): AttributeProto | undefined {
    this.unread.delete(name);
    return this.byName.get(name);
  }
}
