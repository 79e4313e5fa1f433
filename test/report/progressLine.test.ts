import { describe, expect, it } from 'vitest';
import { progressLine } from '../../src/report/progressLine.js';
import { SAMPLE_PROGRESS } from './sampleResults.js';

describe('progressLine', () => {
  it('tells all of a step under the penalty', () => {
    expect(progressLine(SAMPLE_PROGRESS)).toBe(
      'shrink  3/20  step  7/22  loss 0.412  penalty 0.083  flops 4.21M/3.24M  λ 1.20  81.0 ms/step  2 min 10 s left',
    );
  });

  it('has no step at the end of an epoch', () => {
    expect(progressLine({ ...SAMPLE_PROGRESS, isEpochEnd: true })).toBe(
      'shrink  3/20  loss 0.412  penalty 0.083  flops 4.21M/3.24M  λ 1.20  81.0 ms/step  2 min 10 s left',
    );
  });

  it('tells the cycle where there are several', () => {
    expect(progressLine({ ...SAMPLE_PROGRESS, cycle: 2, cycles: 10 }, 25)).toBe('cycle  2/10  shrink  3/20');
  });

  it('has no penalty while fine-tuning', () => {
    expect(progressLine({ ...SAMPLE_PROGRESS, phase: 'fine-tune', penalty: 0, lambda: 0 })).toBe(
      'fine-tune  3/20  step  7/22  loss 0.412  flops 4.21M/3.24M  81.0 ms/step  2 min 10 s left',
    );
  });

  it('leaves out the least important pieces where there is no room, and never exceeds the width', () => {
    const narrow = [105, 95, 79, 70, 55, 30, 12, 5].map((width) => progressLine(SAMPLE_PROGRESS, width));
    expect(narrow).toEqual([
      'shrink  3/20  step  7/22  loss 0.412  penalty 0.083  flops 4.21M/3.24M  81.0 ms/step  2 min 10 s left',
      'shrink  3/20  step  7/22  loss 0.412  penalty 0.083  flops 4.21M/3.24M  2 min 10 s left',
      'shrink  3/20  loss 0.412  penalty 0.083  flops 4.21M/3.24M  2 min 10 s left',
      'shrink  3/20  loss 0.412  flops 4.21M/3.24M  2 min 10 s left',
      'shrink  3/20  loss 0.412  2 min 10 s left',
      'shrink  3/20  loss 0.412',
      'shrink  3/20',
      'shrin',
    ]);
  });
});
