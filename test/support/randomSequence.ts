/** @file Random nets over sequences: attention, recurrence, normalisations, embeddings, by a recipe that prints as JSON. */
import fc from 'fast-check';
import { makeTensorType } from '../../src/graph/make.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { modelOf } from './modelOf.js';
import { NetBuilder } from './netBuilder.js';
import { type Rows, SEQUENCE_STEPS, type SequenceStep, sequenceStep } from './sequenceSteps.js';
import { toFloat16 } from './toFloat16.js';

export interface SequenceRecipe {
  readonly seed: number;
  readonly width: number;
  /** Token numbers that an embedding is gathered for, instead of rows of floats. */
  readonly tokens: boolean;
  /** The length of the sequence is free. */
  readonly free: boolean;
  readonly half: boolean;
  readonly steps: readonly SequenceStep[];
  readonly pooled: boolean;
}

const choice = fc.nat(60);

export const sequenceRecipes: fc.Arbitrary<SequenceRecipe> = fc.record({
  seed: fc.nat(1000),
  width: fc.integer({ min: 1, max: 8 }),
  tokens: fc.boolean(),
  free: fc.boolean(),
  half: fc.nat(9).map((n) => n === 0),
  steps: fc.array(
    fc.record({ kind: fc.constantFrom(...SEQUENCE_STEPS), choices: fc.tuple(choice, choice, choice, choice) }),
    { minLength: 1, maxLength: 6 },
  ),
  pooled: fc.boolean(),
});

export const LENGTH = 4;
const TOKENS = 5;

/** Builds the net of a recipe; any recipe gives a valid one. */
export function sequenceNet({ seed, width, tokens, free, half, steps, pooled }: SequenceRecipe): ModelProto {
  const net = new NetBuilder();
  const start = tokens
    ? net.one('Gather', [net.stored([TOKENS, width]), 'x'])
    : net.one('MatMul', ['x', net.stored([2, width])]);
  const values: Rows[] = [{ name: start, channels: width }];
  for (const step of steps) {
    // DequantizeLinear gives float16 from opset 19 on.
    const kind = half && step.kind === 'quantized' ? 'dense' : step.kind;
    values.push(sequenceStep(net, { ...step, kind }, values));
  }
  const { name, channels } = values.at(-1)!;
  const last = pooled ? net.one('ReduceMean', [name], { axes: [1], keepdims: 0 }) : name;
  const y = net.one('MatMul', [last, net.stored([channels, 3])]);
  const length = free ? 'T' : LENGTH;
  const typed = createMessage('ValueInfoProto', { name: 'x', type: makeTensorType(DataType.INT64, ['N', length]) });
  const model = modelOf({
    inputs: tokens ? {} : { x: ['N', length, 2] },
    typedInputs: tokens ? [typed] : [],
    outputs: [y],
    nodes: net.nodes,
    weights: net.weights,
    seed,
  });
  return half ? toFloat16(model) : model;
}
