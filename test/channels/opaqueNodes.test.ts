/** @file What is not looked into survives, with its channels, while the rest of the model is cut. */
import { describe, expect, test } from 'vitest';
import { makeTensorType } from '../../src/graph/make.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import type { GraphProto, NodeProto } from '../../src/onnx/messages.js';
import { SAME } from '../ops/laws/lawNet.js';
import { analyze, groupAt } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { floats, integers, modelOf, node, type WeightSketch } from '../support/modelOf.js';

/** Conv (free) → Conv 'a' → nodes from 'a' to 'b' → Conv 'c' → Conv. */
function around(nodes: readonly NodeProto[], weights: Readonly<Record<string, WeightSketch>> = {}, channels = 4) {
  return modelOf({
    inputs: { x: [2, 3, 4, 4] },
    weights: { w0: [7, 3, 3, 3], w1: [4, 7, 3, 3], w2: [5, channels, 1, 1], w3: [2, 5, 1, 1], ...weights },
    nodes: [
      node('Conv', ['x', 'w0'], 'free', SAME),
      node('Conv', ['free', 'w1'], 'a', SAME),
      ...nodes,
      node('Conv', ['b', 'w2'], 'c'),
      node('Conv', ['c', 'w3'], 'y'),
    ],
    outputs: ['y'],
  });
}

function body(nodes: readonly NodeProto[], sketch: Partial<GraphProto>): GraphProto {
  return createMessage('GraphProto', { name: 'body', node: nodes, ...sketch });
}
const info = (name: string, dataType: number, dims: readonly number[]) =>
  createMessage('ValueInfoProto', { name, type: makeTensorType(dataType, dims) });

/** ONNX Runtime does not know the shape of 'l' beforehand, but that of what it becomes. */
const known = () => node('Reshape', ['l', 'shape'], 'b');

async function expectOpaque(model: Parameters<typeof analyze>[0], reason: string): Promise<void> {
  const analysis = await analyze(model);
  expect(prunableGroups(analysis)).toEqual(['free (7): free', 'c (5): c']);
  expect(groupAt(analysis, 'a').pinned).toBe(reason);
  for (const seed of [1, 2]) await expectCutLaw(analysis, seed);
  await expectWidenLaw(analysis, 3);
}

describe('the rest of a model is cut around', () => {
  test('a Loop', async () => {
    const doubled = body([node('Identity', ['go'], 'on'), node('Add', ['state', 'a'], 'next')], {
      input: [
        info('i', DataType.INT64, []),
        info('go', DataType.BOOL, []),
        createMessage('ValueInfoProto', { name: 'state' }),
      ],
      output: [info('on', DataType.BOOL, []), createMessage('ValueInfoProto', { name: 'next' })],
    });
    const loop = node('Loop', ['trips', '', 'a'], 'l', { body: { graph: doubled } });
    await expectOpaque(
      around([loop, known()], { trips: integers([2], []), shape: integers([2, 4, 4, 4]) }),
      "node 'l' (Loop): its subgraph reads it",
    );
  });

  test('a Scan', async () => {
    const sums = body([node('Add', ['state', 'slice'], 'next'), node('Identity', ['next'], 'row')], {
      input: [info('state', DataType.FLOAT, [4, 4, 4]), info('slice', DataType.FLOAT, [4, 4, 4])],
      output: [info('next', DataType.FLOAT, [4, 4, 4]), info('row', DataType.FLOAT, [4, 4, 4])],
    });
    const scan = node('Scan', ['start', 'a'], ['last', 'b'], { body: { graph: sums }, num_scan_inputs: 1 });
    await expectOpaque(
      around([scan], {
        start: floats(
          Array.from({ length: 64 }, () => 0.5),
          [4, 4, 4],
        ),
      }),
      "node 'last' (Scan): the operator Scan (opset 17) is not known",
    );
  });

  test('a function of the model', async () => {
    const model = around([node('Twice', ['a'], 'b', {}, 'local')]);
    const twice = createMessage('FunctionProto', {
      name: 'Twice',
      domain: 'local',
      input: ['v'],
      output: ['w'],
      node: [node('Add', ['v', 'v'], 'w')],
      opsetImport: [createMessage('OperatorSetIdProto', { domain: '', version: 17n })],
    });
    const opsetImport = [...model.opsetImport, createMessage('OperatorSetIdProto', { domain: 'local', version: 1n })];
    await expectOpaque(
      { ...model, opsetImport, functions: [twice] },
      "node 'b' (local.Twice): the operator local.Twice (opset 1) is not known",
    );
  });

  test('sequences', async () => {
    await expectOpaque(
      around(
        [node('SequenceConstruct', ['a', 'a'], 's'), node('ConcatFromSequence', ['s'], 'l', { axis: 1 }), known()],
        { shape: integers([2, 8, 4, 4]) },
        8,
      ),
      "node 's' (SequenceConstruct): the operator SequenceConstruct (opset 17) is not known",
    );
  });

  test('an optional value', async () => {
    await expectOpaque(
      around([node('Optional', ['a'], 'o'), node('OptionalGetElement', ['o'], 'b')]),
      "node 'o' (Optional): the operator Optional (opset 17) is not known",
    );
  });
});
