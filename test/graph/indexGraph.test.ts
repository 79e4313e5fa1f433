import { describe, expect, test } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { modelOf, node } from '../support/modelOf.js';

const graphOf = (name: string, nodes: readonly ReturnType<typeof node>[], output: string) =>
  createMessage('GraphProto', { name, node: nodes, output: [createMessage('ValueInfoProto', { name: output })] });
const If = (output: string, then: ReturnType<typeof graphOf>, otherwise = then) =>
  node('If', ['flag'], output, { then_branch: { graph: then }, else_branch: { graph: otherwise } });

describe('the index of a graph', () => {
  test('keeps the order of the file where it is topological', () => {
    const nodes = [node('Relu', ['x'], 'b'), node('Relu', ['x'], 'a'), node('Add', ['a', 'b'], 'y')];
    const graph = indexGraph(modelOf({ inputs: { x: [1] }, nodes, outputs: ['y'] }));
    expect(graph.nodes.map(({ name, index }) => [name, index])).toEqual([
      ['b', 0],
      ['a', 1],
      ['y', 2],
    ]);
  });

  test('puts nodes after what they read, and moves no others', () => {
    const nodes = [
      node('Add', ['a', 'c'], 'y'),
      node('Relu', ['x'], 'b'),
      node('Relu', ['x'], 'a'),
      node('Relu', ['b'], 'c'),
    ];
    const graph = indexGraph(modelOf({ inputs: { x: [1] }, nodes, outputs: ['y'] }));
    expect(graph.nodes.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'y']);
  });

  test('knows who gives and who reads a value, at which place', () => {
    const nodes = [node('Conv', ['x', 'w', ''], 'y'), node('Add', ['y', 'y'], 'z')];
    const graph = indexGraph(
      modelOf({ inputs: { x: [1, 3, 2, 2] }, weights: { w: [2, 3, 1, 1] }, nodes, outputs: ['z'] }),
    );
    const uses = (name: string) => graph.value(name)!.uses.map((use) => `${use.node.name}:${use.input}`);
    expect(uses('w')).toEqual(['y:1']);
    expect(uses('y')).toEqual(['z:0', 'z:1']);
    expect(graph.nodes[0]!.inputs[2]).toBeUndefined();
    expect(graph.value('y')!.producer).toBe(graph.nodes[0]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(graph.value('z')).toMatchObject({ isOutput: true, isInput: false });
    expect(graph.value('w')!.initializer?.name).toBe('w');
    expect(graph.values.map(({ index }) => index)).toEqual(graph.values.map((_, i) => i));
  });

  test('names nodes without a name by operator and place in the file', () => {
    const { name: _, ...nameless } = node('Relu', ['x'], 'y');
    const graph = indexGraph(modelOf({ inputs: { x: [1] }, nodes: [nameless], outputs: ['y'] }));
    expect(graph.nodes[0]!.name).toBe('Relu#0');
  });

  test('counts an initializer that is an input as an input with a default', () => {
    const graph = indexGraph(
      modelOf({
        inputs: { x: [2], w: [2] },
        weights: { w: [2], b: [2] },
        nodes: [node('Add', ['x', 'w'], 'a'), node('Add', ['a', 'b'], 'y')],
        outputs: ['y'],
      }),
    );
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(graph.value('w')).toMatchObject({ isInput: true, initializer: { name: 'w' } });
  });

  test('reads opsets by domain, ai.onnx by its two names', () => {
    const nodes = [{ ...node('Relu', ['x'], 'y'), domain: 'ai.onnx' }];
    const graph = indexGraph(
      modelOf({ inputs: { x: [1] }, nodes, outputs: ['y'], opsets: { '': 13, 'com.example': 2 } }),
    );
    expect([...graph.opsets]).toEqual([
      ['', 13],
      ['com.example', 2],
    ]);
    expect(graph.nodes[0]!.domain).toBe('');
  });

  test('counts what a subgraph reads from outside, through two levels, but not what it makes itself', () => {
    const inner = graphOf('inner', [node('Add', ['a', 'own'], 'i')], 'i');
    const outer = graphOf('outer', [If('o', inner), node('Relu', ['b'], 'own')], 'o');
    const nodes = [node('Relu', ['x'], 'a'), node('Relu', ['x'], 'b'), If('y', outer)];
    const graph = indexGraph(modelOf({ inputs: { x: [1], flag: [1] }, nodes, outputs: ['y'] }));
    expect(graph.nodes[2]!.captures.map(({ name }) => name)).toEqual(['flag', 'a', 'b']);
    expect(graph.value('a')!.uses).toEqual([{ node: graph.nodes[2], input: 'capture' }]);
  });

  test('orders a node after what its subgraph reads', () => {
    const body = graphOf('body', [node('Relu', ['late'], 'o')], 'o');
    const nodes = [If('y', body), node('Relu', ['x'], 'late')];
    const graph = indexGraph(modelOf({ inputs: { x: [1], flag: [1] }, nodes, outputs: ['y'] }));
    expect(graph.nodes.map(({ name }) => name)).toEqual(['late', 'y']);
  });

  test.each([20_000, 20_001])('takes a chain of %i nodes in any order', (length) => {
    const nodes = Array.from({ length }, (_, i) => node('Relu', [`v${i}`], `v${i + 1}`)).reverse();
    const graph = indexGraph(modelOf({ inputs: { v0: [1] }, nodes, outputs: [`v${length}`] }));
    expect(graph.nodes[0]!.name).toBe('v1');
    expect(graph.nodes.at(-1)!.name).toBe(`v${length}`);
  });
});

describe('broken graphs', () => {
  const index =
    (nodes: readonly ReturnType<typeof node>[], outputs = ['y']) =>
    () =>
      indexGraph(modelOf({ inputs: { x: [1], flag: [1] }, weights: { w: [1] }, nodes, outputs }));

  test('a value that nobody gives', () => {
    expect(index([node('Add', ['x', 'lost'], 'y')])).toThrow(
      "node 'y' (Add): reads the value 'lost', which no node, input or initializer gives; the file is broken: export the model again",
    );
  });

  test('a value that only a subgraph reads, and nobody gives', () => {
    expect(index([If('y', graphOf('body', [node('Relu', ['lost'], 'o')], 'o'))])).toThrow(
      "node 'y' (If): reads the value 'lost', which no node, input or initializer gives; the file is broken: export the model again",
    );
  });

  test('a graph output that nobody gives', () => {
    expect(index([node('Relu', ['x'], 'y')], ['y', 'z'])).toThrow(
      "graph output: reads the value 'z', which no node, input or initializer gives; the file is broken: export the model again",
    );
  });

  test('a node that reads its own output', () => {
    expect(index([node('Add', ['x', 'y'], 'y')])).toThrow(
      "node 'y' (Add): depends on its own output through the value 'y'; ONNX graphs must be acyclic: export the model again",
    );
  });

  test('a circle is told by a value on it, not by one beside it', () => {
    const nodes = [
      node('Relu', ['x'], 'fine'),
      node('Add', ['fine', 'c'], 'a'),
      node('Relu', ['a'], 'b'),
      node('Relu', ['b'], 'c'),
      node('Relu', ['c'], 'y'),
    ];
    expect(index(nodes)).toThrow(
      "node 'a' (Add): depends on its own output through the value 'c'; ONNX graphs must be acyclic: export the model again",
    );
  });

  test('a value that two nodes give', () => {
    expect(index([node('Relu', ['x'], 'y'), node('Sigmoid', ['x'], 'y')])).toThrow(
      "node 'y' (Sigmoid): gives the value 'y', which node 'y' (Relu) already gives; every value must be given once: export the model again",
    );
  });

  test('a value that an initializer or an input gives already', () => {
    for (const name of ['w', 'x']) {
      expect(index([node('Relu', ['flag'], name), node('Relu', ['x'], 'y')])).toThrow(
        `node '${name}' (Relu): gives the value '${name}', which the graph already gives; every value must be given once: export the model again`,
      );
    }
  });
});
