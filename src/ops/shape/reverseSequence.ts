import { inputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { normalizeAxis, pinAxis, pinInput, tieSameAxes } from '../ties.js';

/** ReverseSequence: the first `sequence_lens[b]` steps of each sequence b, backwards; the rest stays. */
export const reverseSequence: OpDef<{ batchAxis: number; timeAxis: number }> = {
  type: 'ReverseSequence',
  domain: '',
  since: 10,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ batchAxis: raw.integer('batch_axis', 1), timeAxis: raw.integer('time_axis', 0) }),
  channels: (context, { batchAxis, timeAxis }) => {
    const rank = context.inputDims(0).length;
    return [
      ...tieSameAxes(context),
      ...[batchAxis, timeAxis].map((axis) =>
        pinAxis(inputAxis(context, 0, normalizeAxis(axis, rank)), 'reverses sequences along it'),
      ),
      ...pinInput(context, 1, 'tells how long sequences are'),
    ];
  },
  lower: () => ({ untrainable: 'it reverses sequences of different lengths' }),
};
