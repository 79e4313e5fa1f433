import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { trainErrors } from '../errors/trainErrors.js';
import type { Tf } from '../ops/opDef.js';

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

const TENSORFLOW_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/**
 * Loads tf.js with an engine: `tensorflow` where the user has installed one of TensorFlow's packages, `onnxruntime`
 * (built in) otherwise; `auto` takes the first that is there.
 *
 * @throws ENGINE_NO_TENSORFLOW
 */
export async function loadEngine(
  choice: 'auto' | 'onnxruntime' | 'tensorflow',
  options: EngineOptions = {},
): Promise<Engine> {
  if (choice !== 'onnxruntime') {
    const tensorflow = await loadTensorflow();
    if (tensorflow !== undefined) return tensorflow;
    if (choice === 'tensorflow') throw trainErrors.noTensorflow(TENSORFLOW_PACKAGES);
  }
  const tf = await import('@tensorflow/tfjs-core');
  const { backendName, flush, registerOnnxRuntimeBackend } = await import('./onnxruntime/index.js');
  registerOnnxRuntimeBackend(tf, options);
  await tf.setBackend(backendName);
  return { name: 'onnxruntime', tf, flush };
}

/** Looks beside this package and in the folder that the user works in. */
async function loadTensorflow(): Promise<Engine | undefined> {
  const here = createRequire(import.meta.url);
  const there = createRequire(join(process.cwd(), 'package.json'));
  for (const name of TENSORFLOW_PACKAGES) {
    for (const require of [here, there]) {
      let path: string;
      try {
        path = require.resolve(name);
      } catch {
        continue;
      }
      const module = (await import(pathToFileURL(path).href)) as { readonly default?: Tf } & Tf;
      const tf = module.default ?? module;
      await tf.setBackend('tensorflow');
      return { name: 'tensorflow', tf, flush: async () => {} };
    }
  }
  return undefined;
}
