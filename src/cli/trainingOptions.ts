import { type Command, Option } from 'commander';
import {
  ENGINES,
  type EngineChoice,
  MORPH_DEFAULTS,
  OPTIMIZERS,
  type OptimizerChoice,
  RETRAININGS,
  type Retraining,
} from '../pipeline/options.js';
import { numberIn } from './parseNumber.js';

export interface TrainingFlags {
  readonly shrinkEpochs: number;
  readonly retrain: Retraining;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimizer: OptimizerChoice;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly clipNorm?: number;
  readonly bnBatches: number;
  readonly seed: number;
  readonly engine: EngineChoice;
}

/** How long and by which steps the model is trained. */
export function addTrainingOptions(command: Command): void {
  const defaults = MORPH_DEFAULTS;
  command
    .option(
      '--shrink-epochs <n>',
      'epochs under the penalty, before the cut, in each cycle',
      numberIn('--shrink-epochs', { isInteger: true, atLeast: 0 }),
      defaults.shrinkEpochs,
    )
    .addOption(
      new Option('--retrain <how>', 'finetune goes on after the cut, scratch begins anew with fresh weights')
        .choices(RETRAININGS)
        .default(defaults.retrain),
    )
    .option(
      '--epochs <n>',
      'epochs of fine-tuning, after the cut, in each cycle',
      numberIn('--epochs', { isInteger: true, atLeast: 0 }),
      defaults.epochs,
    )
    .option(
      '--batch-size <n>',
      'samples in a training step',
      numberIn('--batch-size', { isInteger: true, atLeast: 1 }),
      defaults.batchSize,
    )
    .option(
      '--learning-rate <number>',
      'learning rate at its highest; adam and adamw want less than sgd, as 0.001',
      numberIn('--learning-rate', { above: 0 }),
      defaults.learningRate,
    )
    .addOption(
      new Option('--optimizer <name>', 'adam decays weights through its moments, adamw beside them')
        .choices(OPTIMIZERS)
        .default(defaults.optimizer),
    )
    .option(
      '--momentum <number>',
      'momentum of sgd',
      numberIn('--momentum', { atLeast: 0, below: 1 }),
      defaults.momentum,
    )
    .option('--weight-decay <number>', 'weight decay', numberIn('--weight-decay', { atLeast: 0 }), defaults.weightDecay)
    .option(
      '--clip-norm <number>',
      'length that the gradient of all weights together is cut down to (default: unlimited, 1.5 with distillation)',
      numberIn('--clip-norm', { above: 0 }),
    )
    .option(
      '--bn-batches <n>',
      'batches whose statistics BatchNorms get at the end of each cycle; 0 keeps the running ones',
      numberIn('--bn-batches', { isInteger: true, atLeast: 0 }),
      defaults.bnBatches,
    )
    .option(
      '--seed <n>',
      'seed of all that is random',
      numberIn('--seed', { isInteger: true, atLeast: 0 }),
      defaults.seed,
    )
    .addOption(
      new Option(
        '--engine <name>',
        'auto takes tensorflow where tfjs-node-gpu is installed and works, else onnxruntime',
      )
        .choices(ENGINES)
        .default(defaults.engine),
    );
}
