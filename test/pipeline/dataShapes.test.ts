import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isPrunable } from '../../src/channels/channelAnalysis.js';
import { prune, report, widen } from '../../src/index.js';
import { DataType } from '../../src/onnx/dataType.js';
import { encodeMessage } from '../../src/onnx/encodeMessage.js';
import { messageSchema } from '../../src/onnx/messageSchema.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { bytesOf } from '../../src/onnx/storedBytes.js';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';
import { reportTable } from '../../src/report/reportTable.js';
import { analyze, groupAt } from '../support/analyze.js';
import { floats, inputOf, integers, modelOf, node } from '../support/modelOf.js';
import { emptyFolder } from './digits.js';

/**
 * A detector of two stages: a trunk, boxes and scores, the best of them by suppression; each region that is found goes
 * through a head of its own.
 *
 * @param shapeTarget whether the head's flattening asks for the number of regions
 */
function detector(shapeTarget: boolean): ModelProto {
  const flatten = shapeTarget
    ? [
        node('Shape', ['regions'], 'regions.shape'),
        node('Gather', ['regions.shape', 'zero'], 'count'),
        node('Concat', ['count', 'rest'], 'target', { axis: 0 }),
        node('Reshape', ['regions', 'target'], 'flat'),
      ]
    : [node('Flatten', ['regions'], 'flat')];
  return modelOf({
    inputs: { x: [1, 3, 16, 16] },
    weights: {
      ...{ w1: [8, 3, 3, 3], w2: [12, 8, 3, 3], wb: [4, 12, 1, 1], ws: [2, 12, 1, 1], wf: [6, 12, 3, 3] },
      ...{ fc1: [16, 24], fc2: [5, 16] },
      ...{
        most: integers([4]),
        overlap: floats([0.7]),
        least: floats([-1000]),
        two: integers([2]),
        zero: integers([0]),
      },
      ...{ boxShape: integers([1, 4, -1]), scoreShape: integers([1, 2, -1]), one: integers([1]), rest: integers([-1]) },
    },
    nodes: [
      node('Conv', ['x', 'w1'], 'c1', { pads: [1, 1, 1, 1], strides: [2, 2] }),
      node('Relu', ['c1'], 'r1'),
      node('Conv', ['r1', 'w2'], 'c2', { pads: [1, 1, 1, 1] }),
      node('Relu', ['c2'], 'r2'),
      node('Conv', ['r2', 'wb'], 'b'),
      node('Reshape', ['b', 'boxShape'], 'b4'),
      node('Transpose', ['b4'], 'boxes', { perm: [0, 2, 1] }),
      node('Conv', ['r2', 'ws'], 's'),
      node('Reshape', ['s', 'scoreShape'], 'scores'),
      node('NonMaxSuppression', ['boxes', 'scores', 'most', 'overlap', 'least'], 'selected'),
      node('Gather', ['selected', 'two'], 'column', { axis: 1 }),
      node('Squeeze', ['column', 'one'], 'places'),
      node('Gather', ['boxes', 'places'], 'picked', { axis: 1 }),
      node('Squeeze', ['picked', 'zero'], 'rois'),
      node('Sub', ['places', 'places'], 'images'),
      node('Conv', ['r2', 'wf'], 'features', { pads: [1, 1, 1, 1] }),
      node('RoiAlign', ['features', 'rois', 'images'], 'regions', { output_height: 2, output_width: 2 }),
      ...flatten,
      node('Gemm', ['flat', 'fc1'], 'h', { transB: 1 }),
      node('Relu', ['h'], 'hr'),
      node('Gemm', ['hr', 'fc2'], 'classes', { transB: 1 }),
    ],
    outputs: ['rois', 'classes'],
    // What an exporter traced: it is true for one picture alone.
    valueInfo: shapeTarget ? [] : [inputOf('selected', [7, 3], DataType.INT64), inputOf('h', [7, 16])],
  });
}

async function fileOf(model: ModelProto): Promise<string> {
  const path = join(emptyFolder(), 'detector.onnx');
  await writeModelFile(path, model);
  return path;
}

it.each([false, true])(
  'cuts what comes before and after a selection, and leaves it alone (%s)',
  async (shapeTarget) => {
    const path = await fileOf(detector(shapeTarget));
    const told = await report(path);
    const widths = Object.fromEntries(told.groups.map(({ name, width, prunable }) => [name, prunable ? width : 0]));
    // What is left for -1 beside an unknown number is unknown as well.
    expect(widths).toMatchObject({ c1: 8, c2: 12, features: shapeTarget ? 0 : 6, h: 16, b: 0, s: 0, classes: 0 });
    expect(told.unknownNodes.map(({ op }) => op)).toEqual(['NonMaxSuppression']);
    const head = told.nodes.find(({ name }) => name === 'h')!;
    const [count = 0] = head.outputShape!;
    expect(count).toBeGreaterThan(1);
    expect(head).toMatchObject({ outputShape: [count, 16], macs: count * 16 * 24, isMeasured: true });
    expect(told.nodes.find(({ name }) => name === 'c2')!.isMeasured).toBe(false);
    expect(reportTable(told)).toMatch(
      /^nodes whose output shapes the data decides: \d+, from selected on \(counted as they came out for random inputs\)$/m,
    );

    const out = join(emptyFolder(), 'small.onnx');
    const result = await prune(path, { target: { resource: 'flops', share: 0.5 }, scope: 'local', out });
    expect(result.verification.maxRelativeDifference).toBeLessThan(1e-5);
    const cut = Object.fromEntries(result.groups.map(({ name, before, after }) => [name, before - after]));
    expect(Object.entries(cut).every(([, lost]) => lost > 0)).toBe(true);
    expect(Object.keys(cut).sort()).toEqual(shapeTarget ? ['c1', 'c2', 'h'] : ['c1', 'c2', 'features', 'h']);
    // Counted at the same number of regions, whatever the smaller model finds.
    const again = await report(out);
    const nodeBytes = async (file: string) => {
      const { model } = await readModelFile(file);
      const proto = model.graph!.node.find(({ opType }) => opType === 'NonMaxSuppression')!;
      return Buffer.concat(encodeMessage(messageSchema('NodeProto'), proto).map(bytesOf));
    };
    expect(again.unknownNodes).toEqual(told.unknownNodes);
    expect(await nodeBytes(out)).toEqual(await nodeBytes(path));
    const { model } = await readModelFile(out);
    const declared = Object.fromEntries(
      model.graph!.valueInfo.map(({ name, type }) => [
        name,
        type!.tensorType!.shape!.dim.map((d) => Number(d.dimValue)),
      ]),
    );
    const width = again.groups.find(({ name }) => name === 'h')!.width;
    expect(declared).toEqual(shapeTarget ? {} : { selected: [7, 3], h: [7, width] });
    const wide = await widen(path, { to: { resource: 'flops', share: 1.5 }, out });
    expect(wide.verification.maxRelativeDifference).toBeLessThan(1e-5);
  },
);

it('leaves what hangs on the data alone where the model does not take random inputs', async () => {
  // Only some data give a multiple of five.
  const model = modelOf({
    inputs: { x: [1, 3, 8, 8] },
    weights: {
      w1: [8, 3, 3, 3],
      w2: [4, 8, 1, 1],
      w3: [6, 5],
      row: [1, 4],
      w5: [2, 3],
      w4: [3, 1],
      fives: integers([-1, 5]),
    },
    nodes: [
      node('Conv', ['x', 'w1'], 'c1'),
      node('Conv', ['c1', 'w2'], 'c2'),
      node('NonZero', ['c2'], 'found'),
      node('Cast', ['found'], 'float', { to: 1 }),
      node('Transpose', ['float'], 'rows'),
      node('Concat', ['rows', 'rows', 'row'], 'more', { axis: 0 }),
      node('Reshape', ['more', 'fives'], 'grid'),
      node('Gemm', ['grid', 'w3'], 'y', { transB: 1 }),
      node('ReduceSum', ['y'], 'sum', { keepdims: 1 }),
      node('Gemm', ['sum', 'w4'], 'z', { transB: 1 }),
      node('Gemm', ['z', 'w5'], 'last', { transB: 1 }),
    ],
    outputs: ['last'],
  });
  const path = await fileOf(model);
  const { groups, unknownNodes } = await report(path);
  expect(groups.filter(({ prunable }) => prunable).map(({ name }) => name)).toEqual(['c1']);
  expect(Object.fromEntries(unknownNodes.map(({ node: name, reason }) => [name, reason]))).toMatchObject({
    grid: "the data decides the shape of 'more'",
    z: 'it hangs on shapes that the data decides, and the model does not take random inputs',
  });
  const out = join(emptyFolder(), 'small.onnx');
  const result = await prune(path, { target: { resource: 'flops', share: 0.5 }, out });
  expect(result.verification.maxRelativeDifference).toBeLessThan(1e-5);
  expect(result.output.latencyMs).toBeNull();
});

it('takes a size that the data decides for any, whatever it is measured to be', async () => {
  // One row on most inputs, two where a pixel is above 99: then the target [4, -1] mixes rows and channels.
  const analysis = await analyze(
    modelOf({
      inputs: { x: [1, 3, 2, 3] },
      weights: {
        ...{ w0: [5, 3, 1, 1], w1: [4, 5, 1, 1], wg: [4, 7] },
        ...{ shape: integers([1, 4, 6]), target: integers([4, -1]), two: integers([2]), zero: integers([0]) },
        ...{ limit: floats([99]), always: floats([100]) },
      },
      nodes: [
        node('Conv', ['x', 'w0'], 'c0'),
        node('Conv', ['c0', 'w1'], 'c1'),
        node('Reshape', ['c1', 'shape'], 'features'),
        node('ReduceMax', ['x'], 'brightest', { axes: [1, 2, 3], keepdims: 0 }),
        node('Concat', ['always', 'brightest'], 'both', { axis: 0 }),
        node('Greater', ['both', 'limit'], 'isAbove'),
        node('NonZero', ['isAbove'], 'found'),
        node('Squeeze', ['found', 'zero'], 'rows'),
        node('Sub', ['rows', 'rows'], 'first'),
        node('Gather', ['features', 'first'], 'many', { axis: 0 }),
        node('Reshape', ['many', 'target'], 'mixed'),
        node('Transpose', ['mixed'], 'turned', { perm: [1, 0] }),
        node('MatMul', ['turned', 'wg'], 'y'),
      ],
      outputs: ['y'],
    }),
  );
  expect(isPrunable(groupAt(analysis, 'c1'))).toBe(false);
  expect(isPrunable(groupAt(analysis, 'c0'))).toBe(true);
});
