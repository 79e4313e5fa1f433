import { expect, test } from 'vitest';
import { graphErrors } from '../../src/errors/graphErrors.js';
import type { MorphError } from '../../src/errors/morphError.js';

const CASES: Readonly<Record<keyof typeof graphErrors, readonly [MorphError, string, number, string]>> = {
  missingValue: [
    graphErrors.missingValue("node 'a' (Add)", 'v'),
    'GRAPH_MISSING_VALUE',
    3,
    "node 'a' (Add): reads the value 'v', which no node, input or initializer gives; the file is broken: export the model again",
  ],
  cycle: [
    graphErrors.cycle("node 'a' (Add)", 'v'),
    'GRAPH_CYCLE',
    3,
    "node 'a' (Add): depends on its own output through the value 'v'; ONNX graphs must be acyclic: export the model again",
  ],
  duplicateValue: [
    graphErrors.duplicateValue('v', 'the graph', "node 'a' (Add)"),
    'GRAPH_DUPLICATE_VALUE',
    3,
    "node 'a' (Add): gives the value 'v', which the graph already gives; every value must be given once: export the model again",
  ],
  widthMismatch: [
    graphErrors.widthMismatch("node 'a' (Conv)", 'x', 3, 'w', 4),
    'GRAPH_WIDTH_MISMATCH',
    3,
    "node 'a' (Conv): it needs 'x' (3) and 'w' (4) to have the same width; the file is broken: export the model again",
  ],
  integerTooLarge: [
    graphErrors.integerTooLarge("attribute 'axis'", 2n ** 62n),
    'GRAPH_INTEGER_TOO_LARGE',
    3,
    "attribute 'axis': the integer 4611686018427387904 cannot be represented exactly; the file is broken or made to be hostile: export the model again",
  ],
  zeroGroups: [
    graphErrors.zeroGroups("node 'up' (ConvTranspose)", 0n),
    'GRAPH_ZERO_GROUPS',
    3,
    "node 'up' (ConvTranspose): its attribute 'group' is 0, and there must be at least 1; the file is broken or made to be hostile: export the model again",
  ],
  crashesRuntime: [
    graphErrors.crashesRuntime("node 'att' (com.microsoft.Attention)", 'it has no bias'),
    'GRAPH_CRASHES_RUNTIME',
    3,
    "node 'att' (com.microsoft.Attention): it has no bias, which makes ONNX Runtime end the process; change the node, or export the model again in another way",
  ],
  noSuchInput: [
    graphErrors.noSuchInput('img', ['x', 'mask']),
    'GRAPH_NO_SUCH_INPUT',
    2,
    "--input img: the model has no input 'img'; its inputs are x, mask",
  ],
  noSuchNode: [
    graphErrors.noSuchNode('--keep', '/stem/*', ['/steam/Conv', '/c1/Conv']),
    'GRAPH_NO_SUCH_NODE',
    2,
    '--keep /stem/*: no node and no value of the model has such a name; names that come near: /steam/Conv, /c1/Conv',
  ],
  freeDimension: [
    graphErrors.freeDimension('x', ['N', '3', 'H', '?'], ['x=1x3x224x224', 'ids=1x128']),
    'GRAPH_FREE_DIMENSION',
    2,
    "input 'x': its shape [N, 3, H, ?] has free dimensions beside the batch; say what they are, for example --input x=1x3x224x224 --input ids=1x128",
  ],
  inputShapeMismatch: [
    graphErrors.inputShapeMismatch('x', ['N', '3'], [1, 4]),
    'GRAPH_INPUT_SHAPE',
    2,
    '--input x=1x4: the model declares [N, 3]; give as many dimensions as declared, and keep those that are fixed',
  ],
};

test.each(Object.entries(CASES))('%s says where, what and what to do', (_, [error, code, exitCode, message]) => {
  expect(error.code).toBe(code);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toBe(message);
});
