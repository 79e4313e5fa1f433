import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf, Untrainable } from '../opDef.js';
import { penalty } from './attend.js';

/**
 * A mask of ONNX Runtime's attention as what is added to the scores [N, H, T, S]: the lengths of the sequences [N], or
 * 1 for each key that counts, [N, S] or [N, T, S].
 *
 * @param hidden what is added for the others: −10,000 by default, so that a row with no key to look at stays finite
 */
export function paddingMask(
  tf: Tf,
  mask: Tensor | undefined,
  { batch, keys, hidden }: { readonly batch: number; readonly keys: number; readonly hidden: number },
): { readonly added: Tensor | undefined } | Untrainable {
  if (mask === undefined) return { added: undefined };
  const [first, ...others] = mask.shape;
  if (mask.rank === 1 && first === batch) {
    const isWithin = tf.less(tf.range(0, keys, 1, 'int32'), tf.cast(tf.reshape(mask, [batch, 1, 1, 1]), 'int32'));
    return { added: penalty(tf, isWithin, hidden) };
  }
  if (mask.rank === 2) return { added: penalty(tf, tf.reshape(mask, [first!, 1, 1, others[0]!]), hidden) };
  if (mask.rank === 3) return { added: penalty(tf, tf.expandDims(mask, 1), hidden) };
  return { untrainable: `its mask of the shape [${mask.shape.join(', ')}] has no form in tf.js` };
}
