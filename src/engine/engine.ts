import { trainErrors } from '../errors/trainErrors.js';
import type { Tf } from '../ops/opDef.js';
import { findTensorflow, GPU_PACKAGE, TENSORFLOW_PACKAGES } from './tensorflow/findTensorflow.js';

/** tf.js on one of its backends. */
export interface Engine {
  readonly name: 'onnxruntime' | 'tensorflow';
  readonly tf: Tf;
  /** Computes what was asked for so far; must be called at least once per training step. */
  flush(): Promise<void>;
}

export interface EngineOptions {
  /** Threads within an operator; all cores by default. Only for onnxruntime. */
  readonly threads?: number;
}

/**
 * Loads tf.js with an engine: `onnxruntime` (built in), or `tensorflow` where the user has installed one of TensorFlow's
 * packages. `auto` takes TensorFlow's GPU package where it works, else onnxruntime, which is faster than TensorFlow on
 * a CPU.
 *
 * @throws ENGINE_NO_TENSORFLOW, ENGINE_TENSORFLOW_BROKEN
 */
export async function loadEngine(
  choice: 'auto' | 'onnxruntime' | 'tensorflow',
  options: EngineOptions = {},
): Promise<Engine> {
  if (choice !== 'onnxruntime') {
    const found = await findTensorflow(choice === 'auto' ? [GPU_PACKAGE] : TENSORFLOW_PACKAGES);
    if (found !== undefined && 'tf' in found) return { name: 'tensorflow', tf: found.tf, flush: async () => {} };
    if (choice === 'tensorflow') {
      throw found === undefined
        ? trainErrors.noTensorflow(TENSORFLOW_PACKAGES)
        : trainErrors.brokenTensorflow(found.name, found.reason);
    }
  }
  const tf = await import('@tensorflow/tfjs-core');
  const { backendName, flush, registerOnnxRuntimeBackend } = await import('./onnxruntime/index.js');
  registerOnnxRuntimeBackend(tf, options);
  await tf.setBackend(backendName);
  return { name: 'onnxruntime', tf, flush };
}
