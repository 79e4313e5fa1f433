import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { morph } from '../../src/pipeline/morph.js';
import type { MorphOptions } from '../../src/pipeline/options.js';
import type { Progress } from '../../src/report/results.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import type { Structure } from '../../src/rewrite/plan/structure.js';
import { violations } from '../report/structuralCheck.js';
import { emptyFolder, RESNET, shortRun, VGG } from './digits.js';

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const flops = (share: number) => ({ resource: 'flops', share }) as const;

const inCycles = (out: string, more: Partial<MorphOptions>): MorphOptions => ({
  ...shortRun(out),
  target: flops(0.25),
  cycles: 2,
  shrinkEpochs: 1,
  epochs: 1,
  ...more,
});

describe('cycles', () => {
  it('without widening go to the target step by step, cutting the same share each time', async () => {
    const folder = emptyFolder();
    const [logDir, structureOut] = [join(folder, 'log'), join(folder, 'found.json')];
    const seen: Progress[] = [];
    const onProgress = (progress: Progress) => void seen.push(progress);
    const options = inCycles(join(folder, 'o.onnx'), { logDir, structureOut, onProgress });
    const result = await morph(VGG, options);
    expect(violations(JSON.parse(JSON.stringify(result)), SCHEMAS.morph)).toEqual([]);
    const { cycles } = result.training;
    const whole = result.input.flops;
    expect(cycles.map(({ targets }) => targets[0]!.limit / whole)).toEqual([expect.closeTo(0.5, 12), 0.25]);
    for (const { targets } of cycles) {
      expect(targets[0]!.achieved).toBeLessThanOrEqual(targets[0]!.limit);
      expect(targets[0]!.achieved).toBeGreaterThan(0.9 * targets[0]!.limit);
    }
    expect(result.output.flops).toBe(cycles[1]!.targets[0]!.achieved);
    expect(result.targets).toEqual(cycles[1]!.targets);
    expect(cycles[1]!.accuracy).toBe(result.output.accuracy);
    expect(cycles[0]!.accuracy).toBeGreaterThan(0.5);
    expect(result.training.epochs).toBe(4);
    expect(result.verification.maxRelativeDifference).toBeLessThan(1e-5);

    const places = [...new Set(seen.map(({ cycle, cycles: of, phase }) => `${cycle}/${of} ${phase}`))];
    expect(places).toEqual(['1/2 shrink', '1/2 fine-tune', '2/2 shrink', '2/2 fine-tune']);
    const rows = readFileSync(join(logDir, 'training.csv'), 'utf8').split('\r\n');
    const phases = [...new Set(rows.slice(1, -1).map((row) => row.split(',')[1]))];
    expect(phases).toEqual(['shrink', 'fine-tune', 'cycle2/shrink', 'cycle2/fine-tune', 'original', 'result']);
    const steps = rows.length - 4;
    expect(seen.length).toBe(steps);
    // What is left of the time shrinks over all cycles: three quarters of the steps come after the first phase.
    const ends = seen.filter(({ isEpochEnd }) => isEpochEnd);
    expect(ends.map(({ secondsLeft, msPerStep }) => secondsLeft > 0 || msPerStep === 0)).toEqual([
      ...[true, true, true],
      false,
    ]);

    // The structure is that of the original: cut to at once, it gives the same widths.
    const structure: Structure = JSON.parse(readFileSync(structureOut, 'utf8'));
    expect(structure.groups.map(({ name, width, alive }) => ({ name, before: width, after: alive }))).toEqual(
      result.groups.map(({ name, before, after }) => ({ name, before, after })),
    );
    const { target: _, ...again } = shortRun(join(folder, 'again.onnx'));
    const { output } = await morph(VGG, { ...again, epochs: 0, structure: structureOut });
    expect([output.flops, output.params]).toEqual([result.output.flops, result.output.params]);
    await expect(morph(VGG, { ...again, cycles: 2, structure: structureOut })).rejects.toThrow(
      'a structure is cut to at once, and --cycles asks for 2',
    );
  });

  it('with widening shrink to the target and grow to the budget each time', async () => {
    const folder = emptyFolder();
    const structureOut = join(folder, 'found.json');
    const options = inCycles(join(folder, 'o.onnx'), { widen: flops(1.2), structureOut });
    const { input, output, widen, training, groups } = await morph(VGG, options);
    expect(training.cycles.length).toBe(2);
    for (const cycle of training.cycles) {
      expect(cycle.targets[0]!.limit).toBe(0.25 * input.flops);
      expect(cycle.targets[0]!.achieved).toBeLessThanOrEqual(0.25 * input.flops);
      expect(cycle.widen[0]!.limit).toBe(1.2 * input.flops);
      expect(cycle.widen[0]!.achieved).toBeGreaterThan(1.1 * input.flops);
    }
    expect(widen).toEqual(training.cycles[1]!.widen[0]);
    expect(output.flops).toBe(widen!.achieved);
    // Channels that were repeated stand once in the structure.
    const structure: Structure = JSON.parse(readFileSync(structureOut, 'utf8'));
    for (const [i, { width, alive }] of structure.groups.entries()) {
      expect(alive).toBeLessThanOrEqual(width);
      expect(alive).toBeLessThanOrEqual(groups[i]!.after);
    }
  });

  it('cut no larger share of a group than asked, of what the original had', async () => {
    const folder = emptyFolder();
    const { groups } = await morph(
      VGG,
      inCycles(join(folder, 'o.onnx'), { maxRatio: 0.6, epochs: 0, shrinkEpochs: 0 }),
    );
    for (const { before, after } of groups) expect(after).toBeGreaterThanOrEqual(0.4 * before);
    expect(groups.some(({ before, after }) => after < 0.5 * before)).toBe(true);
  });

  it.each([
    ['to the target step by step, with groups that die', RESNET, { target: flops(0.1), minChannels: 0, cycles: 3 }],
    ['with widening', VGG, { widen: flops(0.8), retrain: 'scratch' }],
  ] as const)('go on from a checkpoint anywhere: %s', async (_, path, variant) => {
    const folder = emptyFolder();
    const options = inCycles(join(folder, 'whole.onnx'), variant);
    const structureOut = join(folder, 'whole.json');
    const { training } = await morph(path, { ...options, structureOut });
    const checkpoint = join(folder, 'checkpoints');
    const stopped = { ...options, out: join(folder, 'o.onnx'), checkpoint, checkpointSeconds: 0, resume: true };
    // 22 steps an epoch: within the first phase, at its end, in the fine-tuning, in the second cycle, at its end.
    for (const steps of [5, 17, 30, 3, 22]) {
      const stop = new AbortController();
      let count = 0;
      const onProgress = () => void (++count === steps && stop.abort(new Error('enough')));
      await expect(morph(path, { ...stopped, signal: stop.signal, onProgress })).rejects.toThrow('enough');
    }
    const structureAgain = join(folder, 'again.json');
    const resumed = await morph(path, { ...stopped, structureOut: structureAgain });
    expect(sha256(stopped.out)).toBe(sha256(join(folder, 'whole.onnx')));
    expect(sha256(structureAgain)).toBe(sha256(structureOut));
    expect(resumed.training.cycles).toEqual(training.cycles);
  });
});
