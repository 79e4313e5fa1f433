import { checkpointErrors } from '../../errors/checkpointErrors.js';
import { MorphError } from '../../errors/morphError.js';
import type { Checkpoint, FinishedPhase, RunningPhase } from '../../train/checkpoint/checkpoint.js';
import {
  type FoundCheckpoint,
  listCheckpoints,
  readCheckpoint,
  removeCheckpoints,
  removeUnfinished,
  writeCheckpoint,
} from '../../train/checkpoint/checkpointFolder.js';
import { makeOutputFolder } from '../outputFolder.js';
import { differences } from './runIdentity.js';

export interface CheckpointSettings {
  readonly checkpoint?: string;
  readonly checkpointSeconds: number;
  readonly resume?: boolean;
}

/** Writes the checkpoints of a run, and knows the one that it goes on from. */
export class Checkpoints {
  private readonly finished: FinishedPhase[];
  private writtenAt: number;

  private constructor(
    private readonly folder: string | undefined,
    private readonly seconds: number,
    private readonly run: Readonly<Record<string, string>>,
    private readonly found: FoundCheckpoint | undefined,
    private readonly now: () => number,
  ) {
    this.finished = [...(found?.finished ?? [])];
    this.writtenAt = now();
  }

  /**
   * @param identity what makes the run what it is
   * @param now milliseconds of a clock
   * @throws CHECKPOINT_NO_FOLDER, CHECKPOINT_EXISTS, CHECKPOINT_OTHER_RUN, CHECKPOINT_DAMAGED, OUTPUT_…
   */
  static async open(
    { checkpoint: folder, checkpointSeconds, resume }: CheckpointSettings,
    identity: () => Promise<Readonly<Record<string, string>>>,
    now: () => number = () => performance.now(),
  ): Promise<Checkpoints> {
    if (folder === undefined) {
      if (resume === true) throw checkpointErrors.noFolder();
      return new Checkpoints(undefined, checkpointSeconds, {}, undefined, now);
    }
    await makeOutputFolder(folder);
    const [newest] = await listCheckpoints(folder);
    if (resume !== true && newest !== undefined) throw checkpointErrors.exists(newest);
    await removeUnfinished(folder);
    const run = await identity();
    const found = await readCheckpoint(folder);
    if (found !== undefined) {
      const differing = differences(found.run, run);
      if (differing.length > 0) throw checkpointErrors.otherRun(found.path, differing);
    }
    return new Checkpoints(folder, checkpointSeconds, run, found, now);
  }

  /** Steps that were done when the run began. */
  get step(): number {
    return this.found?.step ?? 0;
  }

  /** A phase that was over when the run began. */
  over(index: number): FinishedPhase | undefined {
    return this.found?.finished[index];
  }

  /** The state that a phase goes on from, where the run begins within it. */
  within(index: number): RunningPhase | undefined {
    return this.found?.finished.length === index ? this.found.running : undefined;
  }

  /**
   * Takes up what was found.
   * @throws CHECKPOINT_DAMAGED where `take` cannot
   */
  async taking<T>(take: () => T | Promise<T>): Promise<T> {
    try {
      return await take();
    } catch (error) {
      if (error instanceof MorphError || !(error instanceof Error)) throw error;
      throw checkpointErrors.damaged(this.found?.path ?? '', error.message, error);
    }
  }

  /** Writes a checkpoint between two steps, where it is time for one. */
  async between(step: number, running: () => Promise<RunningPhase>): Promise<void> {
    if (this.folder === undefined || this.now() - this.writtenAt < this.seconds * 1000) return;
    await this.write({ step, running: await running() });
  }

  /** Writes a checkpoint at the end of a phase. */
  async end(step: number, phase: () => Promise<FinishedPhase>): Promise<void> {
    if (this.folder === undefined) return;
    this.finished.push(await phase());
    await this.write({ step });
  }

  /** Removes all, once the result is written. */
  async clear(): Promise<void> {
    if (this.folder !== undefined) await removeCheckpoints(this.folder);
  }

  private async write(state: Pick<Checkpoint, 'step' | 'running'>): Promise<void> {
    if (this.folder === undefined) return;
    await writeCheckpoint(this.folder, { ...state, run: this.run, finished: this.finished });
    this.writtenAt = this.now();
  }
}
