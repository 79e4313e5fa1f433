import { describe, expect, it } from 'vitest';
import { report } from '../../src/index.js';
import { reportCsv } from '../../src/report/reportCsv.js';
import { reportTable } from '../../src/report/reportTable.js';
import { runInTest } from './runInTest.js';

const VGG = 'fixtures/models/vgg.onnx';

describe('onnx-morph report', () => {
  it('prints a table on stdout', async () => {
    const text = reportTable(await report(VGG));
    expect(await runInTest(['report', VGG])).toEqual({ exitCode: 0, stdout: text, stderr: '' });
  });

  it('uses the width of a terminal, but not of a narrow one', async () => {
    const path = 'fixtures/models/resnet_bn.onnx';
    const told = await report(path);
    const wide = await runInTest(['report', path], { isTTY: true, columns: 140 });
    expect(wide.stdout).toBe(reportTable(told, 140));
    expect(wide.stdout).not.toBe(reportTable(told));
    const narrow = await runInTest(['report', path], { isTTY: true, columns: 60 });
    expect(narrow.stdout).toBe(reportTable(told));
  });

  it('prints one object with --json', async () => {
    const { exitCode, stdout, stderr } = await runInTest(['report', VGG, '--json']);
    expect({ exitCode, stderr, told: JSON.parse(stdout) }).toEqual({
      exitCode: 0,
      stderr: '',
      told: await report(VGG),
    });
  });

  it('prints rows with --csv', async () => {
    const text = reportCsv(await report(VGG));
    expect(await runInTest(['report', '--csv', VGG])).toEqual({ exitCode: 0, stdout: text, stderr: '' });
  });

  it('takes the shape of an input', async () => {
    const { stdout } = await runInTest(['report', VGG, '--json', '--input', 'x=4x3x32x32']);
    expect(JSON.parse(stdout).inputs).toEqual([{ name: 'x', elementType: 'FLOAT', shape: [4, 3, 32, 32] }]);
  });

  it.each([
    [['nothing.onnx'], 3, 'error: nothing.onnx: there is no such file; check the path of the model\n'],
    [[], 2, "error: missing required argument 'model'; see onnx-morph report --help\n"],
    [
      [VGG, '--json', '--csv'],
      2,
      "error: option '--json' cannot be used with option '--csv'; see onnx-morph report --help\n",
    ],
    [[VGG, '--input', 'y=1x3'], 2, "error: --input y: the model has no input 'y'; its inputs are x\n"],
    [
      [VGG, '--input', 'x=1x3'],
      2,
      'error: --input x=1x3: the model declares [N, 3, 32, 32]; ' +
        'give as many dimensions as declared, and keep those that are fixed\n',
    ],
  ])('%j ends with %d and one line', async (args, exitCode, stderr) => {
    expect(await runInTest(['report', ...args])).toEqual({ exitCode, stdout: '', stderr });
  });
});
