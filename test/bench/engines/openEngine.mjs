import { loadEngine } from '../../../dist/engine/engine.js';
import { findTensorflow } from '../../../dist/engine/tensorflow/findTensorflow.js';

/** Engines of the benchmark; `cpu` is tf.js in plain JavaScript. */
export const ENGINES = {
  onnxruntime: () => loadEngine('onnxruntime'),
  tensorflow: () => loadEngine('tensorflow'),
  wasm: async () => (await import('./wasmEngine.mjs')).wasmEngine(),
  cpu: async () => (await import('./wasmEngine.mjs')).cpuEngine(),
};

/** @throws where the engine is not installed, or does not work */
export function openEngine(name) {
  return ENGINES[name]();
}

/**
 * The engines to measure. tf.js in plain JavaScript takes a minute for a step, and has to be named.
 *
 * @throws where TensorFlow is named, and is not installed or does not work
 */
export async function installedEngines(named) {
  if (named?.includes('tensorflow')) await loadEngine('tensorflow');
  if (named !== undefined) return named;
  const tensorflow = await findTensorflow();
  return ['onnxruntime', ...(tensorflow !== undefined && 'tf' in tensorflow ? ['tensorflow'] : []), 'wasm'];
}
