import { createMessage } from '../../onnx/createMessage.js';
import { encodeModel } from '../../onnx/encodeModel.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Rng } from '../../random/rng.js';
import { floatsOf, floatTensor } from '../../runtime/floatTensor.js';
import { Session, type SessionOptions } from '../../runtime/session.js';
import type { Batch, DataSet, FloatArray } from '../data/index.js';
import { oneAhead } from '../data/oneAhead.js';
import type { Spread } from './distillation.js';

/** Batches that the spread of an output is measured on. */
const MEASURED_BATCHES = 8;

/** The original, which tells what it gives for the samples that its smaller form is trained on. */
export class Teacher {
  /** The last run, which may not be waited for by whoever asked for it. */
  private running: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly session: Session,
    private readonly bound: BoundModel,
    private readonly names: readonly string[],
  ) {}

  /** @param names values of the graph that it tells; `release` it in the end. @throws RUNTIME_REJECTED */
  static async open(
    bound: BoundModel,
    names: readonly string[],
    options: Pick<SessionOptions, 'threads' | 'providers'>,
  ): Promise<Teacher> {
    const { model } = bound.graph;
    const output = [...new Set(names)].map((name) => createMessage('ValueInfoProto', { name }));
    const teaching = { ...model, graph: { ...model.graph, output } };
    return new Teacher(
      await Session.create(encodeModel(teaching), { ...options, label: `${bound.label}, which is learned from,` }),
      bound,
      names,
    );
  }

  /** @returns float32, by the names of the values */
  async tell({ x }: Batch): Promise<readonly FloatArray[]> {
    const input = this.bound.graph.inputs[0]!;
    const run = this.session.run({
      [input.name]: floatTensor(this.bound.typeOf(input).dataType, x.data, x.shape),
    });
    this.running = run.catch(() => undefined);
    const outputs = await run;
    return this.names.map((name) => ({ data: floatsOf(outputs[name]!), shape: outputs[name]!.dims }));
  }

  /** The data set with what the teacher tells of each training batch, which it works out while the step before it runs. */
  teach(data: DataSet): DataSet {
    const tell = (batch: Batch) => this.tell(batch);
    async function* taught(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
      for await (const batch of batches) yield { ...batch, teacher: await tell(batch) };
    }
    return { ...data, train: (epoch, batchSize, rng) => oneAhead(taught(data.train(epoch, batchSize, rng))) };
  }

  /** By value: what is seen of it on the first batches of an epoch. */
  async spreads(data: DataSet, batchSize: number, rng: Rng): Promise<readonly Spread[]> {
    const sums = this.names.map(() => ({ all: new Moments(), means: new Moments(), perSample: 1 }));
    let batches = 0;
    for await (const batch of data.train(0, batchSize, rng)) {
      for (const [i, { data: numbers, shape }] of (await this.tell(batch)).entries()) {
        const sum = sums[i]!;
        sum.perSample = numbers.length / shape[0]!;
        for (let from = 0; from < numbers.length; from += sum.perSample) {
          let total = 0;
          for (let at = from; at < from + sum.perSample; at++) {
            total += numbers[at]!;
            sum.all.add(numbers[at]!);
          }
          sum.means.add(total / sum.perSample);
        }
      }
      if (++batches === MEASURED_BATCHES) break;
    }
    return sums.map(({ all, means, perSample }) => {
      const [variance, square] = [all.variance, all.square];
      if (variance <= 1e-10 * square) return { variance: square > 0 ? square : 1, shared: 1 };
      return { variance, shared: (perSample * means.variance) / variance };
    });
  }

  async release(): Promise<void> {
    await this.running;
    await this.session.release();
  }
}

/** Sums of numbers and of their squares. */
class Moments {
  private count = 0;
  private first = 0;
  private second = 0;

  add(number: number): void {
    this.count++;
    this.first += number;
    this.second += number ** 2;
  }

  get square(): number {
    return this.second / this.count;
  }

  get variance(): number {
    return this.square - (this.first / this.count) ** 2;
  }
}
