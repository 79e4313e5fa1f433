/** @file How a proof runs models: without optimization, weights where they are, one at a time. */
import { MorphError } from '../errors/morphError.js';
import { rewriteErrors } from '../errors/rewriteErrors.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import { DRAWS, type Draw } from '../runtime/randomInputs.js';
import { Session, type Tensor } from '../runtime/session.js';
import { feedWeights } from '../runtime/weightInputs.js';
import { nudged } from './nudged.js';
import { numbersOf } from './numbersOf.js';

export type Feeds = Readonly<Record<string, Tensor>>;
export type Run = (feeds: Feeds) => Promise<Feeds>;

/** Runs a model, and lets go of it: two at a time would hold all weights twice. */
export async function withSession<T>(model: ModelProto, bound: BoundModel, use: (run: Run) => Promise<T>): Promise<T> {
  const { model: runnable, feeds: weights } = feedWeights(model, bound.graph.dir);
  return withWeights(runnable, weights, bound, use);
}

/**
 * What a model gives where all that goes into it is off in its last place. Some networks make much of it: deep ones on
 * inputs that are nearly uniform, and those whose outputs cancel out.
 *
 * @param held what nodes that are not run give
 */
export function runNudged(model: ModelProto, bound: BoundModel, feeds: Feeds, held: Feeds, rng: Rng): Promise<Feeds> {
  const { model: runnable, feeds: weights } = feedWeights(model, bound.graph.dir);
  return withWeights(runnable, nudged(weights, rng), bound, (run) => run({ ...nudged(feeds, rng), ...held }));
}

async function withWeights<T>(
  runnable: ModelProto,
  weights: Feeds,
  bound: BoundModel,
  use: (run: Run) => Promise<T>,
): Promise<T> {
  const session = await Session.create(encodeModel(runnable), { optimization: 'disabled', label: bound.label });
  try {
    return await use((feeds) => session.run({ ...weights, ...feeds }));
  } finally {
    await session.release();
  }
}

/**
 * The first draw of inputs for which the outputs are numbers, with the outputs; where no draw gives numbers alone, the
 * first that gives any.
 *
 * @throws REWRITE_NOT_A_NUMBER where an output is NaN throughout whatever is drawn
 */
export async function runWithNumbers(
  run: Run,
  feedsOf: (draw: Draw) => Feeds,
  label: string,
): Promise<{ readonly feeds: Feeds; readonly outputs: Feeds }> {
  const drawn: { readonly feeds: Feeds; readonly outputs: Feeds }[] = [];
  let failure: unknown;
  for (const draw of DRAWS) {
    const feeds = feedsOf(draw);
    // Not every integer is valid as an index, nor every number as a box.
    const outputs = await run(feeds).catch((error: unknown) => {
      failure ??= error;
      return ifRunFailed(error);
    });
    if (outputs === undefined) continue;
    if (Object.values(outputs).every((tensor) => countNaN(tensor) === 0)) return { feeds, outputs };
    drawn.push({ feeds, outputs });
  }
  if (drawn.length === 0) throw failure;
  const isBlank = (tensor: Tensor) => tensor.size > 0 && countNaN(tensor) === tensor.size;
  const best = drawn.find(({ outputs }) => !Object.values(outputs).some(isBlank));
  if (best !== undefined) return best;
  const [name = ''] = Object.entries(drawn[0]!.outputs).find(([, tensor]) => isBlank(tensor)) ?? [];
  throw rewriteErrors.notANumber(label, name);
}

function countNaN(tensor: Tensor): number {
  const numbers = numbersOf(tensor);
  let count = 0;
  for (let i = 0; i < numbers.length; i++) if (Number.isNaN(numbers[i])) count++;
  return count;
}

/** For sizes that a model may not take. */
export function ifRunFailed(error: unknown): undefined {
  if (error instanceof MorphError && error.code === 'RUNTIME_RUN_FAILED') return undefined;
  throw error;
}
