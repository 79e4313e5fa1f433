import * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.js';
import { drawnBy } from './drawn.js';
import { type Program, programOf } from './program.js';
import { registeredBackend } from './registeredBackend.js';
import { rootOf, Source } from './source.js';
import { sameNumbers, type Traced } from './traced.js';

/** A function of tensors that may also read variables and assign to them. */
export type StepFunction = (...inputs: tfjs.Tensor[]) => tfjs.Tensor[];

/** A {@link StepFunction} that is traced once and then replayed. */
export interface CompiledStep {
  /** @returns the results, which the caller disposes; they and the variables are being computed */
  run(inputs: readonly tfjs.Tensor[]): tfjs.Tensor[];
  /** How often the function was called, and how often its program was run without calling it. */
  readonly traces: number;
  readonly replays: number;
}

/** Recordings that are kept; the oldest goes first, as sessions do. */
const mostRecordings = 16;

/** The part of tf.js that compiling needs. */
export type CompilingTensorFlow = Pick<typeof tfjs, 'engine' | 'tidy'>;

/**
 * Makes a step that is traced once for every shape of its inputs, and then replayed without tracing.
 *
 * The function must depend on its inputs, on variables and on `drawn` tensors alone: all other numbers are taken for
 * constants, the noise of tf.dropout among them. It may leave nothing behind but its results, what it assigned to
 * variables, and variables that it made: a step that makes some is traced once more.
 *
 * @example
 * const step = compileStep((x, y) => {
 *   const { value, grads } = tf.variableGrads(() => loss(model(x), y));
 *   optimizer.applyGradients(grads);
 *   return [value];
 * });
 * const [loss] = step.run([x, y]);
 */
export function compileStep(step: StepFunction, tf: CompilingTensorFlow = tfjs): CompiledStep {
  const recordings: Recording[] = [];
  const counts = { traces: 0, replays: 0 };
  const run = (inputs: readonly tfjs.Tensor[]): tfjs.Tensor[] => {
    const backend = registeredBackend(tf);
    if (backend === undefined) throw new Error("onnxruntime backend: set it up before 'compileStep'");
    const known = recordings.find((recording) => recording.fits(inputs));
    if (known !== undefined) {
      counts.replays++;
      return known.replay(inputs);
    }
    counts.traces++;
    const { recording, results } = record(step, inputs, backend, tf);
    if (recording !== undefined) recordings.push(recording);
    if (recordings.length > mostRecordings) recordings.shift();
    return results;
  };
  return {
    run,
    get traces() {
      return counts.traces;
    },
    get replays() {
      return counts.replays;
    },
  };
}

/** How a value lies: a program fits values that lie as those that it was traced with. */
interface Layout {
  readonly type: string;
  readonly shape: readonly number[];
  readonly order: readonly number[];
  readonly physical: readonly number[];
}

function layoutOf({ type, shape, order, source }: Traced): Layout {
  return { type, shape, order, physical: source.shape };
}

function liesAs(value: Traced, layout: Layout): boolean {
  return (
    value.type === layout.type &&
    sameNumbers(value.shape, layout.shape) &&
    sameNumbers(value.order, layout.order) &&
    sameNumbers(value.source.shape, layout.physical)
  );
}

/** Where an input of a program, or a result that is not computed, comes from. */
type Origin =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'variable'; readonly variable: tfjs.Variable }
  | { readonly kind: 'drawn'; readonly draw: () => Float32Array }
  | { readonly kind: 'fixed'; readonly source: Source };

/** Where a result or the new value of a variable comes from. */
type Outcome = { readonly layout: Layout } & ({ readonly output: number } | { readonly origin: Origin });

/** The state of all variables before and after a trace, and what was traced between. */
function record(
  step: StepFunction,
  inputs: readonly tfjs.Tensor[],
  backend: OnnxRuntimeBackend,
  tf: CompilingTensorFlow,
): { recording: Recording | undefined; results: tfjs.Tensor[] } {
  const { executor } = backend;
  // What is pending belongs to others.
  executor.flushInBackground();
  const origins = new Map<Source, Origin>();
  const before = new Map<tfjs.Variable, Traced>();
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    const value = backend.tracedIfOwn(variable);
    if (value === undefined) continue;
    before.set(variable, value);
    origins.set(rootOf(value.source), { kind: 'variable', variable });
  }
  inputs.forEach((input, index) => {
    origins.set(rootOf(backend.traced(input).source), { kind: 'input', index });
  });
  const inputLayouts = inputs.map((input) => layoutOf(backend.traced(input)));

  const results = tf.tidy(() => step(...inputs));

  const originOf = (source: Source): Origin => {
    const root = rootOf(source);
    const draw = drawnBy(root);
    return origins.get(root) ?? (draw === undefined ? { kind: 'fixed', source } : { kind: 'drawn', draw });
  };
  const program = programOf(executor.graph.take(), (source) => originOf(source).kind === 'fixed');
  const isNew = (variable: tfjs.Variable): boolean =>
    !before.has(variable) && backend.tracedIfOwn(variable) !== undefined;
  if (Object.values(tf.engine().registeredVariables).some(isNew)) {
    // The first step of an optimizer makes its moments: the next trace finds them, and can be replayed.
    if (program !== undefined) executor.start(program, program.inputs, program.outputs);
    return { recording: undefined, results };
  }
  const outcomeOf = (value: Traced): Outcome => {
    const output = program?.outputs.indexOf(value.source) ?? -1;
    const layout = layoutOf(value);
    return output >= 0 ? { layout, output } : { layout, origin: originOf(value.source) };
  };
  const written = [...before].flatMap(([variable, old]) => {
    const value = backend.traced(variable);
    return value.source === old.source ? [] : [{ variable, outcome: outcomeOf(value) }];
  });
  const returned = results.map((result) => outcomeOf(backend.traced(result)));
  const accounted = new Set([...written.map(({ outcome }) => outcome), ...returned].map(outputOf));
  if (program?.outputs.some((_, output) => !accounted.has(output)) === true) {
    throw new Error(
      'onnxruntime backend: a compiled step keeps a tensor that it neither returns nor assigns to a variable; dispose it, or return it',
    );
  }
  const origin = program?.inputs.map((source) => ({ origin: originOf(source), shape: source.shape })) ?? [];
  const read = new Set(origin.flatMap(({ origin }) => (origin.kind === 'variable' ? [origin.variable] : [])));
  const variables = [...before].filter(([variable]) => read.has(variable));
  const layouts = variables.map(([variable, value]) => ({ variable, layout: layoutOf(value) }));
  const recording = new Recording(backend, tf, program, origin, inputLayouts, layouts, written, returned);
  if (program !== undefined) executor.start(program, program.inputs, program.outputs);
  return { recording, results };
}

function outputOf(outcome: Outcome): number {
  return 'output' in outcome ? outcome.output : -1;
}

/** One trace of a step, to be run again. */
class Recording {
  constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly tf: CompilingTensorFlow,
    private readonly program: Program | undefined,
    private readonly feeds: readonly { readonly origin: Origin; readonly shape: readonly number[] }[],
    private readonly inputs: readonly Layout[],
    private readonly variables: readonly { readonly variable: tfjs.Variable; readonly layout: Layout }[],
    private readonly written: readonly { readonly variable: tfjs.Variable; readonly outcome: Outcome }[],
    private readonly returned: readonly Outcome[],
  ) {}

  /** Whether inputs and variables lie as they did when the step was traced. */
  fits(inputs: readonly tfjs.Tensor[]): boolean {
    if (inputs.length !== this.inputs.length) return false;
    if (!inputs.every((input, i) => liesAs(this.backend.traced(input), this.inputs[i]!))) return false;
    return this.variables.every(
      ({ variable, layout }) => !variable.isDisposed && liesAs(this.backend.traced(variable), layout),
    );
  }

  replay(inputs: readonly tfjs.Tensor[]): tfjs.Tensor[] {
    const { backend, program } = this;
    backend.executor.flushInBackground();
    const sourceOf = (origin: Origin): Source => {
      switch (origin.kind) {
        case 'input':
          return backend.traced(inputs[origin.index]!).source;
        case 'variable':
          return backend.traced(origin.variable).source;
        case 'drawn':
          return backend.fed(origin.draw());
        case 'fixed':
          return origin.source;
      }
    };
    const feeds = this.feeds.map(({ origin, shape }) => reshaped(sourceOf(origin), shape));
    const outputs = program?.outputs.map(({ type, shape }) => new Source(type, shape, { kind: 'dropped' })) ?? [];
    const make = ({ layout, ...outcome }: Outcome): tfjs.Tensor => {
      const { type, shape, order, physical } = layout;
      const source =
        'output' in outcome ? outputs[outcome.output]! : reshaped(rootOf(sourceOf(outcome.origin)), physical);
      const info = backend.register({ source, type: type as Traced['type'], shape, order });
      return this.tf.engine().makeTensorFromTensorInfo(info, backend);
    };
    const values = this.written.map(({ outcome }) => make(outcome));
    const results = this.returned.map(make);
    if (program !== undefined) backend.executor.start(program, feeds, outputs);
    this.written.forEach(({ variable }, i) => {
      variable.assign(values[i]!);
      values[i]!.dispose();
    });
    return results;
  }
}

function reshaped(source: Source, shape: readonly number[]): Source {
  if (sameNumbers(source.shape, shape)) return source;
  return new Source(source.type, shape, { kind: 'alias', of: source });
}
