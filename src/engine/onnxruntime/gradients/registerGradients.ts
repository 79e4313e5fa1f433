import type { GradConfig, getGradient, registerGradient } from '@tensorflow/tfjs-core';
import { binaryGradients } from './binaryGradients.js';
import { matrixGradients } from './matrixGradients.js';
import { normalizationGradients } from './normalizationGradients.js';
import { poolGradients } from './poolGradients.js';
import { reductionGradients } from './reductionGradients.js';
import { shapeGradients } from './shapeGradients.js';
import { spatialGradients } from './spatialGradients.js';
import { unaryGradients } from './unaryGradients.js';

/** Every gradient, sorted by kernel. */
export const gradients: readonly GradConfig[] = [
  ...unaryGradients,
  ...binaryGradients,
  ...reductionGradients,
  ...shapeGradients,
  ...matrixGradients,
  ...normalizationGradients,
  ...poolGradients,
  ...spatialGradients,
].sort((a, b) => (a.kernelName < b.kernelName ? -1 : 1));

/** The part of tf.js that gradients are registered with. */
export interface GradientRegistry {
  readonly getGradient: typeof getGradient;
  readonly registerGradient: typeof registerGradient;
}

/**
 * Registers the gradients of all kernels that have none yet. The CommonJS bundle of `@tensorflow/tfjs-core`, the one
 * that Node loads, brings none; `@tensorflow/tfjs` does, and then its own stay.
 */
export function registerGradients(tf: GradientRegistry): void {
  for (const config of gradients) {
    if (tf.getGradient(config.kernelName) == null) tf.registerGradient(config);
  }
}
