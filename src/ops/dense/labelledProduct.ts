/** @file Products of tensors with named axes, in matrix products alone. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/** A tensor and the name of each of its axes, all distinct. Axes of one name are equally wide. */
export interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * `Σ a · b`, elementwise along the axes that both have, summed over all names that are not in `kept`.
 *
 * tf.js's own products are no help: tf.einsum has no gradient, and tf.matMul a wrong one where it broadcasts.
 */
export function labelledProduct(tf: Tf, a: Labelled, b: Labelled, kept: ReadonlySet<string>): Labelled {
  const left = sumOver(tf, a, (label) => !kept.has(label) && !b.labels.includes(label));
  const right = sumOver(tf, b, (label) => !kept.has(label) && !a.labels.includes(label));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => kept.has(label));
  const summed = shared.filter((label) => !kept.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  // The product reads either operand transposed as well, which saves moving it.
  const transposeA = isOrder(left.labels, [...batch, ...summed, ...rows]);
  const transposeB = isOrder(right.labels, [...batch, ...columns, ...summed]);
  const size = (labels: readonly string[], { tensor, labels: all }: Labelled) =>
    labels.reduce((product, label) => product * tensor.shape[all.indexOf(label)]!, 1);
  const asMatrices = (operand: Labelled, ...axes: readonly (readonly string[])[]): Tensor => {
    const sizes = axes.map((labels) => size(labels, operand));
    const stack = batch.length === 0 ? [] : [size(batch, operand)];
    return tf.reshape(inOrder(tf, operand, [...batch, ...axes.flat()]).tensor, [...stack, ...sizes]);
  };
  const product = tf.matMul(
    transposeA ? asMatrices(left, summed, rows) : asMatrices(left, rows, summed),
    transposeB ? asMatrices(right, columns, summed) : asMatrices(right, summed, columns),
    transposeA,
    transposeB,
  );
  const labels = [...batch, ...rows, ...columns];
  const dims = labels.map((label) => size([label], left.labels.includes(label) ? left : right));
  return { tensor: tf.reshape(product, dims), labels };
}

/** Sums over the axes whose names are chosen. */
export function sumOver(tf: Tf, operand: Labelled, isSummed: (label: string) => boolean): Labelled {
  const axes = operand.labels.flatMap((label, axis) => (isSummed(label) ? [axis] : []));
  if (axes.length === 0) return operand;
  return { tensor: tf.sum(operand.tensor, axes), labels: operand.labels.filter((label) => !isSummed(label)) };
}

/** The tensor with its axes in the order of `labels`. */
export function inOrder(tf: Tf, operand: Labelled, labels: readonly string[]): Labelled {
  if (isOrder(operand.labels, labels)) return operand;
  const order = labels.map((label) => operand.labels.indexOf(label));
  return { tensor: tf.transpose(operand.tensor, order), labels };
}

function isOrder(labels: readonly string[], wanted: readonly string[]): boolean {
  return labels.length === wanted.length && labels.every((label, axis) => label === wanted[axis]);
}
