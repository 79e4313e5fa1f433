/** @file Stand-ins for `@tensorflow/tfjs-node`, whose install step downloads what no test may need. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const [core, cpu] = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'].map((name) =>
  JSON.stringify(require.resolve(name)),
);

/** The kernels of tfjs-node 4.22 that take 'same' and 'valid' alone. */
export const STRICT_KERNELS = [
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'MaxPool',
  'MaxPoolGrad',
];

/** tf.js of this repository with a backend 'tensorflow', the cpu backend but as strict about padding as tfjs-node. */
export const WORKING = `
  const tf = require(${core});
  const { MathBackendCPU } = require(${cpu});
  tf.registerBackend('tensorflow', () => new MathBackendCPU(), 3);
  tf.copyRegisteredKernels('cpu', 'tensorflow');
  for (const name of ${JSON.stringify(STRICT_KERNELS)}) {
    const config = tf.getKernel(name, 'tensorflow');
    tf.unregisterKernel(name, 'tensorflow');
    tf.registerKernel({
      ...config,
      kernelFunc: (call) => {
        if (call.attrs.pad !== 'same' && call.attrs.pad !== 'valid') throw new Error(name + ': padding was EXPLICIT');
        return config.kernelFunc(call);
      },
    });
  }
  module.exports = tf;
`;

/** As where the install step did not run. */
export const WITHOUT_ADDON = `throw new Error('The native addon cannot be found. \\nPlease run npm rebuild');`;

/** As under a version of Node that it does not know. */
export const FAILING_KERNELS = `
  const tf = { ...require(${core}) };
  tf.setBackend = async () => true;
  tf.square = () => { throw new TypeError('isNullOrUndefined is not a function'); };
  module.exports = tf;
`;

/** A new folder in which `name` is installed with this code; an empty one without. */
export function folderWith(name?: string, code = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
  if (name === undefined) return folder;
  const home = join(folder, 'node_modules', name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version: '4.22.0', main: 'index.js' }));
  writeFileSync(join(home, 'index.js'), code);
  return folder;
}
