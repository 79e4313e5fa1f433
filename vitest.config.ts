import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const common = { pool: 'forks', testTimeout: 120_000, globalSetup: './test/support/temporaryFiles.ts' } as const;
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const tfjsCore = path('./node_modules/@tensorflow/tfjs-core/dist/index.js');

export default defineConfig({
  test: {
    projects: [
      {
        // What the README's example imports.
        resolve: { alias: { 'onnx-morph/tfjs-backend': path('./src/engine/onnxruntime/tfjsBackend.ts') } },
        test: { ...common, name: 'onnx-morph', include: ['test/**/*.test.ts'], exclude: ['test/tfjs/**'] },
      },
      {
        // The tests inside of tf.js's package are modules beside its own sources, and want the same instance of it.
        resolve: { alias: [{ find: /^@tensorflow\/tfjs-core$/, replacement: tfjsCore }] },
        test: {
          ...common,
          name: 'tfjs',
          include: ['test/tfjs/**/*.test.ts'],
          server: { deps: { inline: [/@tensorflow/] } },
        },
      },
    ],
  },
});
