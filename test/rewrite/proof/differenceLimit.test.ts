/** @file What the proof takes for rounding follows what the network computes in. */
import { expect, test } from 'vitest';
import { replaceTensors } from '../../../src/graph/replaceTensors.js';
import { DataType } from '../../../src/onnx/dataType.js';
import type { ModelProto, TensorProto } from '../../../src/onnx/messages.js';
import { createTensor, tensorFloats } from '../../../src/onnx/tensorData.js';
import { tensorShape } from '../../../src/onnx/tensorSize.js';
import { withoutRounding } from '../../../src/ops/quantization/withoutRounding.js';
import { createRng } from '../../../src/random/rng.js';
import { applyPlan } from '../../../src/rewrite/applyPlan.js';
import { differenceLimit, LARGEST_DIFFERENCE } from '../../../src/rewrite/proof/differenceLimit.js';
import { maskedReference } from '../../../src/rewrite/proof/maskedReference.js';
import { verifyRewrite } from '../../../src/rewrite/proof/verifyRewrite.js';
import { takeAlong } from '../../../src/rewrite/takeAlong.js';
import { relativeDifference } from '../../../src/runtime/relativeDifference.js';
import { tensor } from '../../../src/runtime/session.js';
import { analyze, groupAt } from '../../support/analyze.js';
import { expectCutLaw, expectWidenLaw } from '../../support/expectLaw.js';
import { floats, inputOf, integers, modelOf, node, type WeightSketch } from '../../support/modelOf.js';
import { randomCut } from '../../support/randomPlan.js';
import { runModel } from '../../support/runModel.js';
import { toFloat16 } from '../../support/toFloat16.js';

/** Sums of so many terms are taken in blocks, so that those of a cut network are taken in another order. */
const WIDTH = 600;

/** Three products, with what `around` puts on each activation. */
function products(
  around: (value: string) => readonly ReturnType<typeof node>[],
  weights: Record<string, WeightSketch> = {},
) {
  return modelOf({
    inputs: { x: ['N', 20, 24] },
    weights: { w1: [24, WIDTH], w2: [WIDTH, WIDTH], w3: [WIDTH, 5], ...weights },
    nodes: [
      node('MatMul', ['x', 'w1'], 'a'),
      ...around('a'),
      node('MatMul', ['a1', 'w2'], 'b'),
      ...around('b'),
      node('MatMul', ['b1', 'w3'], 'y'),
    ],
    outputs: ['y'],
  });
}

const relu = (value: string) => [node('Relu', [value], `${value}1`)];
const rounded = (value: string) => [
  node('QuantizeLinear', [value, 'scale', 'zero'], `${value}Integers`),
  node('DequantizeLinear', [`${value}Integers`, 'scale', 'zero'], `${value}1`),
];
const scale = { scale: floats([0.02], []), zero: createTensor('', DataType.INT8, [], new Uint8Array([3])) };

test('float32, in and out of a network that computes in float16, is held to what float16 leaves', async () => {
  const inside = toFloat16(products(relu)).graph!;
  const model = modelOf({
    inputs: { x: ['N', 20, 24] },
    weights: Object.fromEntries(inside.initializer.map((weight) => [weight.name!, weight])),
    nodes: [
      node('Cast', ['x'], 'half', { to: DataType.FLOAT16 }),
      ...inside.node.map((given) => ({ ...given, input: given.input.map((name) => (name === 'x' ? 'half' : name)) })),
      node('Cast', ['y'], 'out', { to: DataType.FLOAT }),
    ],
    outputs: ['out'],
  });
  const analysis = await analyze(model);
  expect(differenceLimit(analysis.model)).toBe(4e-3);
  await expectCutLaw(analysis, 1, 4e-3);
});

test('the scale of attention in float16 stays the number that it was', async () => {
  const model = modelOf({
    inputs: { x: ['N', 5, 24] },
    weights: { w1: [24, 16], q: [16, 12], k: [16, 12], out: [16, 3], i2: integers([2], []) },
    nodes: [
      node('MatMul', ['x', 'w1'], 'a'),
      node('MatMul', ['a', 'q'], 'query'),
      node('MatMul', ['a', 'k'], 'key'),
      node('Transpose', ['key'], 'columns', { perm: [0, 2, 1] }),
      node('MatMul', ['query', 'columns'], 'scores'),
      // 1 ∕ √d, as it is read from the shape.
      node('Shape', ['query'], 'shape'),
      node('Gather', ['shape', 'i2'], 'd'),
      node('Cast', ['d'], 'half', { to: DataType.FLOAT16 }),
      node('Sqrt', ['half'], 'root'),
      node('Div', ['scores', 'root'], 'scaled'),
      node('Softmax', ['scaled'], 'soft', { axis: -1 }),
      node('MatMul', ['soft', 'a'], 'mixed'),
      node('MatMul', ['mixed', 'out'], 'y'),
    ],
    outputs: ['y'],
  });
  const analysis = await analyze(toFloat16(model));
  const { units } = groupAt(analysis, 'query', 2);
  const copies = new Int32Array(analysis.unitCount).fill(1);
  for (const unit of units.slice(3)) copies[unit] = 0;
  const reference = maskedReference(analysis, { copies });
  const { maxRelativeDifference } = await verifyRewrite(
    analysis.model,
    reference,
    await applyPlan(analysis, { copies }),
    createRng(1),
  );
  expect(maxRelativeDifference).toBeLessThan(4e-3);
});

test('weights that are only stored in float16 do not make the proof coarse', async () => {
  const stored = toFloat16(products(relu)).graph!.initializer.find(({ name }) => name === 'w1')!;
  const model = products(relu, { w1: stored });
  const graph = model.graph!;
  const cast = [node('Cast', ['w1'], 'wide', { to: DataType.FLOAT })];
  const read = graph.node.map((given) => ({
    ...given,
    input: given.input.map((name) => (name === 'w1' ? 'wide' : name)),
  }));
  const analysis = await analyze({ ...model, graph: { ...graph, node: [...cast, ...read] } });
  expect(differenceLimit(analysis.model)).toBe(1e-5);
});

test('float64 is held to what float64 leaves', async () => {
  const single = products(relu);
  const weights = new Map(
    single.graph!.initializer.map((weight) => {
      const doubles = Float64Array.from(tensorFloats(weight));
      const dims = weight.dims.map(Number);
      return [weight.name!, createTensor(weight.name!, DataType.DOUBLE, dims, new Uint8Array(doubles.buffer))] as const;
    }),
  );
  const model = replaceTensors(single, weights);
  const input = [inputOf('x', ['N', 20, 24], DataType.DOUBLE)];
  const analysis = await analyze({ ...model, graph: { ...model.graph!, input } });
  expect(differenceLimit(analysis.model)).toBe(1e-10);
  await expectCutLaw(analysis, 1, 1e-10);
  await expectWidenLaw(analysis, 1, 1e-10);
});

test('a step of an activation that is rounded to integers is no difference', async () => {
  const analysis = await analyze(products(rounded, scale));
  const { model } = analysis.model.graph;
  const verify = (weight: TensorProto) =>
    verifyRewrite(analysis.model, model, replaceTensors(model, new Map([['w2', weight]])), createRng(3));
  const w2 = model.graph!.initializer.find(({ name }) => name === 'w2')!;
  // In the last bit or two, as by sums in another order.
  const nudged = scaled(w2, 1 + 3e-7);
  expect((await verify(nudged)).maxRelativeDifference).toBeLessThan(1e-6);
  await expect(verify(scaled(w2, 1.001))).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN' });

  const feeds = { x: tensor('float32', noise(100 * 20 * 24), [100, 20, 24]) };
  const [wanted, given] = [
    await runModel(model, feeds),
    await runModel(replaceTensors(model, new Map([['w2', nudged]])), feeds),
  ];
  expect(relativeDifference(given.y!.data as Float32Array, wanted.y!.data as Float32Array)).toBeGreaterThan(1e-5);
});

test('where the last places of weights decide, a cut is held to what they make, and no more', async () => {
  const w2 = floats(
    Array.from({ length: WIDTH * 5 }, (_, i) => 1 + Math.sin(i)),
    [WIDTH, 5],
  );
  const model = modelOf({
    inputs: { x: ['N', 24] },
    weights: { w1: [24, WIDTH], w2, w3: { ...scaled(w2, 1 + 2e-4), name: '' } },
    nodes: [
      node('MatMul', ['x', 'w1'], 'a'),
      node('Relu', ['a'], 'a1'),
      node('MatMul', ['a1', 'w2'], 'b'),
      node('MatMul', ['a1', 'w3'], 'c'),
      node('Sub', ['b', 'c'], 'y'),
    ],
    outputs: ['y'],
  });
  const analysis = await analyze(model);
  const plan = randomCut(analysis, createRng(2));
  const cut = await applyPlan(analysis, plan);
  const verify = (result: ModelProto) =>
    verifyRewrite(analysis.model, maskedReference(analysis, plan), result, createRng(3));
  const { maxRelativeDifference } = await verify(cut);
  expect(maxRelativeDifference).toBeGreaterThan(LARGEST_DIFFERENCE);
  // One channel of the one product in place of another.
  const w3 = cut.graph!.initializer.find(({ name }) => name === 'w3')!;
  const [width] = tensorShape(w3);
  const swapped = takeAlong(w3, new Map([[0, [1, 0, ...Array.from({ length: width! - 2 }, (_, i) => i + 2)]]]));
  const wrong = replaceTensors(cut, new Map([['w3', { ...swapped, name: 'w3' }]]));
  await expect(verify(wrong)).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN' });
});

test('scales by position are compared', async () => {
  const each: WeightSketch = { dims: [WIDTH], from: 0.01, to: 0.03 };
  const zero = createTensor('', DataType.INT8, [WIDTH], new Uint8Array(WIDTH));
  const model = products(rounded, { scale: each, zero });
  expect(withoutRounding(model, model)).toEqual(model);
});

function scaled(weight: TensorProto, factor: number): TensorProto {
  const numbers = Array.from(tensorFloats(weight), (x) => x * factor);
  return { ...floats(numbers, tensorShape(weight)), name: weight.name! };
}

function noise(size: number): Float32Array {
  const rng = createRng(7);
  return Float32Array.from({ length: size }, () => rng.normal());
}
