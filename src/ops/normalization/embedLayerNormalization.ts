/** @file com.microsoft.EmbedLayerNormalization, which ONNX Runtime's optimizer writes for the first layer of BERT. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { hasInput, inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';
import { layerNorm } from './layerNorm.js';

const [IDS, SEGMENTS, WORDS, PLACES, KINDS, SCALE, SHIFT, MASK, PLACE_IDS] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/**
 * EmbedLayerNormalization: the sum of three embeddings, of the words [V, C], the positions [P, C] and the segments
 * [S, C], normalised over its C channels: Y [N, T, C]; the lengths by the mask, [N]; and the sum itself.
 */
export const embedLayerNormalization: OpDef<{ readonly epsilon: number }> = {
  type: 'EmbedLayerNormalization',
  domain: 'com.microsoft',
  since: 1,
  inputs: ['data', 'data', 'weight', 'weight', 'weight', 'scale', 'shift', 'data', 'data'],
  attributes: (raw) => {
    raw.ignore('mask_index_type');
    return { epsilon: raw.float('epsilon', 1e-12) };
  },
  channels: (context) => {
    const out = outputAxis(context, 0, 2);
    const ties = [WORDS, PLACES, KINDS, SCALE, SHIFT].flatMap((input): readonly Relation[] =>
      hasInput(context, input) ? [tie(inputAxis(context, input, -1), out)] : [],
    );
    const sum = context.node.outputs[2] === undefined ? [] : [tie(outputAxis(context, 2, 2), out)];
    return [...ties, ...sum, { kind: 'restrict', axis: out }];
  },
  lower: (tf, inputs, { epsilon }, context) => {
    const ids = tf.cast(inputs[IDS]!, 'int32');
    const tokens = ids.shape[1]!;
    const places = inputs[PLACE_IDS] ?? tf.range(0, tokens, 1, 'int32');
    const rows = (table: Tensor, indices: Tensor) => tf.gather(table, tf.cast(indices, 'int32'));
    const placed = tf.add(rows(inputs[WORDS]!, ids), rows(inputs[PLACES]!, places));
    const kinds = inputs[KINDS];
    const sum = kinds === undefined ? placed : tf.add(placed, rows(kinds, inputs[SEGMENTS] ?? tf.zerosLike(ids)));
    const y = layerNorm(tf, sum, inputs[SCALE]!, inputs[SHIFT]!, 2, epsilon);
    const mask = inputs[MASK] ?? tf.zerosLike(ids);
    const lengths = tf.sum(tf.cast(mask, 'int32'), 1);
    return [y, lengths, sum].slice(0, context.node.outputs.length);
  },
};
