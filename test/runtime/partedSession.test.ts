import { readdirSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { makeNode } from '../../src/graph/make.js';
import type { ModelProto, TensorProto } from '../../src/onnx/messages.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { createRng } from '../../src/random/rng.js';
import { numbersOf } from '../../src/runtime/numbersOf.js';
import { type Feeds, PartedSession } from '../../src/runtime/partedSession.js';
import { randomInputs } from '../../src/runtime/randomInputs.js';
import { differenceBetween } from '../../src/runtime/relativeDifference.js';
import { tensor } from '../../src/runtime/session.js';

import { type ElementTypeOf, splitModel } from '../../src/runtime/splitModel.js';
import { analyze } from '../support/analyze.js';
import { modelOf, node } from '../support/modelOf.js';
import { runModel } from '../support/runModel.js';

const FLOAT = 1;
const LAYER_BYTES = 4 * 80 * 80;

/** Three layers of 80 × 80, the input of each added to its output. */
const chain = modelOf({
  inputs: { x: ['n', 80] },
  outputs: ['y'],
  nodes: [0, 1, 2].flatMap((i) => [
    node('MatMul', [i === 0 ? 'x' : `sum${i - 1}`, `w${i}`], [`product${i}`]),
    node('Add', [`product${i}`, i === 0 ? 'x' : `sum${i - 1}`], [i === 2 ? 'y' : `sum${i}`]),
  ]),
  weights: { w0: [80, 80], w1: [80, 80], w2: [80, 80] },
});

const input = (rows: number, seed = 1): Feeds => {
  const rng = createRng(seed);
  return {
    x: tensor(
      'float32',
      Float32Array.from({ length: rows * 80 }, () => rng.normal()),
      [rows, 80],
    ),
  };
};

const open = (model: ModelProto, partBytes: number) =>
  PartedSession.create(model, { dir: undefined, label: 'test.onnx', typeOf: () => FLOAT, partBytes });

/** The model with its weights as files have them, and how often each is read. */
function stored(model: ModelProto): { readonly model: ModelProto; readonly reads: () => readonly string[] } {
  const reads: string[] = [];
  const initializer = model.graph!.initializer.map((weight): TensorProto => {
    const bytes = weight.rawData as Uint8Array;
    const read = (target = new Uint8Array(bytes.length)) => {
      reads.push(weight.name!);
      target.set(bytes);
      return target;
    };
    return { ...weight, rawData: { length: bytes.length, read } };
  });
  return { model: { ...model, graph: { ...model.graph!, initializer } }, reads: () => reads };
}

/** The same but for the order of sums: ONNX Runtime packs constant weights, and no others. */
function expectSame(given: Feeds, wanted: Feeds): void {
  expect(Object.keys(given).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(wanted)) {
    expect(given[name]).toMatchObject({ type: value.type, dims: value.dims });
    expect(differenceBetween(numbersOf(given[name]!), numbersOf(value)).relative).toBeLessThan(2e-6);
  }
}

describe('a model in parts', () => {
  const models = readdirSync(new URL('../../fixtures/models', import.meta.url)).filter((name) =>
    name.endsWith('.onnx'),
  );

  test.each(models)('gives what it gives as a whole: %s', async (name) => {
    const { model } = await readModelFile(new URL(`../../fixtures/models/${name}`, import.meta.url).pathname);
    const { model: bound } = await analyze(model);
    const typeOf = (value: string) => {
      const found = bound.graph.value(value);
      return found === undefined || !bound.hasType(found) ? undefined : bound.typeOf(found).dataType;
    };
    const split = { partBytes: 2 ** 14, fedElements: 128, typeOf };
    const parts = splitModel(bound.graph.model, split);
    expect(parts.length).toBeGreaterThan(1);
    const feeds = randomInputs(bound.graph, bound.inputShapes, createRng(1));
    const session = await PartedSession.create(bound.graph.model, {
      dir: undefined,
      label: name,
      ...split,
    });
    try {
      const [given, wanted] = [await session.run(feeds), await runModel(bound.graph.model, feeds)];
      expectSame(given, wanted);
    } finally {
      await session.release();
    }
  });

  test('has the weights of one part in memory, and reads each once for runs that are asked for together', async () => {
    const { model, reads } = stored(chain);
    const session = await open(model, LAYER_BYTES);
    const [one, two] = await Promise.all([session.run(input(1)), session.run(input(2, 2))]);
    expect(reads()).toEqual(['w0', 'w1', 'w2']);
    expectSame(one, await runModel(chain, input(1)));
    expectSame(two, await runModel(chain, input(2, 2)));
    await session.run(input(1));
    expect(reads()).toHaveLength(6);
    await session.release();
  });

  test('goes on with the other runs where one fails', async () => {
    const session = await open(chain, LAYER_BYTES);
    const wrong = { x: tensor('float32', new Float32Array(81), [1, 81]) };
    const [failed, right] = await Promise.allSettled([session.run(wrong), session.run(input(1))]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'RUNTIME_RUN_FAILED' } });
    expect(right).toMatchObject({ status: 'fulfilled' });
    await session.release();
  });

  test('is run on weights that are adjusted for one run alone', async () => {
    const session = await open(chain, LAYER_BYTES);
    const zeroed = vi.fn((weights: Feeds) =>
      Object.fromEntries(
        Object.entries(weights).map(([name, { dims }]) => [name, tensor('float32', new Float32Array(6400), dims)]),
      ),
    );
    const [adjusted, plain] = await Promise.all([session.run(input(1), zeroed), session.run(input(1))]);
    expect(zeroed).toHaveBeenCalledTimes(3);
    expect(adjusted.y!.data).toEqual(input(1).x!.data);
    expectSame(plain, await runModel(chain, input(1)));
    await session.release();
  });
});

describe('splitting', () => {
  test('ends a part where the next weight would not fit', () => {
    const sizes = (partBytes: number) =>
      splitModel(chain, { partBytes, fedElements: 100, typeOf: () => FLOAT }).map(
        ({ model }) => model.graph!.node.length,
      );
    expect(sizes(LAYER_BYTES)).toEqual([2, 2, 2]);
    expect(sizes(2 * LAYER_BYTES)).toEqual([4, 2]);
    expect(sizes(3 * LAYER_BYTES)).toEqual([6]);
    expect(sizes(1)).toEqual([2, 2, 2]);
  });

  const split = (typeOf: ElementTypeOf) => splitModel(chain, { partBytes: LAYER_BYTES, fedElements: 100, typeOf });

  test('hands over no value whose type is not known', () => {
    const parts = (unknown: string) =>
      split((name) => (name === unknown ? undefined : FLOAT)).map(({ reads }) => reads);
    expect(parts('nothing')).toEqual([['x'], ['sum0'], ['sum1']]);
    expect(parts('sum0')).toEqual([['x'], ['product0', 'x'], ['sum1']]);
    expect(split(() => undefined)).toHaveLength(1);
  });

  test('keeps what a body captures, and what is given without a node', async () => {
    const body = (name: string) =>
      modelOf({ inputs: {}, outputs: [name], nodes: [node('MatMul', ['early', 'w1'], [name])] }).graph!;
    const model = modelOf({
      inputs: { x: ['n', 80] },
      outputs: ['y', 'x', 'w2'],
      nodes: [
        node('MatMul', ['x', 'w0'], ['early']),
        makeNode('Relu', ['early'], ['late']),
        node('MatMul', ['late', 'w2'], ['far']),
        node('ReduceMax', ['far'], ['top'], { keepdims: 0 }),
        node('Less', ['top', 'limit'], ['small']),
        node('If', ['small'], ['branch'], { then_branch: { graph: body('a') }, else_branch: { graph: body('b') } }),
        node('Add', ['far', 'branch'], ['y']),
      ],
      weights: { w0: [80, 80], w1: [80, 80], w2: [80, 80], limit: { dims: [], from: 0, to: 1 } },
    });
    const types: Record<string, number> = { small: 9 };
    const typeOf = (name: string) => types[name] ?? FLOAT;
    expect(splitModel(model, { partBytes: LAYER_BYTES, fedElements: 100, typeOf }).map(({ reads }) => reads)).toEqual([
      ['x'],
      ['late'],
      ['small', 'early', 'far', 'x'],
    ]);
    const session = await PartedSession.create(model, { dir: undefined, label: 't', typeOf, partBytes: LAYER_BYTES });
    expectSame(await session.run(input(2)), await runModel(model, input(2)));
    await session.release();
  });
});
