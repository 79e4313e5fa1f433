import { describe, expect, it } from 'vitest';
import type { ExplainOptions } from '../../src/index.js';
import { explainTable } from '../../src/report/explainTable.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { SAMPLE_EXPLANATION } from '../report/sampleResults.js';
import { violations } from '../report/structuralCheck.js';
import { runInTest } from './runInTest.js';

describe('onnx-morph explain', () => {
  it('hands on its options, and prints its table', async () => {
    const calls: unknown[] = [];
    const explain = async (path: unknown, options?: ExplainOptions) => {
      calls.push([path, options]);
      return SAMPLE_EXPLANATION;
    };
    const argv = ['explain', 'm.onnx', '--node', 'a', '--keep', 'b', '--input', 'x=1x3'];
    const outcome = await runInTest(argv, { library: { explain } });
    expect(outcome).toEqual({ exitCode: 0, stdout: explainTable(SAMPLE_EXPLANATION), stderr: '' });
    expect(calls).toEqual([['m.onnx', { node: 'a', keep: ['b'], inputShapes: { x: [1, 3] } }]]);
  });

  it('prints an object that its schema describes', async () => {
    const { exitCode, stdout } = await runInTest([
      'explain',
      'fixtures/digits-resnet8.onnx',
      '--node',
      '/Relu',
      '--json',
    ]);
    const result = JSON.parse(stdout);
    expect({ exitCode, violations: violations(result, SCHEMAS.explain) }).toEqual({ exitCode: 0, violations: [] });
    expect(result.node.name).toBe('/Relu');
  });

  it('shows the way from channels to what holds them', async () => {
    const argv = ['explain', 'fixtures/digits-resnet8.onnx', '--keep', '/blocks/blocks.1/c2/Conv'];
    const { stdout } = await runInTest([...argv, '--node', '/blocks/blocks.1/short/short.1/BatchNormalization']);
    expect(stdout).toBe(
      [
        "node '/blocks/blocks.1/short/short.1/BatchNormalization' (BatchNormalization)",
        '',
        '/blocks/blocks.1/short/short.1/BatchNormalization_output_0, axis 1: 32 channels',
        '  pinned: all of them',
        '    /blocks/blocks.1/short/short.1/BatchNormalization_output_0, axis 1',
        '    → /blocks/blocks.1/Add_output_0, axis 1, by /blocks/blocks.1/Add',
        '    → /blocks/blocks.1/b2/BatchNormalization_output_0, axis 1, by /blocks/blocks.1/Add',
        '    → /blocks/blocks.1/c2/Conv_output_0, axis 1, by /blocks/blocks.1/b2/BatchNormalization',
        '    held: kept by --keep /blocks/blocks.1/c2/Conv',
        '',
      ].join('\n'),
    );
  });

  it('tells names that come near one that is not there', async () => {
    expect(await runInTest(['explain', 'fixtures/digits-vgg.onnx', '--node', '/c9/Conv'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'error: --node /c9/Conv: no node and no value of the model has such a name; ' +
        'names that come near: /c1/Conv, /c2/Conv, /c3/Conv\n',
    });
  });
});
