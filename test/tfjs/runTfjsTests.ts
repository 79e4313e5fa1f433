import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { backendName, registerOnnxRuntimeBackend } from '../../src/engine/onnxruntime/index.js';

/** How one of tf.js's tests ended. */
export interface Outcome {
  /** the suite, as tf.js's source names it; '' for tests that run no backend */
  readonly suite: string;
  readonly test: string;
  /** `pending`: disabled by tf.js itself; `excluded`: skipped here */
  readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
  readonly reasons: readonly string[];
}

/** What is used of jasmine-core, which brings no types. */
interface Jasmine {
  boot(): {
    getEnv(): {
      configure(settings: {
        readonly random: boolean;
        readonly forbidDuplicateNames: boolean;
        readonly specFilter: (spec: { getFullName(): string }) => boolean;
      }): void;
      clearReporters(): void;
      addReporter(reporter: { specDone(result: SpecResult): void }): void;
      execute(): Promise<{ readonly failedExpectations: readonly { readonly message: string }[] }>;
    };
  };
}

interface SpecResult {
  readonly fullName: string;
  readonly status: Outcome['status'];
  readonly failedExpectations: readonly { readonly message: string }[];
}

/** What tf.js adds to the name of a suite that runs on a backend. */
const environment = ` ${backendName} {} `;

function placeOf(fullName: string): { readonly suite: string; readonly test: string } {
  const names = fullName.split(environment);
  return { suite: names.slice(0, -1).join(' '), test: names.at(-1)! };
}

/**
 * Runs the tests that `@tensorflow/tfjs-core` publishes, on this backend, with the jasmine that they are written for: its
 * `toEqual` and `toThrowError` are stricter than those of other frameworks.
 *
 * @param skipped suites not to run
 */
export async function runTfjsTests(skipped: readonly string[]): Promise<readonly Outcome[]> {
  const jasmine = createRequire(import.meta.url)('jasmine-core') as Jasmine;
  const env = jasmine.boot().getEnv();
  // tf.js has suites of the same name in several files.
  env.configure({
    random: false,
    forbidDuplicateNames: false,
    specFilter: (spec) => !skipped.includes(placeOf(spec.getFullName()).suite),
  });
  env.clearReporters();
  const outcomes: Outcome[] = [];
  env.addReporter({
    specDone({ fullName, status, failedExpectations }) {
      outcomes.push({ ...placeOf(fullName), status, reasons: failedExpectations.map(({ message }) => message) });
    },
  });
  registerOnnxRuntimeBackend(tf, { threads: 1 });
  await import('@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js');
  const { setTestEnvs } = await import('@tensorflow/tfjs-core/dist/jasmine_util.js');
  setTestEnvs([{ name: backendName, backendName, isDataSync: true }]);
  await import('@tensorflow/tfjs-core/dist/tests.js');
  const { failedExpectations } = await env.execute();
  if (failedExpectations.length > 0) throw new Error(failedExpectations.map(({ message }) => message).join('\n'));
  return outcomes;
}
