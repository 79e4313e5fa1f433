import type { OpDef } from '../opDef.js';
import { broadcasting } from './broadcasting.js';

/** What the slope begins with in PyTorch, and in He et al. */
const SLOPE = 0.25;

/** PRelu: `Y = X for X ≥ 0, else slope·X`; the slope, one per channel as a rule, is trained as any other factor. */
export const pRelu: OpDef = broadcasting('PRelu', 7, (tf, [x, slope]) => tf.prelu(x, slope!), {
  fresh: { value: SLOPE },
});
