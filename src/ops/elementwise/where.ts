import type { OpDef } from '../opDef.js';
import { broadcasting } from './broadcasting.js';

/** Where: `output = condition ? X : Y`, all three with broadcasting. */
export const where: OpDef = broadcasting('Where', 9, (tf, [condition, x, y]) =>
  tf.where(tf.cast(condition, 'bool'), x!, y!),
);
