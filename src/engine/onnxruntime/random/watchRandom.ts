import { numberStream } from './numberStream.js';
import { type Draw, type DrawingTensorFlow, recogniseDraw } from './recogniseDraw.js';

/** Where the random numbers of a step come from: `Math.random`, or a seed, the number of the run and of the call. */
export interface RandomSource {
  number(call: number): number;
}

/** @param run the number of the present run */
export function randomSource(seed: number | undefined, run: () => number): RandomSource {
  // tf.js takes 0 for no seed.
  return { number: (call) => (seed === undefined ? Math.random() : numberStream(seed, run(), call)()) || 2 ** -53 };
}

/** What a step has drawn by `Math.random` while it was traced. */
export interface RandomWatch {
  /** To be told of each tensor that is made from numbers. @returns what draws its numbers anew */
  made(numbers: unknown, shape: readonly number[]): (() => Float32Array) | undefined;
  /** Whether all that was drawn went into tensors that can be drawn anew. */
  readonly isAccounted: boolean;
  /** Ends the watch. */
  end(): void;
}

/**
 * Stands in for `Math.random` until it ends: tf.js takes from there the seed of each random tensor, the noise of
 * tf.dropout among them.
 */
export function watchRandom(source: RandomSource, tf: DrawingTensorFlow): RandomWatch {
  const original = Math.random;
  let calls = 0;
  let open: { readonly call: number; readonly seed: number }[] = [];
  let lost = false;
  const watched = (): number => {
    Math.random = original;
    const seed = source.number(calls);
    Math.random = watched;
    open.push({ call: calls++, seed });
    return seed;
  };
  Math.random = watched;
  const drawAnew = (draw: Draw, call: number) => () => draw(source.number(call));
  return {
    made(numbers, shape) {
      if (open.length === 0) return undefined;
      const [first, ...others] = open;
      open = [];
      // Drawing again makes tensors, too: they are not to be recognised.
      const draw =
        others.length === 0 && numbers instanceof Float32Array
          ? recogniseDraw(tf, numbers, shape, first!.seed)
          : undefined;
      if (draw === undefined) lost = true;
      return draw === undefined ? undefined : drawAnew(draw, first!.call);
    },
    get isAccounted() {
      return !lost && open.length === 0;
    },
    end() {
      Math.random = original;
    },
  };
}
