import { describe, expect, it } from 'vitest';
import { constantSchedule, cosineSchedule } from '../../src/train/schedule.js';

describe('schedules', () => {
  it('rise from a tenth over the first twentieth of the phase', () => {
    for (const schedule of [constantSchedule(2), cosineSchedule(2)]) {
      expect(schedule(0)).toBeCloseTo(0.2, 12);
      expect(schedule(0.025)).toBeCloseTo(1.1, 12);
      expect(schedule(0.05)).toBeCloseTo(2, 12);
    }
  });

  it('then stay, or fall along half a cosine to zero', () => {
    expect(constantSchedule(2)(1)).toBe(2);
    expect(cosineSchedule(2)(0.05 + 0.95 / 2)).toBeCloseTo(1, 12);
    expect(cosineSchedule(2)(1)).toBeCloseTo(0, 12);
  });
});
