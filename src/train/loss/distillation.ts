/** @file Training against what the original gives for the same samples, so that no labels are needed. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { trainErrors } from '../../errors/trainErrors.js';
import type { Value } from '../../graph/graph.js';
import { DataType } from '../../onnx/dataType.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Tf } from '../../ops/opDef.js';
import { classLogits, rowsOf } from './classLogits.js';
import { agreementOf, meanCrossEntropy } from './crossEntropy.js';
import { meanSquare } from './elementLosses.js';
import type { Loss, Objective } from './objective.js';

/** How outputs are compared: each by what it is, all as logits where they may be some, or all by squares. */
export type Distillation = 'auto' | 'kl' | 'mse';

/** One output, and how it is compared with the original's. */
export interface DistilledOutput {
  /** Name of the graph output. */
  readonly output: string;
  /** Name of the value of the original that the teacher gives: the output, or the logits behind it. */
  readonly value: string;
  /** `open` where what the original gives must tell whether they are logits or numbers. */
  readonly kind: 'kl' | 'mse' | 'open';
  /** Axes of the classes, where there may be some. */
  readonly axes: readonly number[];
}

/**
 * How each output is compared. By default (`auto`): what comes out of a Softmax or LogSoftmax by its logits; [N, K] with
 * K > 1 that is the only output as {@link decided}; all else by squares. `kl` takes all outputs for logits that may be
 * some (classes along axis 1), `mse` none. Outputs that are no floats are left out.
 *
 * @throws TRAIN_NO_FLOAT_OUTPUT
 */
export function distilledOutputs(bound: BoundModel, how: Distillation): readonly DistilledOutput[] {
  const outputs = floatOutputs(bound);
  if (outputs.length === 0) throw trainErrors.noFloatOutput(bound.graph.outputs.map(({ name }) => name));
  return outputs.map((output) => {
    const logits = classLogits(bound, output);
    const mayBeLogits = bound.graph.outputs.length === 1 && bound.typeOf(output).dims.length === 2;
    if (logits !== undefined && (how === 'kl' || (how === 'auto' && logits.isSure)))
      return { output: output.name, value: logits.value.name, kind: 'kl', axes: logits.axes };
    if (logits !== undefined && how === 'auto' && mayBeLogits)
      return { output: output.name, value: output.name, kind: 'open', axes: logits.axes };
    return { output: output.name, value: output.name, kind: 'mse', axes: [] };
  });
}

/** What is seen of an output. */
export interface Spread {
  /** Of all its elements; their mean square where they are all the same. */
  readonly variance: number;
  /** Variance of the mean over a sample's elements, in parts of what it were if they were independent. */
  readonly shared: number;
}

/** Independent numbers have 1, the logits of classifiers 0.01 to 0.02. */
const LARGEST_SHARED = 0.25;

/**
 * [N, K] that may be logits or numbers is taken for logits where what is common to the K elements of a sample hardly
 * varies: a softmax does not see it, so that a classifier has no use for it, and divergence would not hold it.
 */
export function decided(output: DistilledOutput, { shared }: Spread): DistilledOutput {
  return output.kind === 'open' ? { ...output, kind: shared < LARGEST_SHARED ? 'kl' : 'mse' } : output;
}

const FLOATS: ReadonlySet<number> = new Set([DataType.FLOAT, DataType.FLOAT16, DataType.DOUBLE]);

/** Outputs that are floats. */
export function floatOutputs({ graph, hasType, typeOf }: BoundModel): readonly Value[] {
  return graph.outputs.filter((output) => hasType(output) && FLOATS.has(typeOf(output).dataType));
}

/**
 * Beside T², large logits make long gradients: of a plain network whose logits spread by 8, all hidden units were dead
 * within an epoch without it. With 3, gates on a Fashion-MNIST ResNet at rate 0.1 and T = 3 killed half of the classes
 * for good; with 1.5 and 1 they did not.
 */
const CLIP_NORM = 1.5;

export interface DistillationOptions {
  /** T: both distributions are softened by it, `softmax(x / T)`. */
  readonly temperature: number;
  /** By output: what squares are divided by. */
  readonly scales: readonly number[];
}

/**
 * The mean over all outputs of `T² · KL(softmax(t / T) ‖ softmax(x / T))`, or of `mean((x − t)²) / scale`.
 *
 * @see Hinton et al., Distilling the Knowledge in a Neural Network, 2015, arXiv 1503.02531
 */
export function distillationLoss(outputs: readonly DistilledOutput[], options: DistillationOptions): Loss {
  const measures = outputs[0]?.kind === 'kl' ? ['agreement'] : [];
  return { name: 'distill', measures, clipNorm: CLIP_NORM, on: (bound) => objectiveOn(bound, outputs, options) };
}

function objectiveOn(
  bound: BoundModel,
  outputs: readonly DistilledOutput[],
  { temperature, scales }: DistillationOptions,
): Objective {
  const values = outputs.map(({ output, kind }) => {
    const value = bound.graph.value(output)!;
    return kind === 'kl' ? classLogits(bound, value)!.value : value;
  });
  return {
    values,
    inputCount: outputs.length,
    inputs: (tf, { teacher }) => (teacher ?? []).map(({ data, shape }) => tf.tensor(data, [...shape], 'float32')),
    evaluate: (tf, given, taught) => {
      const rows = outputs.map(({ kind, axes }, i) =>
        kind === 'kl' ? [given[i]!, taught[i]!].map((logits) => rowsOf(tf, logits, axes)) : [],
      );
      const losses = outputs.map(({ kind }, i) => {
        const [x, t] = [given[i]!, taught[i]!];
        if (kind !== 'kl') return tf.div(meanSquare(tf, x, tf.reshape(t, x.shape)), scales[i]!);
        return softened(tf, rows[i]![0]!, rows[i]![1]!, temperature);
      });
      const loss = (losses.length === 1 ? losses[0]! : tf.div(tf.addN(losses), losses.length)) as Scalar;
      const [a, b] = rows[0]!;
      return { loss, measures: outputs[0]!.kind === 'kl' ? { agreement: agreementOf(tf, a!, b!) } : {} };
    },
  };
}

/**
 * `T² · KL(softmax(t / T) ‖ softmax(x / T))`, the mean over rows. T² makes up for the gradients, which shrink with it.
 *
 * @param logits x, [R, K]
 * @param taught t, [R, K]
 */
export function softened(tf: Tf, logits: Tensor, taught: Tensor, temperature: number): Scalar {
  const soft = tf.div(taught, temperature);
  const targets = tf.softmax(soft);
  const entropy = meanCrossEntropy(tf, soft, targets);
  const cross = meanCrossEntropy(tf, tf.div(logits, temperature), targets);
  return tf.mul(tf.sub(cross, entropy), temperature ** 2) as Scalar;
}
