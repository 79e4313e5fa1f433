import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';
import { isPrunable } from '../../channels/channelAnalysis.js';
import type { Target } from '../../cost/cost.js';
import type { Fidelity, ModelSummary, Progress } from '../../report/results.js';
import { loggedNames } from './loggedNumbers.js';
import { openRunLog, type RunLog } from './runLog.js';

/** Counts the steps of a run over its phases, and logs them where a log is wanted. */
export class Diary {
  private constructor(
    private readonly log: RunLog | undefined,
    private count: number,
  ) {}

  /**
   * @param folder of the log
   * @param measures names of what the loss tells of a step
   * @param step the last step that is done
   * @throws OUTPUT_NOT_FOLDER, OUTPUT_DENIED, …
   */
  static async open(
    folder: string | undefined,
    measures: readonly string[],
    targets: readonly Target[],
    { groups }: ChannelAnalysis,
    step = 0,
  ): Promise<Diary> {
    if (folder === undefined) return new Diary(undefined, step);
    const resources = targets.map(({ cost }) => cost.resource);
    const names = loggedNames(measures, resources, groups.filter(isPrunable));
    return new Diary(await openRunLog(folder, names, step), step);
  }

  /** Steps done. */
  get steps(): number {
    return this.count;
  }

  async step({ cycle, phase, epoch }: Progress, numbers: () => Readonly<Record<string, number>>): Promise<void> {
    const step = ++this.count;
    const place = cycle === 1 ? phase : `cycle${cycle}/${phase}`;
    await this.log?.write({ step, phase: place, epoch, numbers: numbers() });
  }

  /** What the models are worth in the end. */
  async models(original: ModelSummary, result: ModelSummary, { agreement }: Fidelity): Promise<void> {
    for (const [phase, { accuracy, testLoss }] of [['original', original] as const, ['result', result] as const]) {
      const numbers = {
        ...(accuracy === null ? {} : { accuracy }),
        ...(testLoss === null ? {} : { loss: testLoss }),
      };
      if (Object.keys(numbers).length > 0) await this.log?.write({ step: this.count, phase, epoch: 0, numbers });
    }
    if (result.accuracy === null && agreement !== null)
      await this.log?.write({ step: this.count, phase: 'result', epoch: 0, numbers: { agreement } });
  }

  async close(): Promise<void> {
    await this.log?.close();
  }
}
