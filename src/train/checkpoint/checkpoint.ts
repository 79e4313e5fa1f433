/** @file What a run needs to go on as if it had never stopped. */
import { createHash } from 'node:crypto';
import type { LoopState } from '../runEpochs.js';
import type { ShrinkState } from '../shrink.js';
import type { TrainerState } from '../trainer.js';
import { decodeSafetensors, encodeSafetensors, type Numbers } from './safetensors.js';

/** What a phase that is over has left. */
export interface FinishedPhase {
  /** Trained constants and running statistics by the names of their values. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly msPerStep: number;
  /** Of a phase under the penalty. */
  readonly shrunk?: { readonly prices: Float64Array; readonly lambda: number } | undefined;
}

/** A phase between two of its steps. */
export interface RunningPhase {
  readonly trainer: TrainerState;
  readonly loop: LoopState;
  /** Under the penalty. */
  readonly shrink?: ShrinkState | undefined;
}

export interface Checkpoint {
  /** What the run was told, and digests of its model and data, by their names. */
  readonly run: Readonly<Record<string, string>>;
  /** Steps done, over all phases. */
  readonly step: number;
  readonly finished: readonly FinishedPhase[];
  readonly running?: RunningPhase | undefined;
}

const VERSION = 2;

/** The file as runs of bytes: safetensors, with all that is no tensor as JSON among its metadata. */
export function encodeCheckpoint({ run, step, finished, running }: Checkpoint): readonly Uint8Array[] {
  const tensors = new Map<string, Numbers>();
  const add = (prefix: string, named: ReadonlyMap<string, Numbers>) => {
    for (const [name, numbers] of named) tensors.set(`${prefix}/${name}`, numbers);
  };
  finished.forEach(({ weights, shrunk }, index) => {
    add(`finished/${index}/weights`, weights);
    if (shrunk !== undefined) tensors.set(`finished/${index}/prices`, shrunk.prices);
  });
  if (running !== undefined) add('running/trainer', running.trainer.tensors);
  if (running?.shrink !== undefined) {
    tensors.set('running/alive', running.shrink.alive);
    tensors.set('running/mayGo', running.shrink.mayGo);
    tensors.set('running/norms', running.shrink.norms);
    const { reaches } = running.shrink;
    if (reaches !== undefined) tensors.set('running/reaches', reaches);
  }
  const state = {
    ...{ version: VERSION, run, step },
    finished: finished.map(({ msPerStep, shrunk }) => ({ msPerStep, lambda: shrunk?.lambda })),
    running: running && {
      steps: running.trainer.steps,
      loop: running.loop,
      shrink: running.shrink && {
        ...running.shrink,
        ...{ alive: undefined, mayGo: undefined, norms: undefined, reaches: undefined },
      },
    },
  };
  const json = JSON.stringify(state);
  return encodeSafetensors({ tensors, metadata: { 'onnx-morph': json, sha256: digestOf(json, tensors) } });
}

/** Reads a file of anyone. @throws Error that says what is wrong with it */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const json = metadata['onnx-morph'];
  if (json === undefined) throw new Error('it is of another program');
  if (metadata.sha256 !== digestOf(json, tensors)) throw new Error('its checksum is wrong');
  const state = new Fields(JSON.parse(json), 'it');
  if (state.integer('version') !== VERSION) throw new Error(`its version is not ${VERSION}`);
  const finished = state.list('finished').map((phase, index) => {
    const prices = tensors.get(`finished/${index}/prices`);
    const weights = floatsUnder(`finished/${index}/weights/`, tensors);
    const common = { weights, msPerStep: phase.number('msPerStep') };
    if (prices === undefined) return common;
    return { ...common, shrunk: { prices: expectType(prices, Float64Array), lambda: phase.number('lambda') } };
  });
  const running = state.has('running') ? readRunning(state.fields('running'), tensors) : undefined;
  return { run: state.fields('run').texts(), step: state.integer('step'), finished, running };
}

function readRunning(state: Fields, tensors: ReadonlyMap<string, Numbers>): RunningPhase {
  const loop = state.fields('loop');
  const trainer = { steps: state.integer('steps'), tensors: floatsUnder('running/trainer/', tensors) };
  const place = {
    ...{ epoch: loop.integer('epoch'), step: loop.integer('step'), lossSum: loop.number('lossSum') },
    stepsPerEpoch: loop.has('stepsPerEpoch') ? loop.integer('stepsPerEpoch') : undefined,
  };
  if (!state.has('shrink')) return { trainer, loop: place };
  const shrink = state.fields('shrink');
  const reaches = tensors.get('running/reaches');
  const steering = shrink.fields('steering');
  return {
    trainer,
    loop: place,
    shrink: {
      lambda: shrink.number('lambda'),
      reported: shrink.number('reported'),
      count: shrink.integer('count'),
      steering: { boost: steering.number('boost'), lambda: steering.number('lambda') },
      alive: expectType(tensors.get('running/alive'), Uint8Array),
      mayGo: expectType(tensors.get('running/mayGo'), Uint8Array),
      norms: expectType(tensors.get('running/norms'), Float32Array),
      ...(reaches === undefined ? {} : { reaches: expectType(reaches, Float32Array) }),
    },
  };
}

/** Properties of a JSON object of anyone. */
class Fields {
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    private readonly name: string,
  ) {
    if (typeof value !== 'object' || value === null) throw new Error(`${name} has no fields`);
    this.values = value as Readonly<Record<string, unknown>>;
  }

  has(key: string): boolean {
    return this.values[key] !== undefined;
  }

  number(key: string): number {
    const value = this.values[key];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw new Error(`'${key}' is no number`);
    return value;
  }

  integer(key: string): number {
    const value = this.number(key);
    if (!Number.isSafeInteger(value)) throw new Error(`'${key}' is no integer`);
    return value;
  }

  fields(key: string): Fields {
    return new Fields(this.values[key], `'${key}'`);
  }

  list(key: string): readonly Fields[] {
    const value = this.values[key];
    if (!Array.isArray(value)) throw new Error(`'${key}' is no list`);
    return value.map((item) => new Fields(item, `'${key}'`));
  }

  texts(): Readonly<Record<string, string>> {
    if (!Object.values(this.values).every((text) => typeof text === 'string'))
      throw new Error(`${this.name} is no text`);
    return this.values as Readonly<Record<string, string>>;
  }
}

function expectType<T extends Numbers>(numbers: Numbers | undefined, type: new (...args: never[]) => T): T {
  if (!(numbers instanceof type)) throw new Error('it lacks numbers');
  return numbers;
}

function floatsUnder(prefix: string, tensors: ReadonlyMap<string, Numbers>): ReadonlyMap<string, Float32Array> {
  const found = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, numbers]) => [name.slice(prefix.length), expectType(numbers, Float32Array)]));
}

function digestOf(json: string, tensors: ReadonlyMap<string, Numbers>): string {
  const hash = createHash('sha256').update(json);
  for (const name of [...tensors.keys()].sort()) {
    const { buffer, byteOffset, byteLength } = tensors.get(name)!;
    hash.update(`\0${name}\0${byteLength}\0`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
