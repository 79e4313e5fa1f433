import { describe, expect, it } from 'vitest';
import { CostModel } from '../../src/cost/costModel.js';
import { PeakActivation } from '../../src/cost/peakActivation.js';
import { loadModel, report } from '../../src/index.js';
import { analyze } from '../support/analyze.js';
import { modelOf, node } from '../support/modelOf.js';

const FLOAT = 4;

const present = ({ table }: Awaited<ReturnType<typeof analyze>>): readonly number[] =>
  table.axes.map(({ width }) => width);

describe('PeakActivation', () => {
  it('adds the input and the output of the fullest node', async () => {
    const { peakActivationBytes, peakNode } = await report('fixtures/models/vgg.onnx');
    expect(peakActivationBytes).toBe(FLOAT * 2 * 16 * 32 * 32);
    expect(peakNode).toBe('/1/Relu');
  });

  it('keeps a shortcut in memory until it is added', async () => {
    const { peakActivationBytes, peakNode } = await report('fixtures/models/resnet_bn.onnx');
    // The block's input, its convolution and the norm.
    expect(peakActivationBytes).toBe(FLOAT * 3 * 8 * 32 * 32);
    expect(peakNode).toBe('/blocks/blocks.0/b1/BatchNormalization');
  });

  it('follows the widths of a plan', async () => {
    const { analysis } = await loadModel('fixtures/models/vgg.onnx');
    const cost = new CostModel(analysis, 'flops');
    const copies = new Float64Array(analysis.unitCount).fill(1);
    const first = analysis.groups.find(({ name }) => name === '/0/Conv')!;
    for (const unit of first.units.slice(5)) copies[unit] = 0; // 5 of 16 stay
    const peak = new PeakActivation(analysis).at(cost.widths(copies));
    // Now the second stage is fullest: 2 · 32 · 16² is more than 2 · 5 · 32² and than 5 · 16² + 32 · 16².
    expect({ bytes: peak.bytes, node: peak.node?.name }).toEqual({ bytes: FLOAT * 2 * 32 * 16 * 16, node: '/4/Relu' });
  });

  it('holds an input until its last use, and an output to the end', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: [1, 100], late: [1, 10] },
        outputs: ['early', 'y'],
        nodes: [
          node('Relu', ['x'], 'early'), // x 100, late 10, early 100
          node('ReduceMean', ['early'], 'mean', { axes: [1] }), // late 10, early 100, mean 1
          node('Add', ['mean', 'late'], 'sum'), // late 10, early 100, mean 1, sum 10
          node('Relu', ['sum'], 'y'),
        ],
      }),
    );
    const peak = new PeakActivation(analysis).at(present(analysis));
    expect({ bytes: peak.bytes, node: peak.node?.name }).toEqual({ bytes: FLOAT * 210, node: 'early' });
  });

  it('does not hold what nobody reads, and counts no constants', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: [1, 4] },
        outputs: ['y'],
        weights: { w: [4, 1000], v: [4, 3] },
        nodes: [
          node('MatMul', ['x', 'w'], 'unread'), // x 4, unread 1000
          node('MatMul', ['x', 'v'], 'y'),
        ],
      }),
    );
    const peak = new PeakActivation(analysis).at(present(analysis));
    expect({ bytes: peak.bytes, node: peak.node?.name }).toEqual({ bytes: FLOAT * 1004, node: 'unread' });
  });
});
