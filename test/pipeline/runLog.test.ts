import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { morph } from '../../src/pipeline/morph.js';
import { openRunLog } from '../../src/pipeline/run/runLog.js';
import type { Progress } from '../../src/report/results.js';
import { readEvents } from '../support/readEvents.js';
import { emptyFolder, shortRun, VGG } from './digits.js';

const eventFiles = (folder: string) => readdirSync(folder).filter((name) => name.includes('tfevents'));
const rowsOf = (folder: string) =>
  readFileSync(join(folder, 'training.csv'), 'utf8')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));

describe('the log of a run', () => {
  it('tells every step of both phases to TensorBoard and to a table', async () => {
    const folder = emptyFolder();
    const logDir = join(folder, 'logs', 'first');
    const target = [
      { resource: 'flops', share: 0.5 },
      { resource: 'params', share: 0.6 },
    ] as const;
    const seen: Progress[] = [];
    const options = { ...shortRun(join(folder, 'o.onnx')), target, shrinkEpochs: 2, epochs: 1, logDir };
    const result = await morph(VGG, { ...options, onProgress: (progress) => seen.push(progress) });

    const [head, ...rows] = rowsOf(logDir);
    const groups = result.groups.map(({ name }) => `channels${name}`);
    expect(head).toEqual(
      ['step', 'phase', 'epoch', 'loss', 'accuracy', 'learning_rate', 'epoch_loss', 'penalty', 'lambda'].concat(
        ['cost/flops', 'cost/params'],
        groups,
      ),
    );
    const steps = rows.slice(0, -2);
    expect(steps.map(([step, phase, epoch]) => [step, phase, epoch])).toEqual(
      seen.map(({ phase, epoch }, i) => [String(i + 1), phase, String(epoch)]),
    );
    const column = (name: string) => steps.map((row) => row[head!.indexOf(name)]);
    expect(column('lambda')).toEqual(seen.map(({ phase, lambda }) => (phase === 'shrink' ? String(lambda) : '')));
    expect(column('epoch_loss')).toEqual(seen.map(({ isEpochEnd, loss }) => (isEpochEnd ? String(loss) : '')));
    // The mean of an epoch's losses is what its last step reports.
    const first = seen.findIndex(({ isEpochEnd }) => isEpochEnd) + 1;
    const losses = column('loss').slice(0, first).map(Number);
    expect(losses.reduce((a, b) => a + b) / first).toBeCloseTo(seen[first - 1]!.loss, 12);
    expect(rows.at(-2)!.slice(0, 5)).toEqual([String(seen.length), 'original', '0', '', String(result.input.accuracy)]);
    expect(rows.at(-1)!.slice(0, 5)).toEqual([String(seen.length), 'result', '0', '', String(result.output.accuracy)]);
    const last = Object.fromEntries(head!.map((name, i) => [name, steps.at(-1)![i]]));
    expect(groups.map((name) => Number(last[name]))).toEqual(result.groups.map(({ after }) => after));
    expect(Number(last['cost/flops'])).toBe(result.targets[0]!.achieved);

    const [version, start, ...events] = readEvents(join(logDir, eventFiles(logDir)[0]!));
    expect(version!.fileVersion).toBe('brain.Event:2');
    expect(start).toMatchObject({ step: '1', sessionLog: { status: 1 } });
    // The same numbers, in float32, by tags that begin with the phase.
    const told = events.map(({ step, summary }) => [
      step,
      ...summary!.value.map(({ tag, simpleValue }) => `${tag} ${simpleValue}`),
    ]);
    expect(told).toEqual(
      rows.map((row) => [
        row[0],
        ...row
          .slice(3)
          .flatMap((cell, i) => (cell === '' ? [] : `${row[1]}/${head![i + 3]} ${Math.fround(Number(cell))}`)),
      ]),
    );
  });

  it('drops what was logged after the step that a run goes on from, and a row that was cut off', async () => {
    const folder = emptyFolder();
    let now = 1_700_000_000_000;
    const clock = () => now;
    const row = (step: number) => ({ step, phase: 'shrink', epoch: 1, numbers: { loss: step / 2 } });
    const before = await openRunLog(folder, ['loss'], 0, clock);
    for (const step of [1, 2, 3]) await before.write(row(step));
    await before.close();
    writeFileSync(join(folder, 'training.csv'), '1,shr', { flag: 'a' });
    now += 60_000;
    const after = await openRunLog(folder, ['loss'], 1, clock);
    await after.write(row(2));
    await after.close();
    expect(readFileSync(join(folder, 'training.csv'), 'utf8')).toBe(
      'step,phase,epoch,loss\r\n1,shrink,1,0.5\r\n2,shrink,1,1\r\n',
    );
    expect(eventFiles(folder)).toEqual([
      'events.out.tfevents.1700000000.onnx-morph',
      'events.out.tfevents.1700000060.onnx-morph',
    ]);
    const events = readEvents(join(folder, eventFiles(folder)[1]!));
    expect(events.map(({ step }) => step)).toEqual([undefined, '2', '2']);
    expect(events[1]!.sessionLog).toEqual({ status: 1 });
  });

  it('starts anew where the table has other columns, and where the run does', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'training.csv'), 'step,phase,epoch,loss\r\n1,shrink,1,0.5\r\n');
    await (await openRunLog(folder, ['loss', 'lambda'], 1)).close();
    expect(readFileSync(join(folder, 'training.csv'), 'utf8')).toBe('step,phase,epoch,loss,lambda\r\n');
    await (await openRunLog(folder, ['loss'])).close();
    expect(readFileSync(join(folder, 'training.csv'), 'utf8')).toBe('step,phase,epoch,loss\r\n');
  });

  it('says where it cannot be written', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'file'), '');
    const code = (code: string) => expect.objectContaining({ code });
    await expect(openRunLog(join(folder, 'file'), [])).rejects.toEqual(code('OUTPUT_NOT_FOLDER'));
    await expect(openRunLog(join(folder, 'file', 'log'), [])).rejects.toEqual(code('OUTPUT_NOT_FOLDER'));
    mkdirSync(join(folder, 'training.csv'));
    await expect(openRunLog(folder, [])).rejects.toEqual(code('OUTPUT_IS_FOLDER'));
  });
});
