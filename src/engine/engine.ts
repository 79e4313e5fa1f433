import type { Tensor } from '@tensorflow/tfjs-core';
import { trainErrors } from '../errors/trainErrors.js';
import type { Tf } from '../ops/opDef.js';
import { findTensorflow, GPU_PACKAGE, TENSORFLOW_PACKAGES } from './tensorflow/findTensorflow.js';

/** tf.js on one of its backends. */
export interface Engine {
  readonly name: 'onnxruntime' | 'tensorflow';
  readonly tf: Tf;
  /** Computes what was asked for so far; a loop without `compile` must call it at least once per step. */
  flush(): Promise<void>;
  /**
   * Makes a function fast that is called many times with inputs of the same shapes. It may depend on its inputs, on
   * variables and on `drawn` tensors alone, and leaves nothing but its results and what it assigned to variables.
   */
  compile(step: (...inputs: Tensor[]) => Tensor[]): (inputs: readonly Tensor[]) => Tensor[];
  /** A tensor whose numbers are made anew at every run of a compiled function. */
  drawn(shape: readonly number[], draw: () => Float32Array): Tensor;
}

export interface EngineOptions {
  /** Threads within an operator; all cores by default. Only for onnxruntime. */
  readonly threads?: number | undefined;
  /** Execution providers of ONNX Runtime, best first; the CPU by default. With them, `auto` means onnxruntime. */
  readonly providers?: readonly string[] | undefined;
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
  if (choice === 'tensorflow' || (choice === 'auto' && options.providers === undefined)) {
    const found = await findTensorflow(choice === 'auto' ? [GPU_PACKAGE] : TENSORFLOW_PACKAGES);
    if (found !== undefined && 'tf' in found) return { name: 'tensorflow', ...eager(found.tf) };
    if (choice === 'tensorflow') {
      throw found === undefined
        ? trainErrors.noTensorflow(TENSORFLOW_PACKAGES)
        : trainErrors.brokenTensorflow(found.name, found.reason);
    }
  }
  const tf = await import('@tensorflow/tfjs-core');
  const { backendName, compileStep, drawn, flush, registerOnnxRuntimeBackend } = await import('./onnxruntime/index.js');
  registerOnnxRuntimeBackend(tf, options);
  await tf.setBackend(backendName);
  return { name: 'onnxruntime', tf, flush, compile: (step) => compileStep(step).run, drawn };
}

/** An engine that computes at once. */
export function eager(tf: Tf): Omit<Engine, 'name'> {
  return {
    tf,
    flush: async () => {},
    compile: (step) => (inputs) => tf.tidy(() => step(...inputs)),
    drawn: (shape, draw) => tf.tensor(draw(), [...shape], 'float32'),
  };
}
