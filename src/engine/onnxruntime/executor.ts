import type { Tensor } from 'onnxruntime-node';
import { PendingGraph } from './pendingGraph.js';
import { type Program, programOf } from './program.js';
import type { SessionCache, SessionSettings } from './sessionCache.js';
import { readyTensor, type Source } from './source.js';
import { sameNumbers } from './traced.js';

/** Turns the pending graph into values, one flush after the other. */
export class Executor {
  readonly graph: PendingGraph;
  #tail: Promise<void> = Promise.resolve();
  #willFlush = false;

  /** @param blockSize channels in a block where sessions run on the CPU; see {@link PendingGraph} */
  constructor(
    readonly cache: SessionCache,
    readonly blockSize = 0,
  ) {
    this.graph = new PendingGraph(this.#blocksWith(cache.settings));
  }

  /**
   * Computes everything that is pending and still held.
   * Which values these are is decided now; kernels called afterwards belong to the next flush.
   * @throws Error (rejects) when ONNX Runtime refuses or fails to run the graph
   */
  flush(): Promise<void> {
    const program = programOf(this.graph.take());
    return program === undefined ? this.#tail : this.start(program, program.inputs, program.outputs);
  }

  /** `flush` for those who do not wait for it: who reads one of the values will be told of a failure. */
  flushInBackground(): void {
    if (this.graph.size > 0) this.flush().catch(() => undefined);
  }

  /**
   * Computes what is pending when the code that asks for it comes to an end, or waits for something: loops that read
   * their results late would else pile up one step after the other.
   */
  flushSoon(): void {
    if (this.#willFlush || this.graph.size === 0) return;
    this.#willFlush = true;
    queueMicrotask(() => {
      this.#willFlush = false;
      this.flushInBackground();
    });
  }

  /**
   * Runs a program behind all that was started before.
   *
   * @param inputs what its inputs are this time
   * @param outputs what gets the values of its outputs
   */
  start(program: Program, inputs: readonly Source[], outputs: readonly Source[]): Promise<void> {
    const run = this.#tail.then(() => this.#run(program, inputs, outputs));
    for (const output of outputs) output.state = { kind: 'inFlight', done: run };
    // A failure belongs to those who wait for this run, not to those behind it.
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** The tensor of a source, computed first where it has to be. */
  async tensor(source: Source): Promise<Tensor> {
    const { state } = source;
    if (state.kind === 'pending') await this.flush();
    if (source.state.kind === 'inFlight') await source.state.done;
    if (source.state.kind === 'alias') await this.tensor(source.state.of);
    return readyTensor(source);
  }

  /** Runs all that is started from now on with other settings. */
  configure(settings: SessionSettings): void {
    this.graph.blockSize = this.#blocksWith(settings);
    this.#tail = this.#tail.then(() => this.cache.configure(settings));
  }

  /** Releases the session of a program behind all that was started before. */
  forget(key: string): void {
    this.#tail = this.#tail.then(() => this.cache.release(key));
  }

  /** Waits for the flushes under way, then releases the sessions. */
  close(): Promise<void> {
    this.#tail = this.#tail.then(() => this.cache.clear());
    return this.#tail;
  }

  // Other providers would hand every image to the CPU and take it back.
  #blocksWith({ providers }: SessionSettings): number {
    return providers === undefined || providers[0] === 'cpu' ? this.blockSize : 0;
  }

  async #run(program: Program, inputs: readonly Source[], outputs: readonly Source[]): Promise<void> {
    try {
      const feeds: Record<string, Tensor> = {};
      for (const [index, input] of inputs.entries()) feeds[`i${index}`] = readyTensor(input);
      const session = await this.cache.session(program);
      const results = await session.run(feeds);
      for (const [index, output] of outputs.entries()) {
        const tensor = results[program.names.get(program.outputs[index]!)!]!;
        if (!sameNumbers(tensor.dims, output.shape)) {
          throw new Error(
            `onnxruntime backend: a result has shape [${tensor.dims}] where [${output.shape}] was traced; this is a bug in a kernel`,
          );
        }
        output.state = { kind: 'ready', tensor };
      }
    } catch (error) {
      for (const output of outputs) output.state = { kind: 'failed', error };
      throw error;
    }
  }
}
