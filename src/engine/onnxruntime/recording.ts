import type * as tfjs from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.js';
import type { Program } from './program.js';
import { rootOf, Source } from './source.js';
import { sameNumbers, type Traced } from './traced.js';

/** How a value lies: a program fits values that lie as those that it was traced with. */
export interface Layout {
  readonly type: string;
  readonly shape: readonly number[];
  readonly order: readonly number[];
  readonly physical: readonly number[];
}

export function layoutOf({ type, shape, order, source }: Traced): Layout {
  return { type, shape, order, physical: source.shape };
}

/** Names layouts. */
export function layoutsKey(layouts: readonly Layout[]): string {
  return JSON.stringify(layouts);
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
export type Origin =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'variable'; readonly variable: tfjs.Variable }
  | { readonly kind: 'drawn'; readonly draw: () => Float32Array }
  | { readonly kind: 'fixed'; readonly source: Source };

/** Where a result or the new value of a variable comes from. */
export type Outcome = { readonly layout: Layout } & ({ readonly output: number } | { readonly origin: Origin });

/** One trace of a step, to be run again. */
export class Recording {
  readonly inputsKey: string;

  constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly tf: Pick<typeof tfjs, 'engine'>,
    private readonly program: Program | undefined,
    private readonly feeds: readonly { readonly origin: Origin; readonly shape: readonly number[] }[],
    private readonly inputs: readonly Layout[],
    private readonly variables: readonly { readonly variable: tfjs.Variable; readonly layout: Layout }[],
    private readonly written: readonly { readonly variable: tfjs.Variable; readonly outcome: Outcome }[],
    private readonly returned: readonly Outcome[],
  ) {
    this.inputsKey = layoutsKey(inputs);
  }

  /** The structure of what it runs. */
  get key(): string | undefined {
    return this.program?.key;
  }

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
    const drawnNow = new Map<Origin, Source>();
    const sourceOf = (origin: Origin): Source => {
      switch (origin.kind) {
        case 'input':
          return backend.traced(inputs[origin.index]!).source;
        case 'variable':
          return backend.traced(origin.variable).source;
        case 'drawn': {
          const numbers = drawnNow.get(origin) ?? backend.fed(origin.draw());
          drawnNow.set(origin, numbers);
          return numbers;
        }
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
