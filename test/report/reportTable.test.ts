import { expect, it } from 'vitest';
import { reportTable } from '../../src/report/reportTable.js';
import { SAMPLE_REPORT } from './sampleReport.js';

it('fits into 100 columns', () => {
  const text = reportTable(SAMPLE_REPORT);
  expect(text.split('\n')).toEqual([
    'models/sample.onnx  318 KiB, opset 17, com.microsoft 1',
    'input   x       float    1x3x224x224',
    'output  logits  float    1x1000',
    'output  loss    float16  scalar',
    '',
    'node                 op                output         MACs  FLOPs  params   weights    activ.  share',
    '/stem/Conv           Conv              1x64x112x112   118M   236M   9.41k  36.8 KiB  3.06 MiB  99.0%',
    '/stage…cks.0/norm/…  BatchNormalizat…  1x64x112x112      -      -     128  1.00 KiB  3.06 MiB      -',
    '/stage…ntion/gelu_1  …osoft.QuickGelu  1x64x112x112      ?      ?       -         -  3.06 MiB      -',
    'bad\\u000aname        SequenceConstru…  -                 -      -       -         -         -      -',
    '/head/Gemm           Gemm              1x1000        64.0k   128k   65.0k   254 KiB  3.91 KiB  <0.1%',
    '2 shape nodes                                            -      -       -       8 B      48 B      -',
    'total                                                 118M   236M   74.5k   292 KiB  9.19 MiB   100%',
    '',
    'peak activations: 6.13 MiB at /stem/Conv',
    '',
    'nodes that are not known (their MACs are not counted, their channels are pinned): 1',
    '  1  the operator com.microsoft.QuickGelu (opset 1) is not known',
    '',
    'channels that can be cut: 80 in 2 groups',
    '  width  nodes that give them',
    '     64  /stem/Conv, /stages/stages.0/blocks/blocks.0/proj/Conv,',
    '         /stages/stages.0/blocks/blocks.1/proj/Conv',
    '     16  gain',
    '',
    'channels that are pinned: 1003 in 2 groups',
    '  width  first node  why',
    "      3  x           graph input 'x'",
    "   1000  /head/Gemm  graph output 'logits'",
    '',
  ]);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

it('shows whole names where the terminal is wide', () => {
  const lines = reportTable(SAMPLE_REPORT, 160).split('\n');
  expect(lines.find((line) => line.includes('blocks.0/norm'))).toBe(
    '/stages/stages.0/blocks/blocks.0/norm/BatchNormalization  BatchNormalizat…  1x64x112x112      -      -     128  1.00 KiB  3.06 MiB      -',
  );
});

it('says so where nothing can be cut, and leaves out what is not there', () => {
  const empty = {
    ...SAMPLE_REPORT,
    ...{ path: 'e.onnx', opsets: { 'ai.onnx': 7 }, inputs: [], outputs: [], nodes: [], groups: [], unknownNodes: [] },
    totals: { macs: 0, flops: 0, params: 0, weightBytes: 0, activationBytes: 0 },
    ...{ peakActivationBytes: 0, peakNode: null },
  };
  expect(reportTable(empty).split('\n')).toEqual([
    'e.onnx  318 KiB, opset 7',
    '',
    'node   op  output  MACs  FLOPs  params  weights  activ.  share',
    'total                 -      -       -        -       -      -',
    '',
    'peak activations: 0 B',
    '',
    'channels that can be cut: none',
    '',
  ]);
});

it('tells what each node takes where a device was named, and what the model took', () => {
  const nodes = SAMPLE_REPORT.nodes.map((node, i) => ({ ...node, latencyMs: i === 0 ? 1.5 : i === 1 ? 0.25 : 0 }));
  const latency = { device: 'raspberry-pi-4', predictedMs: 1.75, measuredMs: 0.4 };
  const lines = reportTable({ ...SAMPLE_REPORT, nodes, latency }, 120).split('\n');
  expect(lines.filter((line) => /^(node {2}|.stem|.stage.*Batch|2 shape|total|latency)/.test(line))).toEqual([
    'node                           op                output         MACs  FLOPs  params   weights    activ.  share      time',
    '/stem/Conv                     Conv              1x64x112x112   118M   236M   9.41k  36.8 KiB  3.06 MiB  99.0%   1.50 ms',
    '/stages/s…cks/blocks.0/norm/…  BatchNormalizat…  1x64x112x112      -      -     128  1.00 KiB  3.06 MiB      -  0.250 ms',
    '2 shape nodes                                                      -      -       -       8 B      48 B      -         -',
    'total                                                           118M   236M   74.5k   292 KiB  9.19 MiB   100%   1.75 ms',
    'latency: 1.75 ms on raspberry-pi-4, as predicted; 0.400 ms on this machine, as measured',
  ]);
});
