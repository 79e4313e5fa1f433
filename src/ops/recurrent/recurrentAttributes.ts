import type { Attributes } from '../attributes.js';

export interface RecurrentAttributes {
  readonly direction: string;
  /** 1 has the batch first; ONNX Runtime's kernels refuse it. */
  readonly layout: number;
  /** Names in lower case, those of the second direction after the first's; the defaults where there are none. */
  readonly activations: readonly string[];
  /** Why it has no form in tf.js. */
  readonly untrainable: string | undefined;
}

/** Activations that have a form in tf.js; they read no alpha or beta. */
const TRAINABLE = new Set(['sigmoid', 'tanh', 'relu']);

/** @param defaults activations of one direction */
export function recurrentAttributes(raw: Attributes, defaults: readonly string[]): RecurrentAttributes {
  raw.ignore('hidden_size', 'activation_alpha', 'activation_beta', 'output_sequence');
  const activations = (raw.strings('activations') ?? [...defaults, ...defaults]).map((name) => name.toLowerCase());
  const layout = raw.integer('layout', 0);
  const isClipped = raw.float('clip') !== undefined;
  const strange = activations.find((name) => !TRAINABLE.has(name));
  const untrainable =
    strange !== undefined
      ? `its activation '${strange}' has no form in tf.js`
      : isClipped
        ? 'it clips what goes into its activations'
        : undefined;
  return { direction: raw.string('direction', 'forward'), layout, activations, untrainable };
}
