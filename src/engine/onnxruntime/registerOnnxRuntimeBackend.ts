import * as tfjs from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from './backend.js';
import { probeBlockSize } from './blocks/probeBlockSize.js';
import { Executor } from './executor.js';
import { registerGradients } from './gradients/registerGradients.js';
import { inputsOf, type Kernel } from './kernels/kernel.js';
import { kernels } from './kernels/registry.js';
import { backendName, registeredBackend } from './registeredBackend.js';
import { SessionCache, type SessionCacheInfo } from './sessionCache.js';

/** The part of tf.js that registering needs; `@tensorflow/tfjs-core` and `@tensorflow/tfjs` both have it. */
export type TensorFlow = Pick<
  typeof tfjs,
  | 'engine'
  | 'findBackendFactory'
  | 'getGradient'
  | 'registerBackend'
  | 'registerGradient'
  | 'registerKernel'
  | 'removeBackend'
>;

export interface OnnxRuntimeOptions {
  /** threads inside one operator; default: what ONNX Runtime chooses, the number of physical cores */
  readonly threads?: number | undefined;
  /** execution providers of ONNX Runtime, best first, e.g. `['cuda', 'cpu']`; default: the CPU */
  readonly providers?: readonly string[] | undefined;
  /** structures kept as sessions before the one used longest ago is dropped; default 16 */
  readonly sessions?: number;
}

/**
 * Makes the backend 'onnxruntime' known to tf.js, and the gradients of all operators where they are missing; `await
 * tf.setBackend('onnxruntime')` then chooses it.
 *
 * It may be called again: the options of the last call count, but that the number of sessions stays what it was when
 * the backend was first used.
 *
 * @example
 * registerOnnxRuntimeBackend(tf, { threads: 2 });
 * await tf.setBackend('onnxruntime');
 */
export function registerOnnxRuntimeBackend(tf: TensorFlow = tfjs, options: OnnxRuntimeOptions = {}): void {
  const isKnown = tf.findBackendFactory(backendName) != null;
  const known = registeredBackend(tf);
  if (known !== undefined) {
    known.executor.configure(options);
    return;
  }
  if (isKnown) tf.removeBackend(backendName);
  const create = async (): Promise<OnnxRuntimeBackend> => {
    const cache = new SessionCache(options.sessions ?? 16, options);
    return new OnnxRuntimeBackend(new Executor(cache, await probeBlockSize()), tf.engine());
  };
  // Lower than any other backend: it is there for those who ask for it.
  tf.registerBackend(backendName, create, 0);
  if (isKnown) return;
  registerGradients(tf);
  for (const kernel of kernels) {
    tf.registerKernel({
      kernelName: kernel.name,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) => runKernel(kernel, backend as OnnxRuntimeBackend, inputs, attrs),
    });
  }
}

/**
 * Computes everything that is pending and still referenced, and waits for it. What is pending is computed at the next
 * `await` anyway: only a loop without one must call it, lest all its steps pile up.
 * @throws Error (rejects) when ONNX Runtime cannot run the pending graph
 */
export function flush(tf: Pick<TensorFlow, 'engine'> = tfjs): Promise<void> {
  return registeredBackend(tf)?.executor.flush() ?? Promise.resolve();
}

/** How many structures are cached, and how often a flush found its structure there. */
export function sessionCacheInfo(tf: Pick<TensorFlow, 'engine'> = tfjs): SessionCacheInfo {
  return registeredBackend(tf)?.executor.cache.info() ?? { entries: 0, hits: 0, misses: 0 };
}

function runKernel(
  kernel: Kernel,
  backend: OnnxRuntimeBackend,
  inputs: tfjs.NamedTensorInfoMap,
  attributes: unknown,
): tfjs.TensorInfo | tfjs.TensorInfo[] {
  const named = Object.entries(inputs).map(([name, info]) => [name, info == null ? undefined : backend.traced(info)]);
  const { executor } = backend;
  const result = kernel.trace(executor.graph, inputsOf(kernel.name, Object.fromEntries(named)), attributes);
  executor.flushSoon();
  if (isList(result)) return result.map((value) => backend.register(value));
  // A kernel that changes nothing gives its input back: tf.js then counts two tensors on one data id.
  const unchanged = Object.values(inputs).find((info) => info != null && backend.traced(info) === result);
  return unchanged === undefined ? backend.register(result) : backend.share(unchanged);
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
