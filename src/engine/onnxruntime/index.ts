/**
 * @file A tf.js backend on ONNX Runtime. Kernels do not compute: they append nodes to a pending ONNX graph, and
 * reading a value (or {@link flush}, or the next `await`) runs what is pending as one model, from a cache of sessions by
 * structure.
 */
export { type CompiledStep, type CompileOptions, compileStep, type StepFunction } from './compileStep.js';
export { drawn } from './drawn.js';
export { type LayerNormOptions, type LayerNormTensorFlow, layerNorm } from './layerNorm.js';
export { type SeededRandom, seededRandom } from './random/seededRandom.js';
export { backendName } from './registeredBackend.js';
export {
  flush,
  type OnnxRuntimeOptions,
  registerOnnxRuntimeBackend,
  sessionCacheInfo,
  type TensorFlow,
} from './registerOnnxRuntimeBackend.js';
export type { SessionCacheInfo } from './sessionCache.js';
export { type CrossEntropyTensorFlow, softmaxCrossEntropy } from './softmaxCrossEntropy.js';
