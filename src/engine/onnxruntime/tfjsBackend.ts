/**
 * @file What `onnx-morph/tfjs-backend` names: importing it makes the backend known to `@tensorflow/tfjs-core`, and
 * `await tf.setBackend('onnxruntime')` chooses it.
 */
import { registerOnnxRuntimeBackend } from './registerOnnxRuntimeBackend.js';

export * from './index.js';

registerOnnxRuntimeBackend();
