import type * as tfjs from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from './backend.js';

/** The name under which tf.js knows this backend. */
export const backendName = 'onnxruntime';

/**
 * The backend of a tf.js where it has been set up. (`tf.findBackend` would set it up otherwise, and no other backend
 * can be used meanwhile.)
 */
export function registeredBackend(tf: Pick<typeof tfjs, 'engine'>): OnnxRuntimeBackend | undefined {
  const backend = tf.engine().registry[backendName];
  return backend instanceof OnnxRuntimeBackend ? backend : undefined;
}
