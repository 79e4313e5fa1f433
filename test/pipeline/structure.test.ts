import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/pipeline/loadModel.js';
import { loadStructure } from '../../src/pipeline/loadStructure.js';
import { morph } from '../../src/pipeline/morph.js';
import { prune } from '../../src/pipeline/prune.js';
import type { Progress } from '../../src/report/results.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import type { Structure } from '../../src/rewrite/plan/structure.js';
import { structureOf, structurePlan } from '../../src/rewrite/plan/structurePlan.js';
import { violations } from '../report/structuralCheck.js';
import { emptyFolder, RESNET, shortRun, VGG } from './digits.js';

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

const VALID = { name: '/c1/Conv', members: ['/c1/Conv'], width: 16, alive: 2, kept: [3, 5] };

describe('a structure', () => {
  it('that a run has written cuts the seed to the same channels at once', async () => {
    const folder = emptyFolder();
    const [file, again] = [join(folder, 'structure.json'), join(folder, 'again.json')];
    const found = await morph(VGG, {
      ...shortRun(join(folder, 'a.onnx')),
      shrinkEpochs: 1,
      epochs: 0,
      structureOut: file,
    });
    const structure: Structure = JSON.parse(readFileSync(file, 'utf8'));
    expect(violations(structure, SCHEMAS.structure)).toEqual([]);
    expect(structure.groups.map(({ name, width, alive }) => ({ name, before: width, after: alive }))).toEqual(
      found.groups.map(({ name, before, after }) => ({ name, before, after })),
    );

    const phases = new Set<string>();
    const onProgress = ({ phase }: Progress) => void phases.add(phase);
    const checkpoint = join(folder, 'checkpoints');
    const options = { ...shortRun(join(folder, 'b.onnx')), epochs: 1, structure: file, structureOut: again };
    const tuned = await morph(VGG, { ...options, onProgress, checkpoint, checkpointSeconds: 0 });
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'));
    expect([...phases]).toEqual(['fine-tune']);
    expect(tuned.groups).toEqual(found.groups);
    expect(tuned.output.flops).toBe(found.output.flops);
    expect(tuned.training).toMatchObject({ epochs: 1, lambda: 0 });
    expect(tuned.output.accuracy).toBeGreaterThan(0.5);

    // Stopped and resumed, it gives the same file.
    const stop = new AbortController();
    const stopped = { ...options, out: join(folder, 'c.onnx'), checkpoint, checkpointSeconds: 0, resume: true };
    const abort = ({ step }: Progress) => void (step === 5 && stop.abort(new Error('enough')));
    await expect(morph(VGG, { ...stopped, signal: stop.signal, onProgress: abort })).rejects.toThrow('enough');
    const other = join(folder, 'other.json');
    writeFileSync(other, JSON.stringify({ version: 1, groups: [] }));
    const target = { resource: 'flops', share: 1 } as const;
    await expect(morph(VGG, { ...stopped, target, structure: other })).rejects.toThrow(
      'differs in --structure, --target;',
    );
    expect(readdirSync(checkpoint)).toContain('checkpoint-000000000005.safetensors');
    await morph(VGG, stopped);
    expect(sha256(stopped.out)).toBe(sha256(join(folder, 'b.onnx')));
  });

  it('that prune has written scales all widths alike, and is trained from scratch without a target', async () => {
    const folder = emptyFolder();
    const structureOut = join(folder, 'uniform.json');
    const target = { resource: 'flops', share: 0.25 } as const;
    const cut = await prune(VGG, { target, scope: 'local', out: join(folder, 'cut.onnx'), structureOut });
    const { groups }: Structure = JSON.parse(readFileSync(structureOut, 'utf8'));
    const shares = groups.map(({ alive, width }) => alive / width);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.07);

    const { target: _, ...options } = shortRun(join(folder, 'scratch.onnx'));
    const trained = await morph(VGG, { ...options, epochs: 4, structure: structureOut, retrain: 'scratch' });
    expect(trained.output.flops).toBe(cut.output.flops);
    // Nothing else was asked for than the structure.
    const { flops } = trained.output;
    expect(trained.targets).toEqual([{ resource: 'flops', limit: flops, achieved: flops }]);
    expect(trained.output.accuracy).toBeGreaterThan(0.5);
  });

  it('of any plan gives the plan back', async () => {
    const { analysis } = await loadModel(RESNET);
    const copies = new Int32Array(analysis.unitCount).fill(1);
    for (const { units, pinned } of analysis.groups) {
      if (pinned !== undefined) continue;
      for (const unit of units.filter((_, i) => i % 3 === 1)) copies[unit] = 0;
    }
    const structure = structureOf(analysis, { copies });
    expect(structurePlan(analysis, JSON.parse(JSON.stringify(structure))).copies).toEqual(copies);
  });

  it.each([
    ['no JSON', '{', '(it is not JSON)'],
    ['another version', { version: 2, groups: [] }, '(version: must be 1)'],
    ['null', null, '(version: must be 1)'],
    ['no groups', { version: 1 }, '(groups: must be a list)'],
    ['no name', { ...VALID, name: 1 }, '(groups[0].name: must be a text)'],
    ['no members', { ...VALID, members: [1] }, '(groups[0].members: must be texts)'],
    ['no width', { ...VALID, width: 0 }, '(groups[0].width: must be an integer of at least 1)'],
    ['a channel twice', { ...VALID, kept: [3, 3] }, '(groups[0].kept: must be rising integers below 16)'],
    ['a channel too many', { ...VALID, kept: [3, 16] }, '(groups[0].kept: must be rising integers below 16)'],
    ['a negative channel', { ...VALID, kept: [-1, 3] }, '(groups[0].kept: must be rising integers below 16)'],
    ['another count', { ...VALID, alive: 3 }, '(groups[0].alive: must be 2, as many as are kept)'],
  ])('with %s is refused', async (_, content, message) => {
    const path = join(emptyFolder(), 's.json');
    const isGroup = typeof content === 'object' && content !== null && 'kept' in content;
    const value = isGroup ? { version: 1, groups: [content] } : content;
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    await expect(loadStructure(path)).rejects.toThrow(`${path}: this is no structure ${message};`);
  });

  it('of another network, or above the target, is refused before any work', async () => {
    const folder = emptyFolder();
    const structure = join(folder, 's.json');
    const attempt = (groups: readonly object[]) => {
      writeFileSync(structure, JSON.stringify({ version: 1, groups }));
      return morph(VGG, { ...shortRun(join(folder, 'o.onnx')), structure });
    };
    await expect(attempt([{ ...VALID, name: 'c9' }])).rejects.toThrow(
      `${structure}: it does not fit ${VGG}: there is no group "c9" of these nodes that can change;`,
    );
    await expect(attempt([{ ...VALID, width: 8 }])).rejects.toThrow('"/c1/Conv" has 16 channels, not 8;');
    await expect(attempt([{ ...VALID, alive: 0, kept: [] }])).rejects.toThrow(
      'it cannot do without the groups that have no channels left;',
    );
    await expect(attempt([])).rejects.toThrow(
      `${structure}: the structure costs 920832 flops, and --target allows 460416;`,
    );
    await expect(loadStructure(join(folder, 'none.json'))).rejects.toThrow('the structure cannot be read (ENOENT');
    await expect(loadStructure(folder)).rejects.toThrow('the structure cannot be read (it is no file)');
  });
});
