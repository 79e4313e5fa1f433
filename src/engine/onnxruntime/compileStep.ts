import * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.js';
import { drawFrom, drawnBy } from './drawn.js';
import { programOf } from './program.js';
import type { DrawingTensorFlow } from './random/recogniseDraw.js';
import { type RandomSource, randomSource, watchRandom } from './random/watchRandom.js';
import { layoutOf, layoutsKey, type Origin, type Outcome, Recording } from './recording.js';
import { registeredBackend } from './registeredBackend.js';
import { rootOf, type Source } from './source.js';
import type { Traced } from './traced.js';

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
export type CompilingTensorFlow = Pick<typeof tfjs, 'engine'> & DrawingTensorFlow;

export interface CompileOptions {
  /** Makes what tf.js draws within the step the same in every process. */
  readonly seed?: number;
  readonly tf?: CompilingTensorFlow;
}

/**
 * Makes a step that is traced once for every shape of its inputs, and then replayed without tracing.
 *
 * The function must depend on its inputs, on variables and on random tensors alone: all other numbers are taken for
 * constants. What tf.js draws itself (tf.dropout, tf.randomUniform, tf.randomNormal, tf.truncatedNormal) is drawn anew
 * at every run, and so are `drawn` tensors; a step that draws by JavaScript's own generator for anything else is traced
 * at every run. It may leave nothing behind but its results, what it assigned to variables, and variables that it made:
 * a step that makes some is traced once more.
 *
 * @example
 * const step = compileStep((x, y) => {
 *   const { value, grads } = tf.variableGrads(() => loss(model(x), y));
 *   optimizer.applyGradients(grads);
 *   return [value];
 * });
 * const [loss] = step.run([x, y]);
 */
export function compileStep(step: StepFunction, { seed, tf = tfjs }: CompileOptions = {}): CompiledStep {
  const recordings: Recording[] = [];
  /** Programs that were traced and not replayed, by the layouts of the inputs. */
  const once = new Map<string, string>();
  const counts = { traces: 0, replays: 0 };
  const random = randomSource(seed, () => counts.traces + counts.replays);
  const run = (inputs: readonly tfjs.Tensor[]): tfjs.Tensor[] => {
    const backend = registeredBackend(tf);
    if (backend === undefined) throw new Error("onnxruntime backend: set it up before 'compileStep'");
    const known = recordings.find((recording) => recording.fits(inputs));
    if (known !== undefined) {
      counts.replays++;
      if (once.get(known.inputsKey) === known.key) once.delete(known.inputsKey);
      return known.replay(inputs);
    }
    const lie = layoutsKey(inputs.map((input) => layoutOf(backend.traced(input))));
    counts.traces++;
    const { recording, results, key } = record(step, inputs, backend, tf, random, once.get(lie));
    if (key !== undefined) once.set(lie, key);
    if (once.size > mostRecordings) once.delete([...once.keys()][0]!);
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

/** The state of all variables before and after a trace, and what was traced between. */
function record(
  step: StepFunction,
  inputs: readonly tfjs.Tensor[],
  backend: OnnxRuntimeBackend,
  tf: CompilingTensorFlow,
  random: RandomSource,
  former: string | undefined,
): { recording: Recording | undefined; results: tfjs.Tensor[]; key: string | undefined } {
  const { executor } = backend;
  // What is pending belongs to others.
  executor.flushInBackground();
  const origins = new Map<Source, Origin>();
  const before = new Map<tfjs.Variable, Traced>();
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    const value = ownNumbers(variable, backend, tf);
    if (value === undefined) continue;
    before.set(variable, value);
    origins.set(rootOf(value.source), { kind: 'variable', variable });
  }
  inputs.forEach((input, index) => {
    origins.set(rootOf(backend.traced(input).source), { kind: 'input', index });
  });
  const inputLayouts = inputs.map((input) => layoutOf(backend.traced(input)));

  const { results, isAccounted } = traced(() => tf.tidy(() => step(...inputs)), backend, tf, random);

  const originOf = (source: Source): Origin => {
    const root = rootOf(source);
    const known = origins.get(root);
    if (known !== undefined) return known;
    const draw = drawnBy(root);
    if (draw === undefined) return { kind: 'fixed', source };
    const origin: Origin = { kind: 'drawn', draw };
    origins.set(root, origin);
    return origin;
  };
  const program = programOf(executor.graph.take(), (source) => isAccounted && originOf(source).kind === 'fixed');
  const key = program?.key;
  // Not two at a time of the largest thing there is: memory for the intermediate values of a step.
  if (former !== undefined && former !== key) executor.forget(former);
  const isNew = (variable: tfjs.Variable): boolean =>
    !before.has(variable) && backend.tracedIfOwn(variable) !== undefined;
  if (!isAccounted || Object.values(tf.engine().registeredVariables).some(isNew)) {
    // The first step of an optimizer makes its moments: the next trace finds them, and can be replayed.
    if (program !== undefined) executor.start(program, program.inputs, program.outputs);
    return { recording: undefined, results, key };
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
  return { recording, results, key };
}

/** The numbers of a variable. Those that tf.fill gave would be embedded as a constant, so they become its own. */
function ownNumbers(variable: tfjs.Variable, backend: OnnxRuntimeBackend, tf: CompilingTensorFlow): Traced | undefined {
  const value = backend.tracedIfOwn(variable);
  if (value === undefined || rootOf(value.source).state.kind !== 'constant') return value;
  const numbers = variable.dataSync().slice();
  const made = tf.engine().makeTensor(numbers, variable.shape, variable.dtype, backend);
  variable.assign(made);
  made.dispose();
  return backend.traced(variable);
}

function outputOf(outcome: Outcome): number {
  return 'output' in outcome ? outcome.output : -1;
}

/** Calls a function and watches what it draws. */
function traced(
  call: () => tfjs.Tensor[],
  backend: OnnxRuntimeBackend,
  tf: DrawingTensorFlow,
  random: RandomSource,
): { results: tfjs.Tensor[]; isAccounted: boolean } {
  const watch = watchRandom(random, tf);
  backend.onMade = (source, numbers, shape) => {
    const draw = watch.made(numbers, shape);
    if (draw !== undefined) drawFrom(source, draw);
  };
  try {
    const results = call();
    return { results, isAccounted: watch.isAccounted };
  } finally {
    backend.onMade = undefined;
    watch.end();
  }
}
