/** @file Operators that draw random numbers. */
import type { OpDef } from '../opDef.js';
import { pinInput, pinOutput } from '../ties.js';

/** Record of a random operator: other widths would draw other numbers, so all axes stay. */
function random(type: string, since: number, reads: boolean, ...attributes: readonly string[]): OpDef<void> {
  return {
    type,
    domain: '',
    since,
    inputs: reads ? ['data'] : [],
    isRandom: true,
    attributes: (raw) => raw.ignore('dtype', 'seed', ...attributes),
    channels: (context) => {
      const reason = `${type} draws a number for every element`;
      return [...pinOutput(context, 0, reason), ...(reads ? pinInput(context, 0, reason) : [])];
    },
    lower: () => ({ untrainable: 'it draws random numbers' }),
  };
}

export const randomNormal = random('RandomNormal', 1, false, 'mean', 'scale', 'shape');
export const randomNormalLike = random('RandomNormalLike', 1, true, 'mean', 'scale');
export const randomUniform = random('RandomUniform', 1, false, 'high', 'low', 'shape');
export const randomUniformLike = random('RandomUniformLike', 1, true, 'high', 'low');
export const bernoulli = random('Bernoulli', 15, true);
export const multinomial = random('Multinomial', 7, true, 'sample_size');
