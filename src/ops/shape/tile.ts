import type { Tensor } from '@tensorflow/tfjs-core';
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { pinAxis, pinInput, tie } from '../ties.js';
import { fixedNumbers, pinSources, resizedTarget, targetRelations } from './targetShape.js';

/** Repeats by broadcasting: [n] → [1, n] → [r, n] → [r·n]. */
function tiled(tf: Tf, x: Tensor, repeats: readonly number[]): Tensor {
  const apart = x.shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [1, dim]));
  const spread = x.shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [repeats[axis]!, dim]));
  const together = x.shape.map((dim, axis) => dim * repeats[axis]!);
  return tf.reshape(tf.add(tf.reshape(x, apart), tf.zeros(spread)), together);
}

/**
 * Tile: the input `repeats[i]` times along axis i.
 *
 * A channel's copies live and die with it; an axis of width 1 has none, so that its copies come and go by the number
 * of repeats.
 */
export const tile: OpDef<void> = {
  type: 'Tile',
  domain: '',
  since: 6,
  inputs: ['data', 'setting'],
  attributes: () => undefined,
  channels: (context) => {
    const repeats = context.numbers(1);
    if (repeats === undefined) return pinInput(context, 0, 'Tile has repeats that the data decides');
    return context.inputDims(0).flatMap((width, axis): readonly Relation[] => {
      const [from, to] = [inputAxis(context, 0, axis), outputAxis(context, 0, axis)];
      const count = repeats[axis] ?? 1;
      if (count === 1) return [tie(from, to), ...pinSources(context, 1, axis)];
      if (width === 1) return [pinAxis(from, 'repeats it'), tie(to, to), ...targetRelations(context, 1, axis, to)];
      const indices = Array.from({ length: width * count }, (_, i) => i % width);
      return [{ kind: 'take', from, to, indices }, ...pinSources(context, 1, axis)];
    });
  },
  lower: (tf, [x], _, context) => {
    const repeats = fixedNumbers(context, 1);
    if (repeats === undefined) return { untrainable: 'its repeats are calculated' };
    return [tiled(tf, x!, repeats)];
  },
  resize: (context) => {
    const dims = context.inputDims(0);
    const repeats = context.numbers(1);
    // Only where the input is 1 wide is a repeat the width of the output.
    return resizedTarget(context, 1, (element) => (dims[element] === 1 && repeats?.[element] !== 1 ? element : -1));
  },
};
