import { describe, expect, it } from 'vitest';
import { DataType } from '../../../src/onnx/dataType.js';
import type { ModelProto } from '../../../src/onnx/messages.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { createRng } from '../../../src/random/rng.js';
import { unchangedPlan } from '../../../src/rewrite/plan/plan.js';
import { heldNodes } from '../../../src/rewrite/proof/heldNodes.js';
import { verifyRewrite } from '../../../src/rewrite/proof/verifyRewrite.js';
import { analyze } from '../../support/analyze.js';
import { floats, integers, type ModelSketch, modelOf, node } from '../../support/modelOf.js';

/** x → Conv (cut) → Conv a → ×scale → Floor steps → Mul with a → Conv y. */
const STEPS: ModelSketch = {
  inputs: { x: ['N', 2, 6, 6] },
  weights: { w1: [6, 2, 3, 3], w2: [3, 6, 1, 1], w3: [2, 3, 1, 1], scale: floats([1e8]) },
  nodes: [
    node('Conv', ['x', 'w1'], 'c1'),
    node('Conv', ['c1', 'w2'], 'a'),
    node('Mul', ['a', 'scale'], 'large'),
    node('Floor', ['large'], 'steps'),
    node('Sin', ['steps'], 'wave'),
    node('Mul', ['a', 'wave'], 'product'),
    node('Conv', ['product', 'w3'], 'y'),
  ],
  outputs: ['y'],
};

/** The same model with other weights in one tensor, by a millionth of their size or altogether. */
function changed(sketch: ModelSketch, name: string, by: 'rounding' | 'all'): ModelProto {
  const model = modelOf(sketch);
  const other = modelOf({ ...sketch, seed: 2 });
  const initializer = model.graph!.initializer.map((tensor, i) => {
    if (tensor.name !== name) return tensor;
    if (by === 'all') return other.graph!.initializer[i]!;
    const bytes = Uint8Array.from(tensor.rawData as Uint8Array);
    const numbers = new Float32Array(bytes.buffer).map((number) => number * (1 + 1e-6));
    return { ...tensor, rawData: new Uint8Array(numbers.buffer) };
  });
  return { ...model, graph: { ...model.graph!, initializer } };
}

const namesOf = (nodes: Iterable<{ readonly name: string }>) => [...nodes].map(({ name }) => name);

describe('nodes that a proof holds', () => {
  it('are those that move in steps, and what leads to them from the last convolution', async () => {
    const analysis = await analyze(modelOf(STEPS));
    expect(namesOf(heldNodes(analysis, unchangedPlan(analysis)))).toEqual(['steps', 'large']);
  });

  it('are only those that a plan leaves as they are', async () => {
    const analysis = await analyze(
      modelOf({
        ...STEPS,
        nodes: [...STEPS.nodes.slice(0, 1), node('Floor', ['c1'], 'f'), node('Conv', ['f', 'w2'], 'y')],
      }),
    );
    const plan = unchangedPlan(analysis);
    expect(namesOf(heldNodes(analysis, plan))).toEqual(['f']);
    const { base } = analysis.table.find({ value: analysis.model.graph.value('f')!, axis: 1 })!;
    plan.copies[analysis.unitAt[base]!] = 0;
    expect(namesOf(heldNodes(analysis, plan))).toEqual([]);
  });

  it('are those that make truth values or whole numbers of floats, draw at random, or are not known', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 4] },
        weights: { one: floats([1]), k: integers([2]) },
        nodes: [
          node('Greater', ['x', 'one'], 'mask'),
          node('NonZero', ['mask'], 'found'),
          node('Cast', ['x'], 'whole', { to: 7 }),
          node('Add', ['whole', 'whole'], 'sum'),
          node('RandomNormalLike', ['x'], 'noise'),
          node('TopK', ['x', 'k'], ['best', 'places']),
          node('Relu', ['x'], 'y'),
        ],
        outputs: ['y', 'found', 'sum', 'noise', 'places', 'best'],
      }),
    );
    const held = namesOf(heldNodes(analysis, unchangedPlan(analysis))).sort();
    expect(held).toEqual(['best', 'found', 'mask', 'noise', 'whole']);
  });
});

describe('a proof that holds nodes', () => {
  const prove = async (sketch: ModelSketch, result: ModelProto, holds = true) => {
    const analysis = await analyze(modelOf(sketch));
    const held = holds ? heldNodes(analysis, unchangedPlan(analysis)) : new Set<never>();
    return verifyRewrite(analysis.model, analysis.model.graph.model, result, createRng(1), held);
  };

  it('is not misled by rounding that turns a selection over', async () => {
    const rounded = changed(STEPS, 'w2', 'rounding');
    await expect(prove(STEPS, rounded, false)).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN' });
    expect((await prove(STEPS, rounded)).maxRelativeDifference).toBeLessThan(1e-5);
  });

  it('goes on behind a quantization that is left out', async () => {
    const quantized: ModelSketch = {
      inputs: { x: ['N', 2, 6, 6] },
      weights: {
        w: [3, 2, 1, 1],
        scale: floats([0.01], []),
        zero: createTensor('', DataType.UINT8, [], new Uint8Array(1)),
      },
      nodes: [
        node('Sigmoid', ['x'], 's'),
        node('QuantizeLinear', ['s', 'scale', 'zero'], 'q'),
        node('DequantizeLinear', ['q', 'scale', 'zero'], 'd'),
        node('Conv', ['d', 'w'], 'y'),
      ],
      outputs: ['y'],
    };
    expect((await prove(quantized, modelOf(quantized))).maxRelativeDifference).toBe(0);
    await expect(prove(quantized, changed(quantized, 'w', 'all'))).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN' });
  });

  it.each(['w1', 'w2', 'w3'])('sees that %s was changed', async (name) => {
    await expect(prove(STEPS, changed(STEPS, name, 'all'))).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN' });
  });
});
