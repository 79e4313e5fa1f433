import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { morph } from '../../src/pipeline/morph.js';
import type { MorphOptions } from '../../src/pipeline/options.js';
import type { PenaltyResult } from '../../src/report/results.js';
import { emptyFolder, RESNET, shortRun } from './digits.js';

const row = (kind: PenaltyResult['kind'], reason: string, groups = 6, channels = 224): PenaltyResult => ({
  ...{ kind, groups, channels, reason },
});

const CASES: Readonly<Record<string, readonly [Partial<MorphOptions>, readonly PenaltyResult[]]>> = {
  auto: [{}, [row('gamma', 'they have BatchNorm')]],
  'gamma, as MorphNet has it': [{ penalty: 'gamma', join: 'max', threshold: 0.01 }, [row('gamma', 'as asked')]],
  'group lasso': [{ penalty: 'group-lasso' }, [row('group-lasso', 'as asked')]],
  gates: [{ penalty: 'gates' }, [row('gates', 'as asked, on what BatchNorm gives')]],
  'gates that are open or shut, at a falling temperature': [
    {
      penalty: 'gates',
      gatePer: 'layer',
      gateStraightThrough: true,
      gateTemperature: 1,
      gateAnneal: 0.2,
      threshold: 0.2,
    },
    [row('gates', 'as asked, on what BatchNorm gives')],
  ],
  'sparse group lasso': [{ penalty: 'group-lasso', l1Fraction: 0.5 }, [row('group-lasso', 'as asked')]],
};

describe('each penalty brings the digits to a quarter of the FLOPs', () => {
  it.each(Object.entries(CASES))('%s', async (_, [options, penalty]) => {
    const out = join(emptyFolder(), 'small.onnx');
    const target = { resource: 'flops', share: 0.25 } as const;
    const alive: number[] = [];
    const result = await morph(RESNET, {
      ...{ ...shortRun(out), target, shrinkEpochs: 8, epochs: 6, ...options },
      onProgress: ({ phase, isEpochEnd, aliveCost }) => {
        if (phase === 'shrink' && isEpochEnd) alive.push(aliveCost);
      },
    });
    expect(result.training.penalty).toEqual(penalty);
    expect(result.target.achieved).toBeLessThanOrEqual(result.target.limit);
    expect(result.target.achieved).toBeGreaterThan(0.9 * result.target.limit);
    // It was training that killed the channels, and not the cut.
    expect(alive.at(-1)).toBeLessThan(0.6 * result.input.flops);
    expect(result.output.accuracy).toBeGreaterThan(0.93);
  });
});
