import type { OpDef } from '../opDef.js';

/** Constant: its tensor is read as an initializer is. */
export const constant: OpDef<void> = {
  type: 'Constant',
  domain: '',
  since: 1,
  inputs: [],
  attributes: (raw) =>
    raw.ignore(
      'value',
      'value_float',
      'value_floats',
      'value_int',
      'value_ints',
      'value_string',
      'value_strings',
      'sparse_value',
    ),
  channels: () => [],
  lower: () => ({ untrainable: 'it is read as it is stored' }),
};
