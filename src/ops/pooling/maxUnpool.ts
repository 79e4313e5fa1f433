import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { pinAxis, tie } from '../ties.js';

/** MaxUnpool: the elements of X at the places that MaxPool's indices I name, zeros elsewhere. */
export const maxUnpool: OpDef = {
  type: 'MaxUnpool',
  domain: '',
  since: 9,
  inputs: ['data', 'data', 'setting'],
  attributes: (raw) => raw.ignore('kernel_shape', 'pads', 'strides'),
  channels: (context) => [
    tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0)),
    ...[0, 1].map((input) => pinAxis(inputAxis(context, input, 1), 'its indices count over all channels')),
  ],
  lower: () => ({ untrainable: 'it reads indices, which tf.js does not get from MaxPool' }),
};
