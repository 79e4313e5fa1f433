import type { MorphResult } from '../report/results.js';
import type { MorphOptions } from './options.js';
import { morphTask } from './run/morphTask.js';
import { openRun } from './run/openRun.js';
import { runCycles } from './run/runCycle.js';
import { writeMorphed } from './run/writeMorphed.js';
import { withTrainingData } from './withTrainingData.js';

/**
 * Shrinks a trained model to a budget: fine-tunes it while every channel pays for what it costs, cuts the channels
 * that are not worth it, widens what is left where asked, fine-tunes again, all of it in as many cycles as asked, and
 * writes the file. Each rewrite is proven in ONNX Runtime before it is used.
 *
 * @example
 * const result = await morph('model.onnx', {
 *   data: 'digits.npz',
 *   target: { resource: 'flops', share: 0.5 },
 *   out: 'small.onnx',
 * });
 *
 * @throws MorphError, or the signal's reason when it is aborted; nothing is written then
 * @see Gordon et al., MorphNet, CVPR 2018, arXiv 1711.06798
 */
export async function morph(path: string, options: MorphOptions): Promise<MorphResult> {
  const start = performance.now();
  const task = await morphTask(path, options);
  const result = await withTrainingData(task.original.bound, task.settings, task.loss, async (data, loss) => {
    const run = await openRun(task, data, loss);
    try {
      return await writeMorphed(task, run, await runCycles(run, task));
    } finally {
      await run.diary.close();
      await run.release();
    }
  });
  return { ...result, seconds: (performance.now() - start) / 1000 };
}
