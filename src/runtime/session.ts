/** @file The only door to onnxruntime-node (beside the tf.js backend, which stands by itself). */
import * as ort from 'onnxruntime-node';
import { runtimeErrors } from '../errors/runtimeErrors.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import { dataTypeOfRuntime, isHandedOver } from './tensorTypes.js';

export type Tensor = ort.Tensor;
export type TensorData =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array
  | Int8Array
  | Uint16Array;

export interface SessionOptions {
  /** How hard ONNX Runtime optimizes; its default `all` is what a deployed model runs with. */
  readonly optimization?: 'disabled' | 'basic' | 'all';
  /** Threads within an operator; all cores by default. */
  readonly threads?: number | undefined;
  /** For a session of few runs: it keeps no memory from one to the next. */
  readonly isBrief?: boolean;
  /** Execution providers, best first, as `usableProviders` gave them; the CPU takes what they leave. */
  readonly providers?: readonly string[] | undefined;
  /** Whether threads wait for work by spinning, as those of a deployed model do. Else they sleep. */
  readonly spins?: boolean;
  /** Where the times of all kernels are written when profiling ends, as the beginning of a path; none by default. */
  readonly profilePrefix?: string;
  /** What error messages call the model. */
  readonly label: string;
}

/** What ONNX Runtime says of one input or output; free dimensions are strings or -1. */
export interface TensorMetadata {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

const BRIEF = { enableCpuMemArena: false, enableMemPattern: false } as const;

/** A loaded model. `release` it, or its memory stays until the process ends. */
export class Session {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly label: string,
  ) {}

  /** @throws RUNTIME_REJECTED, RUNTIME_UNHELD_TYPE */
  static async create(model: Uint8Array | string, options: SessionOptions): Promise<Session> {
    const settings: ort.InferenceSession.SessionOptions = {
      graphOptimizationLevel: options.optimization ?? 'all',
      logSeverityLevel: 4,
      ...(options.isBrief === true ? BRIEF : {}),
      ...(options.profilePrefix === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
      extra: {
        session: {
          intra_op: { allow_spinning: options.spins === true ? '1' : '0' },
          // Else the threads of a session that is not running take the cores of the one that is.
          force_spinning_stop: '1',
        },
      },
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      ...(options.providers === undefined ? {} : { executionProviders: [...options.providers] }),
    };
    try {
      // The two overloads take the same call; TypeScript wants to know which.
      const session =
        typeof model === 'string'
          ? await ort.InferenceSession.create(model, settings)
          : await ort.InferenceSession.create(model, settings);
      return new Session(session, options.label);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const unheld = /^Unsupported data type: (\d+)/.exec(detail)?.[1];
      if (unheld === undefined) throw runtimeErrors.rejected(options.label, detail);
      throw runtimeErrors.unheldType(options.label, dataTypeInfo(Number(unheld))?.name.toLowerCase() ?? unheld);
    }
  }

  get inputs(): readonly TensorMetadata[] {
    return this.session.inputMetadata.filter((meta) => meta.isTensor);
  }

  get outputs(): readonly TensorMetadata[] {
    return this.session.outputMetadata.filter((meta) => meta.isTensor);
  }

  /** @throws RUNTIME_RUN_FAILED, RUNTIME_UNREADABLE_OUTPUT */
  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    for (const meta of this.session.outputMetadata) {
      // An optional that is empty ends the process, and so do tensors whose elements share a byte.
      if (!meta.isTensor) throw runtimeErrors.unreadableOutput(meta.name, 'a sequence, map or optional');
      if (!isHandedOver(dataTypeOfRuntime(meta.type))) {
        throw runtimeErrors.unreadableOutput(meta.name, `a tensor of ${meta.type}`);
      }
    }
    try {
      return (await this.session.run(feeds)) as Record<string, Tensor>;
    } catch (error) {
      throw runtimeErrors.runFailed(this.label, error instanceof Error ? error.message : String(error));
    }
  }

  /** Writes the profile. */
  endProfiling(): void {
    this.session.endProfiling();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** Version of ONNX Runtime for Node. */
export const RUNTIME_VERSION = ort.env.versions.node ?? ort.env.versions.common;

/** A tensor of ONNX Runtime over `data`; `type` is ONNX Runtime's name, e.g. `float32`. */
export function tensor(type: string, data: TensorData, dims: readonly number[]): Tensor {
  return new ort.Tensor(type as 'float32', data as Float32Array, dims);
}
