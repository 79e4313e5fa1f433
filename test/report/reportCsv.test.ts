import { expect, it } from 'vitest';
import { reportCsv } from '../../src/report/reportCsv.js';
import { SAMPLE_REPORT } from './sampleReport.js';

it('has a row for each node, exact numbers, and quotes as RFC 4180 has them', () => {
  const [conv, , gelu, shape] = SAMPLE_REPORT.nodes;
  const nodes = [
    { ...conv!, name: 'a,"b"', latencyMs: 0.25 },
    { ...gelu!, name: 'line\nbreak', outputShape: null },
    shape!,
  ];
  expect(reportCsv({ ...SAMPLE_REPORT, nodes })).toBe(
    [
      'name,op,outputShape,macs,flops,params,weightBytes,activationBytes,share,isKnown,isShapeArithmetic,latencyMs\r\n',
      '"a,""b""",Conv,1x64x112x112,118013952,236027904,9408,37632,3211264,0.99,true,false,0.25\r\n',
      '"line\nbreak",com.microsoft.QuickGelu,,0,0,0,0,3211264,0,false,false,\r\n',
      'Shape#3,Shape,4,0,0,0,0,32,0,true,true,\r\n',
    ].join(''),
  );
});
