import { describe, expect, it } from 'vitest';
import { PinExplainer } from '../../src/channels/explainPins.js';
import { analyze } from '../support/analyze.js';
import { modelOf, node } from '../support/modelOf.js';

describe('PinExplainer', () => {
  it('walks from channels to what holds them, from node to node', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 2, 4, 4] },
        weights: { w1: [3, 2, 1, 1], w2: [3, 2, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'a'),
          node('Relu', ['a'], 'r'),
          node('Conv', ['x', 'w2'], 'b'),
          node('Add', ['r', 'b'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    const explainer = new PinExplainer(analysis);
    const axis = analysis.table.find({ value: analysis.model.graph.value('a')!, axis: 1 })!;
    expect(explainer.pinsOf(axis)).toEqual([
      { pin: { reason: "graph output 'y'", node: undefined }, positions: 3, first: 0 },
    ]);
    const way = explainer.chain(axis, 0)!;
    expect(way.steps.map(({ value, through }) => `${value.name} ${through?.name ?? '-'}`)).toEqual([
      'a -',
      'r r',
      'y y',
    ]);
    expect(way.pin.reason).toBe("graph output 'y'");
  });

  it('names the node at which the reason lies', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 2, 4, 4] },
        weights: { w1: [3, 2, 1, 1], w2: [2, 3, 1, 1] },
        nodes: [node('Conv', ['x', 'w1'], 'a'), node('Det', ['a'], 'd'), node('Conv', ['a', 'w2'], 'y')],
        outputs: ['y', 'd'],
      }),
    );
    const axis = analysis.table.find({ value: analysis.model.graph.value('a')!, axis: 1 })!;
    const [held] = new PinExplainer(analysis).pinsOf(axis);
    expect(held!.pin.node?.name).toBe('d');
    expect(held!.pin.reason).toContain("node 'd' (Det)");
  });

  it('finds nothing where nothing holds', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 2] },
        weights: { w1: [2, 3], w2: [3, 4] },
        nodes: [node('MatMul', ['x', 'w1'], 'a'), node('MatMul', ['a', 'w2'], 'y')],
        outputs: ['y'],
      }),
    );
    const axis = analysis.table.find({ value: analysis.model.graph.value('a')!, axis: 1 })!;
    const explainer = new PinExplainer(analysis);
    expect(explainer.pinsOf(axis)).toEqual([]);
    expect(explainer.chain(axis, 0)).toBeUndefined();
  });
});
