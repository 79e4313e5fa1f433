import { existsSync, readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test, vi } from 'vitest';
import { OnnxRuntimeBackend } from '../../src/engine/onnxruntime/backend.js';
import * as entry from '../../src/engine/onnxruntime/tfjsBackend.js';

function capacity(): number {
  const backend = tf.findBackend('onnxruntime');
  if (!(backend instanceof OnnxRuntimeBackend)) throw new Error('the import registered nothing');
  return backend.executor.cache.capacity;
}

test('asking for what is not in use sets nothing up', async () => {
  await tf.setBackend('cpu');
  expect(entry.sessionCacheInfo()).toEqual({ entries: 0, hits: 0, misses: 0 });
  await entry.flush();
  const noise = entry.drawn([2], () => Float32Array.of(1, 2));
  expect([...tf.add(noise, 1).dataSync()]).toEqual([2, 3]);
  expect(() => entry.compileStep(() => []).run([])).toThrow("set it up before 'compileStep'");
});

test('the import registers, and options count until the backend is used', async () => {
  entry.registerOnnxRuntimeBackend(tf, { sessions: 3 });
  entry.registerOnnxRuntimeBackend(tf, { sessions: 5, threads: 1 });
  expect(await tf.setBackend('onnxruntime')).toBe(true);
  expect(capacity()).toBe(5);
  entry.registerOnnxRuntimeBackend(tf, { sessions: 7 });
  expect(capacity()).toBe(5);
  expect([...(await tf.square(tf.tensor1d([1, 2])).data())]).toEqual([1, 4]);
});

test('package.json names the entry and its types', () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, { readonly types: string; readonly default: string }>;
  };
  const { types, default: code } = exports['./tfjs-backend']!;
  expect(types.replace(/\.d\.ts$/, '.js')).toBe(code);
  expect(existsSync(code.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))).toBe(true);
  expect(Object.keys(entry).sort()).toEqual([
    'backendName',
    'compileStep',
    'drawn',
    'flush',
    'layerNorm',
    'registerOnnxRuntimeBackend',
    'seededRandom',
    'sessionCacheInfo',
    'softmaxCrossEntropy',
  ]);
});

test('the example of the README learns', async () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    const example = '../docs/tfjsBackend.example.js';
    await import(/* @vite-ignore */ example);
    const losses = print.mock.calls.map(([line]) => Number(String(line).split('loss ')[1]));
    expect(losses.length).toBe(4);
    expect(losses[3]).toBeLessThan(losses[0]! / 3);
  } finally {
    print.mockRestore();
  }
});
