import { type Command, Option } from 'commander';
import {
  GATED,
  type Gated,
  JOINS,
  type Join,
  MORPH_DEFAULTS,
  PENALTIES,
  type PenaltyChoice,
} from '../pipeline/options.js';
import { numberIn } from './parseNumber.js';

export interface PenaltyFlags {
  readonly penalty: PenaltyChoice;
  readonly l1Fraction: number;
  readonly threshold?: number;
  readonly join: Join;
  readonly gateTemperature: number;
  readonly gateAnneal?: number;
  readonly gateStraightThrough?: true;
  readonly gateLearningRate: number;
  readonly gatePer: Gated;
  readonly lambda?: number;
}

/** What channels pay for while the model is trained, and how they die. */
export function addPenaltyOptions(command: Command): void {
  const defaults = MORPH_DEFAULTS;
  command
    .addOption(
      new Option(
        '--penalty <kind>',
        'gamma acts on BatchNorm, group-lasso on weights, gates on masks; auto chooses for each group',
      )
        .choices(PENALTIES)
        .default(defaults.penalty),
    )
    .option(
      '--l1-fraction <share>',
      'share of absolute values in the norms of group-lasso',
      numberIn('--l1-fraction', { atLeast: 0, atMost: 1 }),
      defaults.l1Fraction,
    )
    .option(
      '--threshold <norm>',
      'channels are dead whose norm, or probability of gates, is no larger (default: 0, of gates 0.5)',
      numberIn('--threshold', { atLeast: 0 }),
    )
    .addOption(
      new Option('--join <how>', 'one norm of what several layers give of a channel: of all, or the largest of theirs')
        .choices(JOINS)
        .default(defaults.join),
    )
    .option(
      '--gate-temperature <t>',
      'how soft the masks of gates are; towards 0 they are open or shut',
      numberIn('--gate-temperature', { above: 0 }),
      defaults.gateTemperature,
    )
    .option(
      '--gate-anneal <number>',
      'what their temperature comes to at the end of the phase (default: it stays)',
      numberIn('--gate-anneal', { above: 0 }),
    )
    .option('--gate-straight-through', 'masks of gates are 0 or 1, and soft for their gradient alone')
    .option(
      '--gate-learning-rate <r>',
      'learning rate of the logits of gates',
      numberIn('--gate-learning-rate', { above: 0 }),
      defaults.gateLearningRate,
    )
    .addOption(
      new Option('--gate-per <what>', 'one gate for a channel, or one in each layer that gives it')
        .choices(GATED)
        .default(defaults.gatePer),
    )
    .option(
      '--lambda <number>',
      'weight of the penalty (default: controlled to reach the target)',
      numberIn('--lambda', { above: 0 }),
    );
}
