import type { NodeProto, TensorProto } from '../../../src/onnx/messages.js';
import { createRng } from '../../../src/random/rng.js';
import { floats, type WeightSketch } from '../../support/modelOf.js';

/** One operator call: what it gives in tf.js must be what ONNX Runtime gives. */
export interface OpCase {
  /** The record it is a case of, `type@since`, with the domain before it where it is not ai.onnx. */
  readonly record: string;
  readonly title: string;
  /** Of ai.onnx; other domains are at their first. */
  readonly opset: number;
  readonly node: NodeProto;
  /** Activations, fed at run time: a shape, or the values. The gradient of floats is checked. */
  readonly inputs: Readonly<Record<string, readonly number[] | TensorProto>>;
  /** Constants of the file. */
  readonly weights?: Readonly<Record<string, WeightSketch>>;
  /** Why it has no form in tf.js. */
  readonly untrainable?: string;
}

/** A case's title among all: `Conv@1 strides of 2`. */
export function caseName({ record, title }: OpCase): string {
  return `${record} ${title}`;
}

/** Distinct values with gaps of 0.05, none nearer to 0 than 0.025: no kink of Relu or MaxPool within a step of 0.01. */
export function spacedValues(size: number, seed: number): readonly number[] {
  const order = createRng(seed).shuffle(Int32Array.from({ length: size }, (_, i) => i));
  return Array.from(order, (i) => (i - Math.floor(size / 3) + 0.5) * 0.05);
}

/** The fed values of a case, by name. */
export function feedsOf({ inputs, record }: OpCase): ReadonlyMap<string, TensorProto> {
  return new Map(
    Object.entries(inputs).map(([name, sketch], i) => [
      name,
      'dataType' in sketch ? sketch : spaced(sketch as readonly number[], { seed: record.length + i }),
    ]),
  );
}

/** A tensor of spaced values, times `scale`, plus `offset`: into the domain of a logarithm, across far kinks. */
export function spaced(dims: readonly number[], { scale = 1, offset = 0, seed = 3 } = {}): TensorProto {
  const size = dims.reduce((product, dim) => product * dim, 1);
  return floats(
    spacedValues(size, seed).map((value) => value * scale + offset),
    dims,
  );
}
