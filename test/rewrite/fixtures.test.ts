import { describe, expect, test } from 'vitest';
import { isPrunable } from '../../src/channels/channelAnalysis.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { analyze } from '../support/analyze.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';

const FILES = [
  'models/resnet.onnx',
  'models/resnet_bn.onnx',
  'models/vgg.onnx',
  'models/inception_bn.onnx',
  'digits-resnet8.onnx',
  'digits-vgg.onnx',
];

describe.each(FILES)('the laws on %s', (file) => {
  const load = async () =>
    analyze((await readModelFile(new URL(`../../fixtures/${file}`, import.meta.url).pathname)).model);

  test('20 random cuts', async () => {
    const analysis = await load();
    expect(analysis.groups.filter(isPrunable).length).toBeGreaterThanOrEqual(2);
    for (let seed = 1; seed <= 20; seed++) await expectCutLaw(analysis, seed);
  });

  test('3 random widenings', async () => {
    const analysis = await load();
    for (let seed = 21; seed <= 23; seed++) await expectWidenLaw(analysis, seed);
  });
});
