import type { MorphResult, Progress, WidenResult } from '../../src/report/results.js';

export const SAMPLE_WIDENED: WidenResult = {
  input: {
    ...{ path: 'digits.onnx', flops: 6_472_320, macs: 3_236_160, params: 19_954, fileBytes: 88_780 },
    ...{ accuracy: 0.9722, latencyMs: 0.3123 },
  },
  output: {
    ...{ path: 'out/small.onnx', flops: 3_231_004, macs: 1_615_502, params: 9_112, fileBytes: 45_000 },
    ...{ accuracy: 0.975, latencyMs: 0.2 },
  },
  target: { resource: 'flops', limit: 3_236_160, achieved: 3_231_004 },
  verification: { maxRelativeDifference: 3.14e-7, batchSizes: [1, 3] },
  groups: [
    { name: '/stem/Conv', before: 16, after: 12, members: ['/stem/Conv', '/block/c2/Conv'] },
    { name: '/head/Gemm', before: 8, after: 8, members: ['/head/Gemm'] },
    { name: 'gain', before: 100, after: 120, members: [] },
  ],
  seconds: 123.4,
};

export const SAMPLE_MORPHED: MorphResult = {
  ...SAMPLE_WIDENED,
  training: { engine: 'onnxruntime', epochs: 40, msPerStep: 81.04, lambda: 1.2 },
};

export const SAMPLE_PROGRESS: Progress = {
  ...{ phase: 'shrink', epoch: 3, epochs: 20, step: 7, steps: 22, loss: 0.412, penalty: 0.083, lambda: 1.2 },
  ...{ aliveCost: 4_210_000, limit: 3_236_160, resource: 'flops', msPerStep: 81, secondsLeft: 130, isEpochEnd: false },
};
