import type { Scalar } from '@tensorflow/tfjs-core';
import type { Loss } from './objective.js';

/** `α · distill + (1 − α) · task`, where α is the share of the first. */
export function mixedLoss(distill: Loss, task: Loss, share: number): Loss {
  return {
    name: `${task.name} + distill`,
    measures: [...new Set([...task.measures, ...distill.measures, 'task_loss', 'distill_loss'])],
    clipNorm: distill.clipNorm,
    on: (bound) => {
      const parts = [task.on(bound), distill.on(bound)] as const;
      const [first, second] = parts;
      return {
        values: parts.flatMap(({ values }) => values),
        inputCount: first.inputCount + second.inputCount,
        inputs: (tf, batch) => parts.flatMap((part) => part.inputs(tf, batch)),
        evaluate: (tf, values, inputs) => {
          const [known, count] = [first.values.length, first.inputCount];
          const a = first.evaluate(tf, values.slice(0, known), inputs.slice(0, count));
          const b = second.evaluate(tf, values.slice(known), inputs.slice(count));
          const loss = tf.add(tf.mul(b.loss, share), tf.mul(a.loss, 1 - share)) as Scalar;
          return { loss, measures: { ...a.measures, ...b.measures, task_loss: a.loss, distill_loss: b.loss } };
        },
      };
    },
  };
}
