import { encodeModel } from '../onnx/encodeModel.js';
import type { ModelProto, TensorProto } from '../onnx/messages.js';
import { giveBackScratch, takeScratch } from '../onnx/scratch.js';
import type { StoredBytes } from '../onnx/storedBytes.js';
import { tensorFloats } from '../onnx/tensorData.js';
import { tensorPayload } from '../onnx/tensorPayload.js';
import { tensorShape } from '../onnx/tensorSize.js';
import { Session, type Tensor, tensor } from './session.js';
import { BYTES_PER_FLOAT, type ModelPart, type SplitOptions, splitModel } from './splitModel.js';

export type Feeds = Readonly<Record<string, Tensor>>;

export interface PartedOptions extends Partial<SplitOptions> {
  /** Folder of the model, for external data. */
  readonly dir: string | undefined;
  /** What error messages call the model. */
  readonly label: string;
  /** Threads within an operator; all cores by default. */
  readonly threads?: number | undefined;
}

/** Without types of inner values a model runs as one part. */
const SPLIT: SplitOptions = { partBytes: 2 ** 23, fedElements: 4096, typeOf: () => undefined };

/** Places that suit any instruction. */
const ALIGNMENT = 64;

/**
 * A model without optimization, of which only the weights of one part are in memory at a time. For few runs: they are
 * read anew for each. `release` it.
 */
export class PartedSession {
  private constructor(
    private readonly parts: readonly { readonly part: ModelPart; readonly session: Session }[],
    private readonly outputs: ReadonlySet<string>,
    private readonly dir: string | undefined,
  ) {}

  /** @throws RUNTIME_REJECTED */
  static async create(model: ModelProto, options: PartedOptions): Promise<PartedSession> {
    const { dir, label, threads } = options;
    const parts: { part: ModelPart; session: Session }[] = [];
    try {
      for (const part of splitModel(model, { ...SPLIT, ...options })) {
        const settings = { optimization: 'disabled', isBrief: true, label, threads } as const;
        parts.push({ part, session: await Session.create(encodeModel(part.model), settings) });
      }
    } catch (error) {
      for (const { session } of parts) await session.release();
      throw error;
    }
    const outputs = new Set(model.graph?.output.map(({ name = '' }) => name));
    return new PartedSession(parts, outputs, dir);
  }

  /**
   * Runs that are asked for at the same time go through the parts together, so that weights are read once for all.
   *
   * @param adjust changes the weights of each part before they are used
   * @returns the outputs of the model
   * @throws RUNTIME_RUN_FAILED
   */
  run(feeds: Feeds, adjust = (weights: Feeds) => weights): Promise<Feeds> {
    const passage: Passage = { live: new Map(Object.entries(feeds)), outputs: {}, adjust };
    this.waiting.push(passage);
    this.walk ??= Promise.resolve().then(() => this.walkThrough());
    return this.walk.then(() => {
      if (passage.failure !== undefined) throw passage.failure;
      return passage.outputs;
    });
  }

  private waiting: Passage[] = [];
  private walk: Promise<void> | undefined;

  private async walkThrough(): Promise<void> {
    const passages = this.waiting;
    this.waiting = [];
    this.walk = undefined;
    for (const [i, { part, session }] of this.parts.entries()) {
      const later = new Set(this.parts.slice(i + 1).flatMap(({ part: { reads } }) => reads));
      await withWeights(part.weights, this.dir, async (weights) => {
        for (const passage of passages) await this.pass(passage, part, session, weights, later);
      });
    }
  }

  private async pass(passage: Passage, part: ModelPart, session: Session, weights: Feeds, later: ReadonlySet<string>) {
    if (passage.failure !== undefined) return;
    const { live, outputs, adjust } = passage;
    const taken = part.reads.flatMap((name) => (live.has(name) ? [[name, live.get(name)!] as const] : []));
    try {
      const made = await session.run({ ...Object.fromEntries(taken), ...adjust(weights) });
      for (const [name, value] of Object.entries(made)) {
        if (later.has(name)) live.set(name, value);
        if (this.outputs.has(name)) outputs[name] = value;
      }
    } catch (failure) {
      passage.failure = failure;
    }
    for (const name of [...live.keys()]) if (!later.has(name)) live.delete(name);
  }

  async release(): Promise<void> {
    for (const { session } of this.parts) await session.release();
  }
}

/** A run on its way through the parts. */
interface Passage {
  /** Values that parts to come read. */
  readonly live: Map<string, Tensor>;
  readonly outputs: Record<string, Tensor>;
  readonly adjust: (weights: Feeds) => Feeds;
  failure?: unknown;
}

/** Reads stored weights into memory that the next part gets after them. */
async function withWeights<T>(
  weights: readonly TensorProto[],
  dir: string | undefined,
  use: (feeds: Feeds) => Promise<T>,
): Promise<T> {
  const payloads = weights.map((weight) => tensorPayload(weight, dir));
  const starts: number[] = [];
  let length = 0;
  for (const payload of payloads) {
    starts.push(length);
    if (!(payload instanceof Uint8Array)) length += Math.ceil(payload.length / ALIGNMENT) * ALIGNMENT;
  }
  const scratch = takeScratch(length);
  try {
    const feeds = weights.map((weight, i) => {
      const payload = payloads[i]!;
      const isStored = !(payload instanceof Uint8Array);
      const floats = isStored ? readFloats(payload, scratch, starts[i]!) : tensorFloats(weight, dir);
      return [weight.name ?? '', tensor('float32', floats, tensorShape(weight))] as const;
    });
    return await use(Object.fromEntries(feeds));
  } finally {
    giveBackScratch(scratch);
  }
}

function readFloats(stored: StoredBytes, memory: Uint8Array, start: number): Float32Array {
  const { buffer, byteOffset, byteLength } = stored.read(memory.subarray(start, start + stored.length));
  return new Float32Array(buffer as ArrayBuffer, byteOffset, byteLength / BYTES_PER_FLOAT);
}
