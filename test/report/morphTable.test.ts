import { expect, it } from 'vitest';
import { morphTable } from '../../src/report/morphTable.js';
import { widthsTable } from '../../src/report/widthsTable.js';
import { SAMPLE_CYCLE, SAMPLE_MORPHED, SAMPLE_WIDENED } from './sampleResults.js';

it('tells of a morphed model: both sides, budget, proof, training and widths', () => {
  expect(morphTable(SAMPLE_MORPHED)).toBe(`digits.onnx → out/small.onnx

            before     after        change
FLOPs        6.47M     3.23M        -50.1%
MACs         3.24M     1.62M        -50.1%
params       20.0k     9.11k        -54.3%
file      86.7 KiB  43.9 KiB        -49.3%
accuracy    97.22%    97.50%  +0.28 points
latency   0.312 ms  0.200 ms        -36.0%

target    flops at most 3.24M, reached 3.23M (49.9% of the original)
proof     largest relative difference 3.1e-7 at batch sizes 1 and 2
training  40 epochs of cross-entropy on onnxruntime, 81.0 ms per step, λ 1.20 at the end
penalty   gamma on 96 channels of 2 groups: they have BatchNorm
          group-lasso on 1 channel of 1 group: they have no BatchNorm
time      2 min 03 s

layer           width
/stem/Conv         16  →   12
/block/c2/Conv     16  →   12  with /stem/Conv
/head/Gemm          8  =    8
gain              100  →  120
`);
});

it.each([
  [0.9875, 0.1234, 'fidelity the same class for 98.75% of the test samples, outputs 12.34% off'],
  [null, 0.1234, 'fidelity outputs 12.34% off on the test samples'],
  [0.9875, null, 'fidelity the same class for 98.75% of the test samples'],
  [null, null, undefined],
])('tells how far a model without accuracy does what the original does', (agreement, outputError, text) => {
  const output = { ...SAMPLE_MORPHED.output, accuracy: null };
  const fidelity = { ...SAMPLE_MORPHED.fidelity, agreement, outputError };
  const lines = morphTable({ ...SAMPLE_MORPHED, output, fidelity })
    .replaceAll(/ +/g, ' ')
    .split('\n');
  expect(lines.find((line) => line.startsWith('fidelity'))).toBe(text);
});

it('tells the test loss where there is one', () => {
  const input = { ...SAMPLE_MORPHED.input, accuracy: null, testLoss: 0.125 };
  const output = { ...SAMPLE_MORPHED.output, accuracy: null, testLoss: 0.1 };
  const lines = morphTable({ ...SAMPLE_MORPHED, input, output })
    .replaceAll(/ +/g, ' ')
    .split('\n');
  expect(lines.find((line) => line.startsWith('test loss'))).toBe('test loss 0.1250 0.1000 -20.0%');
  expect(morphTable(SAMPLE_MORPHED)).not.toContain('test loss');
});

it('tells of a widened model, which was not trained and has no accuracy', () => {
  const input = { ...SAMPLE_WIDENED.input, accuracy: null };
  const output = { ...SAMPLE_WIDENED.output, accuracy: null };
  const target = { resource: 'activationBytes', limit: 700_500, achieved: 700_000 } as const;
  const targets = [target, { resource: 'peakActivationBytes', limit: 102_400, achieved: 98_304 } as const];
  const verification = { maxRelativeDifference: 0, batchSizes: [1] };
  expect(
    morphTable({ ...SAMPLE_WIDENED, input, output, targets, target, verification, groups: [], seconds: 2 }),
  ).toBe(`digits.onnx → out/small.onnx

               before     after  change
FLOPs           6.47M     3.23M  -50.1%
MACs            3.24M     1.62M  -50.1%
params          20.0k     9.11k  -54.3%
activations  1000 KiB   684 KiB  -31.6%
peak          128 KiB  96.0 KiB  -25.0%
file         86.7 KiB  43.9 KiB  -49.3%
accuracy            -         -
latency      0.312 ms  0.200 ms  -36.0%

target  activation-bytes at most 684 KiB, reached 684 KiB (68.4% of the original)
        peak-activation-bytes at most 100 KiB, reached 96.0 KiB (75.0% of the original)
proof   largest relative difference 0 at batch size 1
time    2 s

widths: no channels could be changed
`);
});

it('shortens long names of layers', () => {
  const name = `/${'very/'.repeat(12)}long`;
  expect(
    widthsTable([{ name, before: 4, after: 2, members: [name, 'b'] }]),
  ).toBe(`layer                                               width
/very/very/very/…ery/very/very/very/very/very/long      4  →  2
b                                                       4  →  2  with /very/very/very/…ery/very/very/very/very/very/long
`);
});

it.each([
  [0.25, 'latency at most 0.300 ms, reached 0.250 ms (50.0% of the original)'],
  [0.2, 'latency at most 0.300 ms, reached 0.200 ms (40.0% of the original)'],
])('tells what was predicted, and a latency of %d as a share of its kind', (achieved, text) => {
  const input = { ...SAMPLE_WIDENED.input, latencyMs: 0.5, predictedLatencyMs: 0.5 };
  const output = { ...SAMPLE_WIDENED.output, latencyMs: 0.2, predictedLatencyMs: 0.25 };
  const targets = [{ resource: 'latencyMs', limit: 0.3, achieved } as const];
  const lines = morphTable({ ...SAMPLE_WIDENED, input, output, targets })
    .replaceAll(/ +/g, ' ')
    .split('\n');
  expect(lines).toContain('latency 0.500 ms 0.200 ms -60.0%');
  expect(lines).toContain('predicted 0.500 ms 0.250 ms -50.0%');
  expect(lines).toContain(`target ${text}`);
});

it('tells of each of several cycles', () => {
  const targets = [{ resource: 'flops', limit: 4_600_000, achieved: 4_590_000 }] as const;
  const widen = [{ resource: 'params', limit: 20_000, achieved: 19_900 }] as const;
  const cycles = [{ targets, widen, lambda: 0.5, accuracy: null }, SAMPLE_CYCLE];
  const training = { ...SAMPLE_MORPHED.training, cycles };
  expect(morphTable({ ...SAMPLE_MORPHED, training })).toContain(`they have no BatchNorm
cycle 1   cut to flops 4.59M, widened to params 19.9k, accuracy -, λ 0.500
cycle 2   cut to flops 3.23M, accuracy 97.50%, λ 1.20
time`);
});
