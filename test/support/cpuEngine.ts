import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { type Engine, eager } from '../../src/engine/engine.js';

/** tf.js's own CPU backend: slow, and the reference for all that trains. It says it is onnxruntime where names matter. */
export async function cpuEngine(): Promise<Engine> {
  await tf.setBackend('cpu');
  return { name: 'onnxruntime', ...eager(tf) };
}
