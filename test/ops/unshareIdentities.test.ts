import { describe, expect, test } from 'vitest';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { unshareIdentities } from '../../src/ops/unshareIdentities.js';
import { modelOf, node } from '../support/modelOf.js';

const base = { inputs: { x: [2] }, weights: { w: [2] }, outputs: ['y'] };

describe('Identity of an initializer', () => {
  test('becomes a copy with the name of its output, through a chain too', () => {
    const nodes = [
      node('Identity', ['w'], 'a'),
      node('Identity', ['a'], 'b'),
      node('Add', ['x', 'a'], 's'),
      node('Add', ['s', 'b'], 'y'),
    ];
    const graph = unshareIdentities(modelOf({ ...base, nodes })).graph!;
    expect(graph.node.map(({ name }) => name)).toEqual(['s', 'y']);
    expect(graph.initializer.map(({ name }) => name)).toEqual(['w', 'a', 'b']);
    expect(graph.initializer[2]).toEqual({ ...graph.initializer[0], name: 'b' });
  });

  test.each([
    ['of a value', modelOf({ ...base, nodes: [node('Identity', ['x'], 'a'), node('Add', ['a', 'w'], 'y')] })],
    ['that is a graph output', modelOf({ ...base, nodes: [node('Identity', ['w'], 'y')] })],
    [
      'of an initializer that the caller may replace',
      modelOf({
        ...base,
        inputs: { x: [2], w: [2] },
        nodes: [node('Identity', ['w'], 'a'), node('Add', ['x', 'a'], 'y')],
      }),
    ],
    [
      'of another domain',
      modelOf({ ...base, nodes: [node('Identity', ['w'], 'y', {}, 'com.example')], opsets: { 'com.example': 1 } }),
    ],
  ])('stays where it is an Identity %s', (_, model) => {
    expect(unshareIdentities(model)).toBe(model);
  });

  test('changes no other byte', () => {
    const model = modelOf({ ...base, nodes: [node('Add', ['x', 'w'], 'y')] });
    expect(Buffer.compare(encodeModel(unshareIdentities(model)), encodeModel(model))).toBe(0);
  });
});
