import { type Command, Option } from 'commander';
import {
  type Budget,
  DISTILLATIONS,
  type Distillation,
  ENGINES,
  type EngineChoice,
  GATED,
  type Gated,
  JOINS,
  type Join,
  MORPH_DEFAULTS,
  type MorphOptions,
  OPTIMIZERS,
  type OptimizerChoice,
  PENALTIES,
  type PenaltyChoice,
  RETRAININGS,
  type Retraining,
  type WidenInit,
} from '../pipeline/options.js';
import { morphTable } from '../report/morphTable.js';
import type { NormalisationTexts } from '../train/data/index.js';
import type { CommandContext } from './commandContext.js';
import { addDeviceOption } from './deviceOption.js';
import { addNormalisationOptions, dataOptionsOf } from './normalisationOptions.js';
import { parseBudgets } from './parseBudget.js';
import { type InputShapeOptions, parseInputShape } from './parseInputShape.js';
import { numberIn } from './parseNumber.js';
import { progressPrinter } from './progressPrinter.js';
import { addRuntimeOptions, type RuntimeFlags } from './runtimeOptions.js';
import { addTargetOption } from './targetOptions.js';
import { addCutOptions, addWidenInitOption, type WidthFlags } from './widthOptions.js';

interface MorphFlags extends NormalisationTexts, WidthFlags, RuntimeFlags {
  readonly data: string;
  readonly augment?: string;
  readonly target?: readonly Budget[];
  readonly out: string;
  readonly device?: string;
  readonly widen?: readonly Budget[];
  readonly widenInit: WidenInit;
  readonly cycles: number;
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
  readonly shrinkEpochs: number;
  readonly retrain: Retraining;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly optimizer: OptimizerChoice;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly clipNorm?: number;
  readonly loss?: string;
  readonly distill: Distillation;
  readonly distillWeight?: number;
  readonly temperature: number;
  readonly labelSmoothing: number;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly structureOut?: string;
  readonly structure?: string;
  readonly logDir?: string;
  readonly checkpoint?: string;
  readonly checkpointSeconds: number;
  readonly resume?: true;
  readonly input?: InputShapeOptions;
  readonly json?: true;
}

/** `onnx-morph morph MODEL`: shrinks a model to a budget while it is fine-tuned. */
export function addMorphCommand(program: Command, context: CommandContext): void {
  const { stdout, stderr, signal, library } = context;
  const command = program
    .command('morph')
    .summary('shrink a model to a budget')
    .description(
      'Fine-tunes a model under a penalty, cuts the channels that are not worth their cost, and verifies it.',
    )
    .argument('<model>', 'the .onnx file');
  addModelOptions(command);
  addTrainingOptions(command);
  command.action(async (model: string, flags: MorphFlags) => {
    const { morph } = await library();
    const printer = progressPrinter(stderr, () => performance.now());
    const options = { ...(await morphOptions(flags)), signal, onProgress: printer.show };
    const result = await morph(model, options).finally(printer.clear);
    stdout.write(flags.json ? `${JSON.stringify(result, null, 2)}\n` : morphTable(result));
  });
}

function addModelOptions(command: Command): void {
  command.requiredOption(
    '--data <path>',
    'training data: an .npz archive, a folder of IDX files, or a JS or TS module',
  );
  addTargetOption(command, { isOptional: true });
  command
    .requiredOption('--out <path>', 'where the result is written')
    .option(
      '--widen <budget>',
      'widen the result again to a budget, as flops=100% (repeatable: all hold)',
      parseBudgets('--widen', { allowsMoreThanAll: true }),
    )
    .option(
      '--cycles <n>',
      'how often the model is cut, widened where asked and fine-tuned; without --widen, step by step to the target',
      numberIn('--cycles', { isInteger: true, atLeast: 1 }),
      MORPH_DEFAULTS.cycles,
    )
    .option('--input <name=shape>', 'shape of an input, as x=1x3x224x224 (repeatable)', parseInputShape);
  command
    .option('--structure-out <path>', 'write which channels are kept, as JSON (see: onnx-morph schema structure)')
    .option(
      '--structure <path>',
      'cut to such a structure at once, then fine-tune; --target is not needed, but must hold where given',
    );
  command.option('--log-dir <folder>', 'log every step there, for TensorBoard and as training.csv');
  command
    .option('--checkpoint <folder>', 'write checkpoints there, from which --resume goes on; the last two are kept')
    .option(
      '--checkpoint-seconds <n>',
      'time from one to the next; the end of a phase has one anyway',
      numberIn('--checkpoint-seconds', { atLeast: 0 }),
      MORPH_DEFAULTS.checkpointSeconds,
    )
    .option('--resume', 'go on from the last checkpoint, towards the same file');
  addNormalisationOptions(command);
  command.option('--augment <list>', 'move, mirror and crop training images by chance, as crop=0.5,shift=2,flip');
  addWidenInitOption(command, MORPH_DEFAULTS.widenInit);
  addCutOptions(command, MORPH_DEFAULTS);
  command.option('--json', 'print one JSON object on stdout (see: onnx-morph schema morph)');
}

function addTrainingOptions(command: Command): void {
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
    )
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
      'length that the gradient of all weights together is cut down to (default: unlimited, 3 with distillation)',
      numberIn('--clip-norm', { above: 0 }),
    )
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
  addDeviceOption(command);
  addRuntimeOptions(command, 'training and timing');
}

async function morphOptions(flags: MorphFlags): Promise<MorphOptions> {
  const { input, scale, mean, std, json, augment, ...options } = flags;
  return {
    ...options,
    ...(input === undefined ? {} : { inputShapes: input }),
    ...(await dataOptionsOf({ scale, mean, std })),
    ...(await augmentOf(augment)),
  };
}

/** The option for the library, which is loaded only where it is needed. */
async function augmentOf(text: string | undefined): Promise<Pick<MorphOptions, 'augment'>> {
  if (text === undefined) return {};
  const { parseAugmentation } = await import('../train/data/index.js');
  return { augment: parseAugmentation(text) };
}
