import type { Costs, ModelReport, NodeReport } from '../../src/report/reportResult.js';

const NOTHING: Costs = { flops: 0, macs: 0, params: 0, weightBytes: 0, activationBytes: 0 };

function node(name: string, op: string, outputShape: readonly number[] | null, more: Partial<NodeReport>): NodeReport {
  return {
    name,
    op,
    outputShape,
    ...NOTHING,
    share: 0,
    latencyMs: null,
    isKnown: true,
    isMeasured: false,
    isShapeArithmetic: false,
    ...more,
  };
}

/** A report with every kind of row. */
export const SAMPLE_REPORT: ModelReport = {
  path: 'models/sample.onnx',
  fileBytes: 325_632,
  opsets: { 'ai.onnx': 17, 'com.microsoft': 1 },
  inputs: [{ name: 'x', elementType: 'FLOAT', shape: [1, 3, 224, 224] }],
  outputs: [
    { name: 'logits', elementType: 'FLOAT', shape: [1, 1000] },
    { name: 'loss', elementType: 'FLOAT16', shape: [] },
  ],
  nodes: [
    node('/stem/Conv', 'Conv', [1, 64, 112, 112], {
      ...{ macs: 118_013_952, flops: 236_027_904, params: 9408, weightBytes: 37_632, activationBytes: 3_211_264 },
      share: 0.99,
    }),
    node('/stages/stages.0/blocks/blocks.0/norm/BatchNormalization', 'BatchNormalization', [1, 64, 112, 112], {
      ...{ params: 128, weightBytes: 1024, activationBytes: 3_211_264 },
    }),
    node('/stages/stages.0/blocks/blocks.0/attention/gelu_1', 'com.microsoft.QuickGelu', [1, 64, 112, 112], {
      ...{ activationBytes: 3_211_264, isKnown: false },
    }),
    node('Shape#3', 'Shape', [4], { activationBytes: 32, isShapeArithmetic: true }),
    node('Concat#4', 'Concat', [2], { activationBytes: 16, weightBytes: 8, isShapeArithmetic: true }),
    node('bad\nname', 'SequenceConstruct', null, {}),
    node('/head/Gemm', 'Gemm', [1, 1000], {
      ...{ macs: 64_000, flops: 128_000, params: 65_000, weightBytes: 260_000, activationBytes: 4000, share: 0.00025 },
    }),
  ],
  totals: { macs: 118_077_952, flops: 236_155_904, params: 74_536, weightBytes: 298_664, activationBytes: 9_637_840 },
  peakActivationBytes: 6_422_528,
  peakNode: '/stem/Conv',
  latency: { device: null, predictedMs: null, measuredMs: null },
  groups: [
    { name: 'x', width: 3, members: [], prunable: false, pinned: "graph input 'x'" },
    {
      name: '/stem/Conv',
      width: 64,
      members: [
        '/stem/Conv',
        '/stages/stages.0/blocks/blocks.0/proj/Conv',
        '/stages/stages.0/blocks/blocks.1/proj/Conv',
      ],
      prunable: true,
      pinned: null,
    },
    { name: 'gain', width: 16, members: [], prunable: true, pinned: null },
    { name: '/head/Gemm', width: 1000, members: ['/head/Gemm'], prunable: false, pinned: "graph output 'logits'" },
  ],
  unknownNodes: [
    {
      node: '/stages/stages.0/blocks/blocks.0/attention/gelu_1',
      op: 'com.microsoft.QuickGelu',
      reason: 'the operator com.microsoft.QuickGelu (opset 1) is not known',
    },
  ],
};
