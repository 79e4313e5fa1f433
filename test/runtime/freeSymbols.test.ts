import { describe, expect, it } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import type { NodeProto } from '../../src/onnx/messages.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { unchangedPlan } from '../../src/rewrite/plan/plan.js';
import { maskedReference } from '../../src/rewrite/proof/maskedReference.js';
import { verifyRewrite } from '../../src/rewrite/proof/verifyRewrite.js';
import { freeSymbols, varied } from '../../src/runtime/freeSymbols.js';
import { tensor } from '../../src/runtime/session.js';
import { analyze, analyzeAt } from '../support/analyze.js';
import { integers, modelOf, node } from '../support/modelOf.js';
import { runModel } from '../support/runModel.js';

const floatsOf = (dims: readonly number[]) =>
  tensor(
    'float32',
    Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(i)),
    dims,
  );

/** Conv over images of any size. */
const anySize = modelOf({
  inputs: { x: ['N', 3, 'H', 'W'] },
  outputs: ['y'],
  nodes: [
    node('Conv', ['x', 'w1'], 'a', { pads: [1, 1, 1, 1] }),
    node('Relu', ['a'], 'b'),
    node('Conv', ['b', 'w2'], 'y', {}),
  ],
  weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1] },
});

describe('freeSymbols', () => {
  it('gathers the places of each name, and takes nameless first dimensions for the batch', () => {
    const model = modelOf({
      inputs: { a: ['', 'T', 4], b: ['', 'T'], c: [2, ''] },
      outputs: ['y'],
      nodes: [node('Identity', ['a'], 'y')],
    });
    const symbols = freeSymbols(indexGraph(model)).map(({ name, places, isBatch }) => [
      name,
      places.map(({ input, axis }) => `${input}[${axis}]`).join(' '),
      isBatch,
    ]);
    expect(symbols).toEqual([
      ['batch', 'a[0] b[0]', true],
      ['T', 'a[1] b[1]', false],
      ['c[1]', 'c[1]', false],
    ]);
  });

  it('changes the batch by 1, and doubles the others', () => {
    const graph = indexGraph(anySize);
    const shapes = new Map([['x', [1, 3, 8, 6]]]);
    expect(varied(shapes, freeSymbols(graph)).get('x')).toEqual([2, 3, 16, 12]);
    expect(varied(shapes, freeSymbols(graph), 'smaller').get('x')).toEqual([1, 3, 4, 3]);
    expect(shapes.get('x')).toEqual([1, 3, 8, 6]);
  });
});

describe('free image sizes', () => {
  it('are free in all that follows them, and proven at two sizes', async () => {
    const analysis = await analyzeAt(anySize, { x: [1, 3, 8, 8] });
    const value = analysis.model.graph.value('b')!;
    expect([0, 1, 2, 3].map((axis) => analysis.model.isFree({ value, axis }))).toEqual([true, false, true, true]);
    expect([0, 1, 2, 3].map((axis) => analysis.model.followsBatch({ value, axis }))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const plan = unchangedPlan(analysis);
    const group = analysis.groups.find(({ name, pinned }) => name === 'a' && pinned === undefined)!;
    plan.copies[group.units[1]!] = 0;
    const proof = await verifyRewrite(
      analysis.model,
      maskedReference(analysis, plan),
      await applyPlan(analysis, plan),
      createRng(1),
    );
    expect(proof.maxRelativeDifference).toBeLessThan(1e-5);
    expect(proof.batchSizes).toEqual([1, 2]);
  });

  it('are not free where the model takes one size alone', async () => {
    const analysis = await analyzeAt(
      modelOf({
        inputs: { x: ['N', 'D'] },
        outputs: ['y'],
        nodes: [node('Gemm', ['x', 'w'], 'a'), node('Reshape', ['a', 's'], 'y')],
        weights: { w: [4, 6], s: integers([0, 6]) },
      }),
      { x: [1, 4] },
    );
    expect(analysis.model.isFree({ value: analysis.model.graph.value('x')!, axis: 1 })).toBe(false);
    expect((await analyze(anySize).catch((error: Error) => error)) instanceof Error).toBe(true);
  });

  /** Heads over tokens with a table of six positions; a second input of any size; `read` gives their positions. */
  const positions = (read: readonly NodeProto[]) =>
    modelOf({
      inputs: { x: ['N', 'T', 3], z: ['N', 'S', 4] },
      outputs: ['y', 'u'],
      nodes: [
        node('MatMul', ['x', 'w1'], 'a'),
        node('Shape', ['x'], 'shape'),
        node('Slice', ['shape', 'one', 'two'], 't'),
        ...read,
        node('Add', ['a', 'p'], 'b'),
        node('Slice', ['shape', 'zero', 'one'], 'n'),
        node('Concat', ['n', 't', 'two', 'three'], 'split', { axis: 0 }),
        node('Reshape', ['b', 'split'], 'heads'),
        node('Transpose', ['heads'], 'turned', { perm: [0, 2, 1, 3] }),
        node('MatMul', ['turned', 'w2'], 'y'),
        node('MatMul', ['z', 'w3'], 'u'),
      ],
      weights: {
        ...{ w1: [3, 6], w2: [3, 2], w3: [4, 2], table: [6, 6] },
        ...{ zero: integers([0]), one: integers([1]), two: integers([2]), three: integers([3]) },
        ...{ none: integers([0], []), step: integers([1], []) },
      },
    });
  const sliced = [node('Slice', ['table', 'zero', 't', 'zero'], 'p')];
  // Here ONNX Runtime sees only when it runs that a position is none.
  const gathered = [
    node('Squeeze', ['t'], 'limit'),
    node('Range', ['none', 'limit', 'step'], 'range'),
    node('Gather', ['table', 'range'], 'p'),
  ];

  it.each([
    ['a slice of a table', sliced],
    ['a table by numbers', gathered],
  ])('are free below a largest size: %s of six positions', async (_, read) => {
    const analysis = await analyzeAt(positions(read), { x: [1, 6, 3], z: [1, 5, 4] });
    const isFree = (name: string) => analysis.model.isFree({ value: analysis.model.graph.value(name)!, axis: 1 });
    expect([isFree('x'), isFree('z')]).toEqual([true, true]);
    const plan = unchangedPlan(analysis);
    const group = analysis.groups.find(({ name, pinned }) => name === 'a' && pinned === undefined)!;
    plan.copies[group.units[0]!] = 0;
    const cut = await applyPlan(analysis, plan);
    const proof = await verifyRewrite(analysis.model, maskedReference(analysis, plan), cut, createRng(1));
    expect(proof.maxRelativeDifference).toBeLessThan(1e-5);
    for (const size of [1, 4, 6]) {
      const feeds = { x: floatsOf([2, size, 3]), z: floatsOf([2, 7, 4]) };
      expect((await runModel(cut, feeds)).y!.dims).toEqual([2, 2, size, 2]);
    }
  });

  it('are found one by one where they cannot all change', async () => {
    const model = modelOf({
      inputs: { x: ['N', 'D'], z: ['N', 3, 'T'] },
      outputs: ['y', 'u'],
      nodes: [node('MatMul', ['x', 'w'], 'y'), node('Relu', ['z'], 'u')],
      weights: { w: [4, 6] },
    });
    const { model: bound } = await analyzeAt(model, { x: [1, 4], z: [1, 3, 5] });
    expect(bound.isFree({ value: bound.graph.value('x')!, axis: 1 })).toBe(false);
    expect(bound.isFree({ value: bound.graph.value('z')!, axis: 2 })).toBe(true);
  });
});
