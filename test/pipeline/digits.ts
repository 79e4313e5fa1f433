import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MorphOptions } from '../../src/pipeline/options.js';
import { parseNormalisation } from '../../src/train/data/index.js';

export const RESNET = 'fixtures/digits-resnet8.onnx';
export const VGG = 'fixtures/digits-vgg.onnx';

/** A new empty folder, removed after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Options of a short run on the digits, towards half of the FLOPs. */
export function shortRun(out: string): MorphOptions {
  return {
    data: 'fixtures/digits.npz',
    dataOptions: { normalisation: parseNormalisation({ scale: '1/16' }) },
    target: { resource: 'flops', share: 0.5 },
    out,
    engine: 'onnxruntime',
    shrinkEpochs: 3,
    epochs: 2,
    learningRate: 0.05,
  };
}
