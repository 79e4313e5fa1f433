import { describe, expect, it } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import type { ModelProto, NodeProto } from '../../src/onnx/messages.js';
import { createRng } from '../../src/random/rng.js';
import { verifyRewrite } from '../../src/rewrite/proof/verifyRewrite.js';
import {
  foreignNodes,
  foreignTypes,
  nodesWithoutShapes,
  severedShapes,
  severForeign,
} from '../../src/runtime/foreignNodes.js';
import { inferRunnable } from '../../src/runtime/inferRunnable.js';
import { inferShapes } from '../../src/runtime/inferShapes.js';
import { resolveInputShapes } from '../../src/runtime/inputShapes.js';
import { analyze } from '../support/analyze.js';
import { inputOf, modelOf, node } from '../support/modelOf.js';

const odd = (input: readonly string[], output: string | readonly string[]) =>
  node('Odd', input, output, {}, 'com.example');

/** x → Conv a → Odd(a, w) → m → Conv y; the second output of Odd is a graph output that nobody declares. */
const MODEL = modelOf({
  inputs: { x: ['N', 2, 4, 4] },
  weights: { wa: [3, 2, 1, 1], w: [3], wy: [2, 3, 1, 1] },
  nodes: [node('Conv', ['x', 'wa'], 'a'), odd(['a', 'w'], ['m', 'boxes']), node('Conv', ['m', 'wy'], 'y')],
  outputs: ['y', 'boxes'],
  valueInfo: [inputOf('m', ['N', 3, 4, 4])],
});

const names = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name);

function functionOf(name: string, body: readonly NodeProto[]) {
  return createMessage('FunctionProto', {
    ...{ name, domain: 'com.example', input: ['v'], output: ['w'], node: body },
    opsetImport: ['', 'com.example', 'com.other'].map((domain) =>
      createMessage('OperatorSetIdProto', { domain, version: domain === '' ? 17n : 1n }),
    ),
  });
}

describe('foreignNodes', () => {
  const foreign = (nodes: readonly NodeProto[], functions: ModelProto['functions'] = []) =>
    [...foreignNodes({ ...modelOf({ inputs: { x: [1] }, nodes, outputs: ['y'] }), functions })].map(({ name }) => name);

  it('finds nodes of domains that ONNX Runtime does not have', () => {
    expect(
      foreign([
        node('Relu', ['x'], 'a'),
        node('Relu', ['a'], 'b', {}, 'ai.onnx'),
        node('Gelu', ['b'], 'c', {}, 'com.microsoft'),
        node('Binarizer', ['c'], 'd', {}, 'ai.onnx.ml'),
        node('Relu', ['d'], 'e', {}, 'ai.onnx.contrib'),
        node('ATen', ['e'], 'f', {}, 'org.pytorch.aten'),
        node('NoSuchOperator', ['f'], 'y'),
      ]),
    ).toEqual(['e', 'f']);
  });

  it('looks into functions and subgraphs', () => {
    const nodes = [odd(['x'], 'a'), node('Even', ['a'], 'b', {}, 'com.example'), odd(['b'], 'y')];
    expect(foreign(nodes, [functionOf('Odd', [node('Relu', ['v'], 'w')])])).toEqual(['b']);
    expect(
      foreign(nodes, [
        functionOf('Odd', [node('Even', ['v'], 'w', {}, 'com.example')]),
        functionOf('Even', [node('Dark', ['v'], 'w', {}, 'com.other')]),
      ]),
    ).toEqual(['a', 'b', 'y']);
    const branch = createMessage('GraphProto', { node: [odd(['x'], 'inner')] });
    expect(foreign([node('If', ['x'], 'y', { then_branch: { graph: branch } })])).toEqual(['y']);
  });
});

describe('severForeign', () => {
  it('gives what was read of foreign nodes as inputs, and takes what they read as outputs', () => {
    const severed = severForeign(indexGraph(MODEL));
    expect(severed.nodes.map(({ name }) => name)).toEqual(['a', 'y']);
    expect(names(severed.inputs)).toEqual(['x', 'm']);
    expect(names(severed.outputs)).toEqual(['y', 'a', 'w']);
  });

  it('leaves other graphs alone', () => {
    const graph = indexGraph(modelOf({ inputs: { x: [1] }, nodes: [node('Relu', ['x'], 'y')], outputs: ['y'] }));
    expect(severForeign(graph)).toBe(graph);
    expect(foreignTypes(graph, resolveInputShapes(graph)).size).toBe(0);
  });

  it('resolves sizes by the names of the inputs; the first without a name is the batch', () => {
    const graph = (dims: readonly (number | string)[]) => {
      const { graph: proto } = MODEL;
      return indexGraph({ ...MODEL, graph: { ...proto!, valueInfo: [inputOf('m', dims)] } });
    };
    for (const dims of [
      ['N', 3, 4, 4],
      ['', 3, 4, 4],
    ]) {
      const shapes = resolveInputShapes(graph(dims), new Map(), 5);
      expect(foreignTypes(graph(dims), shapes)).toEqual(
        new Map([['m', { dataType: DataType.FLOAT, dims: [5, 3, 4, 4] }]]),
      );
      expect([...severedShapes(graph(dims), shapes).keys()]).toEqual(['x', 'm']);
    }
    const doubled = graph(['2*N', 3, 'floor(N/2)', 4]);
    expect(foreignTypes(doubled, resolveInputShapes(doubled, new Map(), 5)).get('m')!.dims).toEqual([10, 3, 2, 4]);
    for (const dims of [
      ['M', 3, 4, 4],
      ['N', '', 4, 4],
      ['N*M', 3, 4, 4],
      ['N', 3, '?', 4],
    ]) {
      const untold = graph(dims);
      expect(foreignTypes(untold, resolveInputShapes(untold)).size).toBe(0);
      const behind = [...nodesWithoutShapes(untold)].map(([{ name }, value]) => [name, value.name]);
      expect(behind).toEqual([['y', 'm']]);
      const severed = severForeign(untold);
      expect([names(severed.inputs), names(severed.outputs)]).toEqual([['x'], ['a', 'w', 'wy']]);
    }
  });

  it('runs with a graph of which nothing is left', async () => {
    const graph = indexGraph(modelOf({ inputs: { x: [1, 2] }, nodes: [odd(['x'], 'y')], outputs: ['y'] }));
    const { types } = await inferShapes(graph, resolveInputShapes(graph), 'a.onnx');
    expect([...types]).toEqual([['x', { dataType: DataType.FLOAT, dims: [1, 2] }]]);
  });

  it('leaves out functions that ONNX Runtime cannot run, and keeps the others', async () => {
    const model = modelOf({
      inputs: { x: ['N', 4] },
      nodes: [node('Even', ['x'], 'a', {}, 'com.example'), odd(['a'], 'b'), node('Relu', ['b'], 'y')],
      outputs: ['y'],
      valueInfo: [inputOf('b', ['N', 4])],
    });
    const functions = [
      functionOf('Even', [node('Relu', ['v'], 'w')]),
      functionOf('Odd', [node('Dark', ['v'], 'w', {}, 'com.other')]),
    ];
    const graph = indexGraph({ ...model, functions });
    const { types } = await inferShapes(graph, resolveInputShapes(graph, new Map(), 2), 'a.onnx');
    expect(types.get('y')).toEqual({ dataType: DataType.FLOAT, dims: [2, 4] });
    expect(severForeign(graph).model.functions.map(({ name }) => name)).toEqual(['Even']);
  });
});

describe('inferRunnable', () => {
  const missingIn = async (nodes: readonly NodeProto[], opset = 13) => {
    const graph = indexGraph(modelOf({ inputs: { x: [1, 4, 8] }, nodes, outputs: ['y'], opset }));
    return [...(await inferRunnable(graph, resolveInputShapes(graph), 'a.onnx')).unrunnable.types];
  };

  it('finds operators that ONNX Runtime does not have in its own domains', async () => {
    expect(await missingIn([node('NoSuchOperator', ['x'], 'y')])).toEqual(['NoSuchOperator']);
    expect(await missingIn([node('NoSuchOperator', ['x'], 'y', {}, 'com.microsoft')])).toEqual(['NoSuchOperator']);
    // Schemas without an implementation, badly called.
    expect(await missingIn([node('EfficientNMS_TRT', ['x', 'x'], ['y', 'b', 's', 'c'])])).toEqual(['EfficientNMS_TRT']);
    expect(await missingIn([node('EfficientNMS_TRT', ['x'], 'y')])).toEqual(['EfficientNMS_TRT']);
    expect(await missingIn([node('NhwcConv', ['x', 'x'], 'y', {}, 'com.microsoft')])).toEqual(['NhwcConv']);
    // Known from opset 20 on.
    expect(await missingIn([node('Gelu', ['x'], 'y'), node('NoSuchOperator', ['x'], 'z')])).toEqual([
      'Gelu',
      'NoSuchOperator',
    ]);
    expect(await missingIn([node('Gelu', ['x'], 'y')], 20)).toEqual([]);
  });

  it('leaves other refusals as they are', async () => {
    await expect(missingIn([node('Transpose', ['x'], 'y', { perm: [0, 0, 1] })])).rejects.toMatchObject({
      code: 'RUNTIME_REJECTED',
    });
  });
});

describe('verifyRewrite', () => {
  const scaled = (name: string): ModelProto => {
    const { graph } = modelOf({
      inputs: { x: ['N', 2, 4, 4] },
      weights: { wa: [3, 2, 1, 1], w: [3], wy: [2, 3, 1, 1] },
      nodes: [],
      outputs: [],
      seed: 2,
    });
    const initializer = MODEL.graph!.initializer.map((tensor) =>
      tensor.name === name ? graph!.initializer.find((other) => other.name === name)! : tensor,
    );
    return { ...MODEL, graph: { ...MODEL.graph!, initializer } };
  };

  it('takes the same for the same, on both sides of a foreign node', async () => {
    const { model } = await analyze(MODEL);
    const found = await verifyRewrite(model, MODEL, scaled('none'), createRng(1));
    expect(found).toEqual({ maxRelativeDifference: 0, batchSizes: [1, 2] });
  });

  it.each(['wa', 'w', 'wy'])('sees that %s was changed', async (name) => {
    const { model } = await analyze(MODEL);
    const run = verifyRewrite(model, MODEL, scaled(name), createRng(1));
    await expect(run).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN' });
  });
});
