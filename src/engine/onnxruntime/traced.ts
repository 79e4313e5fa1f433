import type { TensorType } from './elementType.js';
import type { Source } from './source.js';

/**
 * What a tf.js tensor is to this backend: a view on a source.
 *
 * `order[p]` is the logical axis that lies at physical axis `p`: an NHWC tensor that lies as NCHW has order
 * [0, 3, 1, 2]. `source.shape[p]` is `shape[order[p]]`, or 1 where the value repeats along that axis.
 */
export interface Traced {
  readonly source: Source;
  readonly type: TensorType;
  /** the logical shape */
  readonly shape: readonly number[];
  readonly order: readonly number[];
}

/** The order in which logical and physical axes coincide. */
export function plainOrder(rank: number): readonly number[] {
  return plainOrders[rank] ?? Array.from({ length: rank }, (_, axis) => axis);
}

const plainOrders: readonly (readonly number[])[] = Array.from({ length: 8 }, (_, rank) =>
  Array.from({ length: rank }, (_, axis) => axis),
);

/** A traced value whose source lies in logical order. */
export function plainTraced(source: Source): Traced {
  return tracedInOrder(source, plainOrder(source.shape.length));
}

/** A traced value for a fully expanded source that lies in the given order. */
export function tracedInOrder(source: Source, order: readonly number[]): Traced {
  const shape = new Array<number>(order.length);
  for (let p = 0; p < order.length; p++) shape[order[p]!] = source.shape[p]!;
  return { source, type: elementOf(source), shape, order };
}

/** The tf.js dtype of a source. */
export function elementOf(source: Source): TensorType {
  if (source.type === 'float64' || source.type === 'int64') {
    throw new Error(`onnxruntime backend: a kernel left a ${source.type} result`);
  }
  return source.type;
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
