import { expect, test } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { allOps } from '../../src/ops/allOps.js';
import { findRecord } from '../../src/ops/findRecord.js';
import { modelOf, node } from '../support/modelOf.js';

test.each([
  ['QAttention', true],
  ['DynamicQuantizeLSTM', true],
  ['MatMulIntegerToFloat', true],
  ['Trilu', false],
  ['Quux', false],
])('of %s, which is not known, it says whether the float model should be cut', (type, isQuantized) => {
  const { nodes } = indexGraph(
    modelOf({ inputs: { x: [2] }, nodes: [node(type, ['x'], 'y', {}, 'com.microsoft')], outputs: ['y'] }),
  );
  const advice = isQuantized ? ' (cut the float model, then quantize it)' : '';
  expect(findRecord(nodes[0]!, allOps, 1)).toEqual({
    known: false,
    reason: `the operator com.microsoft.${type} (opset 1) is not known${advice}`,
  });
});
