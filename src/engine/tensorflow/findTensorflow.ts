import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tf } from '../../ops/opDef.js';
import { acceptExplicitPadding } from './acceptExplicitPadding.js';

/** TensorFlow's package for Node with CUDA. */
export const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
/** TensorFlow's packages for Node, best first. Users install them: that downloads libtensorflow. */
export const TENSORFLOW_PACKAGES = [GPU_PACKAGE, '@tensorflow/tfjs-node'] as const;

const BACKEND = 'tensorflow';

/** An installed package that does not work. */
interface Broken {
  readonly name: string;
  readonly reason: string;
}

/**
 * Looks for TensorFlow's packages beside this package and in the folder that the user works in.
 *
 * @returns tf.js on the first that works, else why the first that is there does not; undefined where none is there
 */
export async function findTensorflow(
  packages: readonly string[] = TENSORFLOW_PACKAGES,
): Promise<{ readonly tf: Tf } | Broken | undefined> {
  const here = createRequire(import.meta.url);
  const there = createRequire(join(process.cwd(), 'package.json'));
  let broken: Broken | undefined;
  for (const name of packages) {
    for (const require of [here, there]) {
      let path: string;
      try {
        path = require.resolve(name);
      } catch {
        continue;
      }
      try {
        return { tf: await load(path) };
      } catch (error) {
        broken ??= { name, reason: firstLine(error) };
      }
    }
  }
  return broken;
}

async function load(path: string): Promise<Tf> {
  // CommonJS: what it exports is the default.
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: Tf } & Tf;
  const tf = module.default ?? module;
  await tf.setBackend(BACKEND);
  acceptExplicitPadding(tf, BACKEND);
  // Versions of Node that it does not know fail in the first kernel, not when it is loaded.
  tf.tidy(() => tf.square(tf.scalar(1)).dataSync());
  return tf;
}

/** The first line of a foreign message, without its full stop: it becomes a part of a sentence. */
function firstLine(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
  return line.trim().replace(/\.$/, '');
}
