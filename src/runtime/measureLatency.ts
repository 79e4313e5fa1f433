import { MorphError } from '../errors/morphError.js';
import type { Graph } from '../graph/graph.js';
import type { Rng } from '../random/rng.js';
import type { InputShapes } from './inputShapes.js';
import { randomInputs } from './randomInputs.js';
import { Session } from './session.js';

export interface LatencyOptions {
  readonly threads?: number | undefined;
  /** As `usableProviders` gave them; the CPU by default. */
  readonly providers?: readonly string[] | undefined;
  /** Runs of each model, after a warm-up. */
  readonly runs?: number;
  /** Fewer runs where this many milliseconds are over, but at least three. */
  readonly budgetMs?: number;
}

/**
 * Median time of one run of each model in ONNX Runtime, in milliseconds, the models in turn (A B A B …), so that a
 * machine that drifts does not favour one of them.
 *
 * @param models encoded; all take the inputs of `graph`
 * @returns nothing where one of them does not take random inputs
 */
export async function measureLatency(
  models: readonly Uint8Array[],
  graph: Graph,
  shapes: InputShapes,
  rng: Rng,
  { threads, providers, runs = 200, budgetMs = 3000 }: LatencyOptions = {},
): Promise<readonly number[]> {
  const feeds = randomInputs(graph, shapes, rng);
  const sessions: Session[] = [];
  try {
    for (const model of models) {
      sessions.push(await Session.create(model, { label: 'latency', threads, providers, spins: true }));
    }
    const times: number[][] = sessions.map(() => []);
    try {
      for (const session of sessions) await session.run(feeds);
    } catch (error) {
      if (error instanceof MorphError && error.code === 'RUNTIME_RUN_FAILED') return [];
      throw error;
    }
    const start = performance.now();
    for (let run = 0; run < runs && (run < 3 || performance.now() - start < budgetMs); run++) {
      for (const [i, session] of sessions.entries()) {
        const before = performance.now();
        await session.run(feeds);
        times[i]!.push(performance.now() - before);
      }
    }
    return times.map(median);
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** The middle of a list, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
