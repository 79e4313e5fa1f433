import type { Command } from 'commander';
import { type Budget, MORPH_DEFAULTS, type MorphOptions, type WidenInit } from '../pipeline/options.js';
import { morphTable } from '../report/morphTable.js';
import type { NormalisationTexts } from '../train/data/index.js';
import type { CommandContext } from './commandContext.js';
import { addDeviceOption } from './deviceOption.js';
import { addLossOptions, type LossFlags } from './lossOptions.js';
import { addNormalisationOptions, dataOptionsOf } from './normalisationOptions.js';
import { parseBudgets } from './parseBudget.js';
import { type InputShapeOptions, parseInputShape } from './parseInputShape.js';
import { numberIn } from './parseNumber.js';
import { addPenaltyOptions, type PenaltyFlags } from './penaltyOptions.js';
import { progressPrinter } from './progressPrinter.js';
import { addRuntimeOptions, type RuntimeFlags } from './runtimeOptions.js';
import { addTargetOption } from './targetOptions.js';
import { addTrainingOptions, type TrainingFlags } from './trainingOptions.js';
import { addCutOptions, addWidenInitOption, type WidthFlags } from './widthOptions.js';

interface MorphFlags extends NormalisationTexts, WidthFlags, PenaltyFlags, TrainingFlags, LossFlags, RuntimeFlags {
  readonly data: string;
  readonly augment?: string;
  readonly target?: readonly Budget[];
  readonly out: string;
  readonly device?: string;
  readonly widen?: readonly Budget[];
  readonly widenInit: WidenInit;
  readonly cycles: number;
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
  addPenaltyOptions(command);
  addTrainingOptions(command);
  addLossOptions(command);
  addDeviceOption(command);
  addRuntimeOptions(command, 'training and timing');
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
