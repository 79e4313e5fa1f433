import type { PenaltyOptions } from '../../train/penaltyOn.js';
import type { Settings } from '../options.js';

/** Largest probability of a gate that counts as shut, where none is asked for. */
const GATE_THRESHOLD = 0.5;

/** What a run is told of its penalty. */
export function penaltyOptions(settings: Settings): PenaltyOptions {
  const { penalty, l1Fraction, join, threshold, learningRate } = settings;
  if (penalty !== 'gates') return { l1Fraction, join, threshold: threshold ?? 0 };
  return {
    threshold: threshold ?? GATE_THRESHOLD,
    gates: {
      temperature: settings.gateTemperature,
      finalTemperature: settings.gateAnneal,
      isStraightThrough: settings.gateStraightThrough,
      rate: settings.gateLearningRate / learningRate,
      per: settings.gatePer,
    },
  };
}
