import { InferenceSession } from 'onnxruntime-node';
import { encodeProgram } from './encodeProgram.js';
import type { Program } from './program.js';

/** What the cache of sessions has done so far. */
export interface SessionCacheInfo {
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
}

/** What ONNX Runtime computes with. */
export interface SessionSettings {
  /** Threads within an operator; all cores by default. */
  readonly threads?: number | undefined;
  /** Execution providers, best first; the CPU by default. */
  readonly providers?: readonly string[] | undefined;
}

/** Sessions by the structure of their program; the one used longest ago goes first. */
export class SessionCache {
  #sessions = new Map<string, InferenceSession>();
  #hits = 0;
  #misses = 0;

  #settings: SessionSettings;

  constructor(
    readonly capacity: number,
    settings: SessionSettings = {},
  ) {
    this.#settings = settings;
  }

  /** Changes the settings; sessions that were made with others are let go. */
  async configure(settings: SessionSettings): Promise<void> {
    const { threads, providers } = this.#settings;
    if (settings.threads === threads && String(settings.providers) === String(providers)) return;
    this.#settings = settings;
    await this.clear();
  }

  get settings(): SessionSettings {
    return this.#settings;
  }

  info(): SessionCacheInfo {
    return { entries: this.#sessions.size, hits: this.#hits, misses: this.#misses };
  }

  /** The session for a program: the one that ran this structure before, or a new one. */
  async session(program: Program): Promise<InferenceSession> {
    const cached = this.#sessions.get(program.key);
    if (cached !== undefined) {
      this.#hits++;
      // Map keeps insertion order, so putting it in again makes it the newest.
      this.#sessions.delete(program.key);
      this.#sessions.set(program.key, cached);
      return cached;
    }
    this.#misses++;
    const session = await InferenceSession.create(encodeProgram(program), this.#options());
    this.#sessions.set(program.key, session);
    for (const [key, oldest] of this.#sessions) {
      if (this.#sessions.size <= this.capacity) break;
      this.#sessions.delete(key);
      await oldest.release();
    }
    return session;
  }

  /** Releases the session of a structure, if there is one. */
  async release(key: string): Promise<void> {
    const session = this.#sessions.get(key);
    this.#sessions.delete(key);
    await session?.release();
  }

  /** Releases all sessions. */
  async clear(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await session.release();
  }

  #options(): InferenceSession.SessionOptions {
    const { threads, providers = ['cpu'] } = this.#settings;
    return {
      executionProviders: [...providers],
      // 'all' is no faster on training graphs, whose weights are inputs, and takes longer to build.
      graphOptimizationLevel: 'basic',
      logSeverityLevel: 4,
      // The pattern is planned from the first run and then allocated in one piece, beside all that the arena took for
      // that run: nearly twice the memory, and no faster.
      enableMemPattern: false,
      extra: {
        // Between two steps the threads would burn the core on which tf.js traces the next one.
        session: { intra_op: { allow_spinning: '0' } },
        // It gives zeros around an image to the MaxPool behind them as padding, which no maximum sees, and pools more
        // padding than they take.
        optimization: { disable_specified_optimizers: 'Pad_Fusion' },
      },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    };
  }
}
