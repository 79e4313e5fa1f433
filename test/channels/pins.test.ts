/** @file Golden cases of what must not be changed, each with the reason that the user reads. */
import { describe, expect, test } from 'vitest';
import { createMessage } from '../../src/onnx/createMessage.js';
import { encodeMessage } from '../../src/onnx/encodeMessage.js';
import { messageSchema } from '../../src/onnx/messageSchema.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { bytesOf } from '../../src/onnx/storedBytes.js';
import { allOps } from '../../src/ops/allOps.js';
import { makeRegistry } from '../../src/ops/registry.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { verifyRewrite } from '../../src/rewrite/proof/verifyRewrite.js';
import { analyze, groupAt } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { inputOf, integers, modelOf, node } from '../support/modelOf.js';
import { randomCut } from '../support/randomPlan.js';

const SAME = { pads: [1, 1, 1, 1] };
const image = { x: ['N', 3, 6, 6] };

async function expectLaws(analysis: Awaited<ReturnType<typeof analyze>>): Promise<void> {
  for (const seed of [1, 2]) await expectCutLaw(analysis, seed);
  await expectWidenLaw(analysis, 3);
}

describe('unknown means pinned', () => {
  test('an unknown operator freezes what goes in and out, and survives byte for byte', async () => {
    const model = modelOf({
      inputs: image,
      weights: { w0: [7, 3, 3, 3], w1: [4, 7, 3, 3], w2: [5, 4, 3, 3], w3: [2, 5, 1, 1] },
      nodes: [
        node('Conv', ['x', 'w0'], 'free', SAME),
        node('Conv', ['free', 'w1'], 'before', SAME),
        node('LRN', ['before'], 'odd', { size: 3, alpha: { float: 0.5 } }),
        node('Conv', ['odd', 'w2'], 'after', SAME),
        node('Conv', ['after', 'w3'], 'y'),
      ],
      outputs: ['y'],
    });
    const analysis = await analyze(model, makeRegistry(allOps.ops.filter(({ type }) => type !== 'LRN')));
    expect(prunableGroups(analysis)).toEqual(['free (7): free', 'after (5): after']);
    const reason = "node 'odd' (LRN): the operator LRN (opset 17) is not known";
    expect(groupAt(analysis, 'before').pinned).toBe(reason);
    expect(groupAt(analysis, 'odd').pinned).toBe(reason);
    const result = await applyPlan(analysis, randomCut(analysis, createRng(5)));
    expect(nodeBytes(result, 'odd')).toEqual(nodeBytes(model, 'odd'));
    await expectLaws(analysis);
  });

  test('an attribute that is not known makes the operator unknown', async () => {
    const relu = allOps.find('', 'Relu', 17)!;
    const conv = allOps.find('', 'Conv', 17)!;
    const registry = makeRegistry([conv, { ...relu, type: 'LeakyRelu' }]);
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('LeakyRelu', ['conv'], 'act', { alpha: { float: 0.1 } }),
          node('Conv', ['act', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
      registry,
    );
    expect(prunableGroups(analysis)).toEqual([]);
    expect(groupAt(analysis, 'conv').pinned).toBe(
      "node 'act' (LeakyRelu): the attribute 'alpha' of LeakyRelu is not known",
    );
  });

  test('what a subgraph reads is frozen', async () => {
    const branch = (name: string, nodes: readonly ReturnType<typeof node>[]) =>
      createMessage('GraphProto', {
        name,
        node: nodes,
        output: [createMessage('ValueInfoProto', { name: `${name}Out` })],
      });
    const analysis = await analyze(
      modelOf({
        inputs: image,
        typedInputs: [inputOf('flag', [1], 9)],
        weights: { w1: [4, 3, 3, 3], w2: [5, 4, 3, 3], w3: [4, 5, 3, 3], w4: [2, 4, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Conv', ['conv', 'w2'], 'inner', SAME),
          node('Conv', ['inner', 'w3'], 'outer', SAME),
          node('If', ['flag'], 'chosen', {
            then_branch: { graph: branch('a', [node('Relu', ['conv'], 'aOut')]) },
            else_branch: { graph: branch('b', [node('Identity', ['conv'], 'bOut')]) },
          }),
          node('Add', ['chosen', 'outer'], 'sum'),
          node('Conv', ['sum', 'w4'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(groupAt(analysis, 'conv').pinned).toBe("node 'chosen' (If): its subgraph reads it");
    expect(groupAt(analysis, 'outer').pinned).toBe("node 'chosen' (If): the operator If (opset 17) is not known");
    expect(prunableGroups(analysis)).toEqual(['inner (5): inner']);
    await expectLaws(analysis);
  });
});

describe('what the caller sees stays', () => {
  test('a value that is a graph output and is read on keeps its channels', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [4, 3, 3, 3], w2: [5, 4, 3, 3], w3: [2, 5, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'features', SAME),
          node('Conv', ['features', 'w2'], 'inner', SAME),
          node('Conv', ['inner', 'w3'], 'y'),
        ],
        outputs: ['y', 'features'],
      }),
    );
    expect(groupAt(analysis, 'features').pinned).toBe("graph output 'features'");
    expect(prunableGroups(analysis)).toEqual(['inner (5): inner']);
    await expectLaws(analysis);
  });

  test('an initializer that is also a graph input may be replaced by the caller, so it stays as it is', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { ...image, w2: [5, 4, 3, 3] },
        weights: { w1: [4, 3, 3, 3], w2: [5, 4, 3, 3], b2: [5], w3: [2, 5, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Conv', ['conv', 'w2', 'b2'], 'open', SAME),
          node('Conv', ['open', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(groupAt(analysis, 'conv').pinned).toBe("graph input 'w2'");
    expect(groupAt(analysis, 'open').pinned).toBe("graph input 'w2'");
    expect(prunableGroups(analysis)).toEqual([]);
  });

  test('before IR version 4 every initializer had to be an input: there it is a constant like others', async () => {
    const analysis = await analyze(
      modelOf({
        irVersion: 3,
        opset: 9,
        inputs: { ...image, w1: [4, 3, 3, 3], b1: [4], w2: [2, 4, 1, 1] },
        weights: { w1: [4, 3, 3, 3], b1: [4], w2: [2, 4, 1, 1] },
        nodes: [node('Conv', ['x', 'w1', 'b1'], 'conv', SAME), node('Conv', ['conv', 'w2'], 'y')],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
    await expectLaws(analysis);
  });

  test('exporters that list every initializer mean nothing by it: they are constants like others', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { ...image, w1: [4, 3, 3, 3], b1: [4], w2: [2, 4, 1, 1] },
        weights: { w1: [4, 3, 3, 3], b1: [4], w2: [2, 4, 1, 1] },
        nodes: [node('Conv', ['x', 'w1', 'b1'], 'conv', SAME), node('Conv', ['conv', 'w2'], 'y')],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
    await expectLaws(analysis);
  });

  test('a batch that is fixed in the file is an axis like others, and stays', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: [1, 3, 6, 6] },
        weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1] },
        nodes: [node('Conv', ['x', 'w1'], 'conv', SAME), node('Conv', ['conv', 'w2'], 'y')],
        outputs: ['y'],
      }),
    );
    expect(groupAt(analysis, 'conv', 0).pinned).toBe("graph input 'x'");
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
    await expectLaws(analysis);
  });

  test.each([[[1, -1]], [[1, 144]]])(
    'a batch that only the literal shape %j of a Reshape fixes is fixed',
    async (shape) => {
      const analysis = await analyze(
        modelOf({
          inputs: image,
          weights: { w1: [4, 3, 3, 3], s: integers(shape), f: [144, 2] },
          nodes: [
            node('Conv', ['x', 'w1'], 'conv', SAME),
            node('Reshape', ['conv', 's'], 'flat'),
            node('Gemm', ['flat', 'f'], 'y'),
          ],
          outputs: ['y'],
        }),
      );
      expect(prunableGroups(analysis)).toEqual(['conv (4): conv']);
      await expectLaws(analysis);
      const { model } = analysis;
      const proof = await verifyRewrite(model, model.graph.model, model.graph.model, createRng(1));
      expect(proof.batchSizes).toEqual([1]);
    },
  );

  test('channels that nobody reads can go', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [4, 3, 3, 3], w2: [3, 4, 1, 1], w3: [2, 4, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Conv', ['conv', 'w2'], 'dead'),
          node('Conv', ['conv', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv', 'dead (3): dead']);
    await expectLaws(analysis);
  });
});

describe('values that are stored or made in other ways', () => {
  test('a constant that nothing reads gives no channels', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3] },
        weights: { w: [3, 4], v: [4, 2], unread: [5, 4] },
        nodes: [
          node('Constant', [], 'unreadToo', { value_floats: { floats: [1, 2] } }),
          node('Gemm', ['x', 'w'], 'a'),
          node('Gemm', ['a', 'v'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['a (4): a']);
  });

  test('layers that read one initializer through Identity are cut apart', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [4, 3, 3, 3], w2: [4, 4, 3, 3], w3: [2, 4, 1, 1], zeros: [4] },
        nodes: [
          node('Identity', ['zeros'], 'zeros2'),
          node('Conv', ['x', 'w1', 'zeros'], 'first', SAME),
          node('Conv', ['first', 'w2', 'zeros2'], 'second', SAME),
          node('Conv', ['second', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['first (4): first', 'second (4): second']);
    await expectLaws(analysis);
  });

  test('a sparse initializer is not cut', async () => {
    const sparse = createMessage('SparseTensorProto', {
      values: {
        ...createMessage('TensorProto', {}),
        dims: [2n],
        dataType: 1,
        floatData: Float32Array.of(1, 2),
        name: 'sparse',
      },
      indices: { ...integers([0, 5]), name: 'sparse_indices' },
      dims: [4n, 4n],
    });
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3] },
        weights: { f1: [3, 4], f2: [4, 2] },
        sparse: [sparse],
        nodes: [
          node('MatMul', ['x', 'f1'], 'a'),
          node('MatMul', ['a', 'sparse'], 'b'),
          node('MatMul', ['b', 'f2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual([]);
  });

  test('a sequence freezes what is put into it', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('SequenceConstruct', ['conv'], 'sequence'),
          node('Identity', ['sequence'], 'same'),
          node('ConcatFromSequence', ['same'], 'joined', { axis: 1 }),
          node('Conv', ['joined', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(groupAt(analysis, 'conv').pinned).toBe(
      "node 'sequence' (SequenceConstruct): the operator SequenceConstruct (opset 17) is not known",
    );
  });
});

function nodeBytes(model: ModelProto, name: string): Buffer {
  const found = model.graph?.node.find((candidate) => candidate.name === name);
  return Buffer.concat(encodeMessage(messageSchema('NodeProto'), found!).map(bytesOf));
}

test('widths that do not fit together are told by the node', async () => {
  // ONNX Runtime notices only when it runs the model.
  const model = modelOf({
    inputs: image,
    weights: { w1: [2, 4, 3, 3] },
    nodes: [node('Conv', ['x', 'w1'], 'y', SAME)],
    outputs: ['y'],
  });
  await expect(analyze(model)).rejects.toThrow(
    "node 'y' (Conv): it needs 'x' (3) and 'w1' (4) to have the same width; the file is broken: export the model again",
  );
});
