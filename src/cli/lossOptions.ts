import { type Command, Option } from 'commander';
import { DISTILLATIONS, type Distillation, MORPH_DEFAULTS } from '../pipeline/options.js';
import { numberIn } from './parseNumber.js';

export interface LossFlags {
  readonly loss?: string;
  readonly distill: Distillation;
  readonly distillWeight?: number;
  readonly temperature: number;
  readonly labelSmoothing: number;
}

/** What training makes small. */
export function addLossOptions(command: Command): void {
  const defaults = MORPH_DEFAULTS;
  command
    .option(
      '--loss <name>',
      'cross-entropy, mse or bce, on labels; distill, against the original; or a JS or TS module (default: ' +
        'cross-entropy for data with labels, else distill)',
    )
    .addOption(
      new Option('--distill <how>', 'how outputs are compared: as logits, by squares, or each by what it is')
        .choices(DISTILLATIONS)
        .default(defaults.distill),
    )
    .option(
      '--distill-weight <share>',
      'share of distillation beside a loss on labels (default: 0)',
      numberIn('--distill-weight', { atLeast: 0, atMost: 1 }),
    )
    .option(
      '--temperature <number>',
      'what logits are divided by in distillation',
      numberIn('--temperature', { above: 0 }),
      defaults.temperature,
    )
    .option(
      '--label-smoothing <share>',
      'share of each label that is spread over all classes',
      numberIn('--label-smoothing', { atLeast: 0, below: 1 }),
      defaults.labelSmoothing,
    );
}
