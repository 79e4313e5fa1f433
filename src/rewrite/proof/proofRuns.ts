/** @file How a proof runs models: without optimization, in parts. */
import { MorphError } from '../../errors/morphError.js';
import { rewriteErrors } from '../../errors/rewriteErrors.js';
import type { ModelProto } from '../../onnx/messages.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Rng } from '../../random/rng.js';
import { numbersOf } from '../../runtime/numbersOf.js';
import { type Feeds, PartedSession } from '../../runtime/partedSession.js';
import { DRAWS, type Draw } from '../../runtime/randomInputs.js';
import type { Tensor } from '../../runtime/session.js';
import { isHandedOver } from '../../runtime/tensorTypes.js';
import { nudged } from './nudged.js';

/** @see PartedSession.run */
export type Run = PartedSession['run'];

/** Runs a model, and lets go of it. */
export async function withSession<T>(model: ModelProto, bound: BoundModel, use: (run: Run) => Promise<T>): Promise<T> {
  const session = await PartedSession.create(model, {
    dir: bound.graph.dir,
    label: bound.label,
    threads: bound.threads,
    typeOf: (name) => {
      const value = bound.graph.value(name);
      const dataType = value === undefined || !bound.hasType(value) ? undefined : bound.typeOf(value).dataType;
      return dataType !== undefined && isHandedOver(dataType) ? dataType : undefined;
    },
  });
  try {
    return await use((feeds, adjust) => session.run(feeds, adjust));
  } finally {
    await session.release();
  }
}

/**
 * What a model gives where all that goes into it is off in its last place. Some networks make much of it: deep ones on
 * inputs that are nearly uniform, and those whose outputs cancel out.
 *
 * @param held what nodes that are not run give
 */
export function runNudged(model: ModelProto, bound: BoundModel, feeds: Feeds, held: Feeds, rng: Rng): Promise<Feeds> {
  const shaken = { ...nudged(feeds, rng), ...held };
  return withSession(model, bound, (run) => run(shaken, (weights) => nudged(weights, rng)));
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
