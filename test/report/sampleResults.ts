import type { Explanation } from '../../src/report/explainResult.js';
import type { CycleResult, MorphResult, Progress, PruneResult, WidenResult } from '../../src/report/results.js';

export const SAMPLE_WIDENED: WidenResult = {
  input: {
    ...{ path: 'digits.onnx', flops: 6_472_320, macs: 3_236_160, params: 19_954, fileBytes: 88_780 },
    ...{ weightBytes: 84_000, activationBytes: 1_024_000, peakActivationBytes: 131_072 },
    ...{ accuracy: 0.9722, testLoss: null, latencyMs: 0.3123, predictedLatencyMs: null },
  },
  output: {
    ...{ path: 'out/small.onnx', flops: 3_231_004, macs: 1_615_502, params: 9_112, fileBytes: 45_000 },
    ...{ weightBytes: 40_000, activationBytes: 700_000, peakActivationBytes: 98_304 },
    ...{ accuracy: 0.975, testLoss: null, latencyMs: 0.2, predictedLatencyMs: null },
  },
  targets: [{ resource: 'flops', limit: 3_236_160, achieved: 3_231_004 }],
  target: { resource: 'flops', limit: 3_236_160, achieved: 3_231_004 },
  verification: { maxRelativeDifference: 3.14e-7, batchSizes: [1, 2] },
  groups: [
    { name: '/stem/Conv', before: 16, after: 12, members: ['/stem/Conv', '/block/c2/Conv'] },
    { name: '/head/Gemm', before: 8, after: 8, members: ['/head/Gemm'] },
    { name: 'gain', before: 100, after: 120, members: [] },
  ],
  seconds: 123.4,
};

export const SAMPLE_CYCLE: CycleResult = { targets: SAMPLE_WIDENED.targets, widen: [], lambda: 1.2, accuracy: 0.975 };

export const SAMPLE_MORPHED: MorphResult = {
  ...SAMPLE_WIDENED,
  fidelity: { split: 'test', samples: 360, agreement: 0.9875, outputError: 0.1234 },
  training: {
    ...{ loss: 'cross-entropy', engine: 'onnxruntime', providers: ['cpu'], epochs: 40 },
    ...{ msPerStep: 81.04, lambda: 1.2 },
    penalty: [
      { kind: 'gamma', groups: 2, channels: 96, reason: 'they have BatchNorm' },
      { kind: 'group-lasso', groups: 1, channels: 1, reason: 'they have no BatchNorm' },
    ],
    cycles: [SAMPLE_CYCLE],
  },
};

export const SAMPLE_PRUNED: PruneResult = {
  ...SAMPLE_WIDENED,
  calibration: {
    samples: 512,
    folded: ['/block/c2/Conv', '/head/Gemm'],
    skipped: [{ node: '/attention/MatMul', reason: 'its weight is calculated' }],
    reestimated: ['/block/bn1/BatchNormalization'],
  },
};

export const SAMPLE_EXPLANATION: Explanation = {
  path: 'digits.onnx',
  groups: [
    {
      ...{
        name: '/stem/Conv',
        units: 16,
        members: ['/stem/Conv', '/block/c2/Conv'],
        unrepeatable: null,
        indispensable: "the graph output 'y' would be a constant",
      },
      costPerUnit: { macs: 24_100, flops: 48_200, params: 621, weightBytes: 2484, activationBytes: 512 },
      axes: [
        { value: 'stem.weight', axis: 0, positionsPerUnit: 1, isConstant: true, isSummed: false },
        { value: 'head.weight', axis: 1, positionsPerUnit: 49, isConstant: true, isSummed: true },
      ],
    },
    {
      ...{
        name: 'gain',
        units: 4,
        members: [],
        unrepeatable: "node 'norm' (LayerNormalization): calculates over all of it",
        indispensable: null,
      },
      costPerUnit: { macs: 0, flops: 0, params: 2, weightBytes: 8, activationBytes: 16 },
      axes: [],
    },
  ],
  pinned: [
    { value: 'y', axis: 1, width: 10, pinned: 10, node: null, reason: "graph output 'y'" },
    { value: 'h', axis: 1, width: 8, pinned: 3, node: 'd', reason: "node 'd' (Det): keeps this axis as it is" },
  ],
};

export const SAMPLE_PROGRESS: Progress = {
  ...{
    cycle: 1,
    cycles: 1,
    phase: 'shrink',
    epoch: 3,
    epochs: 20,
    step: 7,
    steps: 22,
    loss: 0.412,
    penalty: 0.083,
    lambda: 1.2,
  },
  ...{ aliveCost: 4_210_000, limit: 3_236_160, resource: 'flops', msPerStep: 81, secondsLeft: 130, isEpochEnd: false },
};
