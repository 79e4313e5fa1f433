import * as tf from '@tensorflow/tfjs-core';
import { eager } from '../../../dist/engine/engine.js';
import { registerGradients } from '../../../dist/engine/onnxruntime/gradients/registerGradients.js';
import { ChannelsLastTrainer } from './channelsLastTrainer.mjs';
import { registerComposedKernels } from './composedKernels.mjs';

/** tf.js on WebAssembly, with the kernels composed that it lacks. */
export async function wasmEngine() {
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  registerComposedKernels(tf, 'wasm');
  return plainEngine('wasm');
}

/** tf.js in plain JavaScript. */
export async function cpuEngine() {
  // It greets with a warning meant for users who look for speed.
  tf.env().set('IS_NODE', false);
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return plainEngine('cpu');
}

/** Convolutional networks are trained as tf.js lays them out, so that no time goes to transpositions. */
function plainEngine(name) {
  registerGradients(tf);
  return { name, ...eager(tf), trainer: (bound, options) => ChannelsLastTrainer.of(tf, bound, options) };
}
