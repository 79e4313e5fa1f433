import { describe, expect, test } from 'vitest';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import type { NodeProto } from '../../src/onnx/messages.js';
import { createTensor } from '../../src/onnx/tensorData.js';
import { unshareUniform } from '../../src/ops/unshareUniform.js';
import { analyze } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw } from '../support/expectLaw.js';
import { floats, inputOf, integers, modelOf, node, type WeightSketch } from '../support/modelOf.js';

const sums = [node('Add', ['x', 'w'], 'a'), node('Mul', ['a', 'w'], 'b'), node('Sub', ['b', 'w'], 'y')];
const net = (w: WeightSketch, nodes: readonly NodeProto[] = sums, inputs = {}) =>
  modelOf({ inputs: { x: [3], ...inputs }, weights: { w, w_1: [3] }, nodes, outputs: ['y'] });

describe('a vector of one number that several nodes read', () => {
  test.each([
    ['floats', floats([1, 1, 1])],
    ['zero points', createTensor('', DataType.INT8, [3], new Uint8Array(3))],
    ['a vector with axes of one', floats([2, 2, 2], [1, 3, 1])],
  ])('is copied for each but the first: %s', (_, w) => {
    const graph = unshareUniform(net(w)).graph!;
    expect(graph.node.map(({ input }) => input[1])).toEqual(['w', 'w_2', 'w_3']);
    expect(graph.initializer.map(({ name }) => name)).toEqual(['w', 'w_1', 'w_2', 'w_3']);
    expect(graph.initializer[2]).toEqual({ ...graph.initializer[0], name: 'w_2' });
  });

  const branch = createMessage('GraphProto', {
    name: 'branch',
    node: [node('Identity', ['w'], 'o')],
    output: [createMessage('ValueInfoProto', { name: 'o' })],
  });

  test('keeps its name for a subgraph', () => {
    const model = modelOf({
      inputs: { x: [3] },
      typedInputs: [inputOf('flag', [1], DataType.BOOL)],
      weights: { w: floats([1, 1, 1]) },
      nodes: [
        node('Add', ['x', 'w'], 'a'),
        node('If', ['flag'], 'c', { then_branch: { graph: branch }, else_branch: { graph: branch } }),
        node('Add', ['a', 'c'], 'y'),
      ],
      outputs: ['y'],
    });
    expect(unshareUniform(model).graph!.node[0]!.input).toEqual(['x', 'w_1']);
  });

  test.each([
    ['numbers that differ', net(floats([1, 1, 2]))],
    ['a matrix', net(floats([1, 1, 1, 1, 1, 1], [2, 3]))],
    ['one element', net(floats([1]))],
    ['a shape', net(integers([1, 1, 1]))],
    ['one reader', net(floats([1, 1, 1]), [node('Add', ['x', 'w'], 'y')])],
    ['a graph input', net(floats([1, 1, 1]), sums, { w: [3] })],
  ])('stays as it is: %s', (_, model) => {
    expect(unshareUniform(model)).toBe(model);
  });

  test('does not tie the layers that read it', async () => {
    const layer = (from: string, to: string): readonly NodeProto[] => [
      node('Conv', [from, `${to}W`], `${to}Conv`),
      node('InstanceNormalization', [`${to}Conv`, 'ones', 'zeros'], to),
    ];
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 4, 4] },
        weights: {
          ...{ aW: [6, 3, 1, 1], bW: [6, 6, 1, 1], out: [2, 6, 1, 1] },
          ...{ ones: floats(Array(6).fill(1)), zeros: floats(Array(6).fill(0)) },
        },
        nodes: [...layer('x', 'a'), ...layer('a', 'b'), node('Conv', ['b', 'out'], 'y')],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['aConv (6): aConv', 'bConv (6): bConv']);
    await expectCutLaw(analysis, 1);
  });
});
