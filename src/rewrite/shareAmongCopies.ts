import type { TensorProto } from '../onnx/messages.js';
import { tensorShape } from '../onnx/tensorSize.js';
import type { Rng } from '../random/rng.js';
import { scaleAlong } from './scaleAlong.js';

/** How far shares may lie from equal ones, relative to them: enough to tell copies apart in training. */
const UNEVENNESS = 0.5;

/**
 * Shares the weights of repeated positions among their copies, so that the sum over them is the original's: copies of
 * one position get shares that add up to 1, drawn anew for each of the outputs that read them.
 *
 * Equal shares would give the copies equal gradients for ever: they would stay one channel.
 *
 * @param selection the original position of each position along `axis`
 */
export function shareAmongCopies(
  tensor: TensorProto,
  axis: number,
  selection: readonly number[],
  dir: string | undefined,
  rng: Rng | undefined,
): TensorProto {
  if (selection.every((original, position) => position === 0 || original > selection[position - 1]!)) return tensor;
  const copiesOf = new Map<number, number[]>();
  selection.forEach((original, position) => {
    const copies = copiesOf.get(original);
    if (copies === undefined) copiesOf.set(original, [position]);
    else copies.push(position);
  });
  if (copiesOf.size === selection.length) return tensor;
  const outer = tensorShape(tensor)
    .slice(0, axis)
    .reduce((size, dim) => size * dim, 1);
  const shares = new Float64Array(outer * selection.length).fill(1);
  for (let o = 0; o < outer; o++) {
    for (const positions of copiesOf.values()) {
      if (positions.length === 1) continue;
      const raw = positions.map(() => 1 + (rng === undefined ? 0 : UNEVENNESS * (2 * rng.next() - 1)));
      const sum = raw.reduce((total, share) => total + share, 0);
      positions.forEach((position, copy) => {
        shares[o * selection.length + position] = raw[copy]! / sum;
      });
    }
  }
  return scaleAlong(tensor, axis, (o, position) => shares[o * selection.length + position]!, dir);
}
