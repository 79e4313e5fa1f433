import { type Command, Option } from 'commander';
import {
  type Budget,
  CUT_SCOPES,
  type CutScope,
  IMPORTANCES,
  type Importance,
  PRUNE_DEFAULTS,
  REDUCTIONS,
  type Reduction,
} from '../pipeline/options.js';
import { pruneTable } from '../report/pruneTable.js';
import type { NormalisationTexts } from '../train/data/index.js';
import type { CommandContext } from './commandContext.js';
import { addDeviceOption } from './deviceOption.js';
import { addNormalisationOptions, dataOptionsOf } from './normalisationOptions.js';
import { type InputShapeOptions, parseInputShape } from './parseInputShape.js';
import { numberIn } from './parseNumber.js';
import { addRuntimeOptions, type RuntimeFlags } from './runtimeOptions.js';
import { addTargetOption } from './targetOptions.js';
import { addCutOptions, addLatencyOptions, type WidthFlags } from './widthOptions.js';

interface PruneFlags extends NormalisationTexts, WidthFlags, RuntimeFlags {
  readonly target: readonly Budget[];
  readonly out: string;
  readonly device?: string;
  readonly importance: Importance;
  readonly reduce: Reduction;
  readonly scope: CutScope;
  readonly calibrate?: string;
  readonly bnBatches: number;
  readonly structureOut?: string;
  readonly seed: number;
  readonly latency?: boolean;
  readonly input?: InputShapeOptions;
  readonly json?: true;
}

/** `onnx-morph prune MODEL`: cuts a model to a budget without training. */
export function addPruneCommand(program: Command, { stdout, signal, library }: CommandContext): void {
  const defaults = PRUNE_DEFAULTS;
  const command = program
    .command('prune')
    .summary('cut a model to a budget, without training')
    .description(
      'Cuts the channels that are worth least for what they cost, without training, and verifies the result.',
    )
    .argument('<model>', 'the .onnx file');
  addTargetOption(command);
  command
    .requiredOption('--out <path>', 'where the result is written')
    .option('--structure-out <path>', 'write which channels are kept, as JSON, for morph --structure')
    .addOption(
      new Option('--importance <measure>', 'what a channel is worth: by its weights, its BatchNorm, or by chance')
        .choices(IMPORTANCES)
        .default(defaults.importance),
    )
    .addOption(
      new Option('--reduce <how>', 'how the layers that share a channel become one number')
        .choices(REDUCTIONS)
        .default(defaults.reduce),
    )
    .addOption(
      new Option('--scope <scope>', 'global ranks all channels together; local cuts the same share of every group')
        .choices(CUT_SCOPES)
        .default(defaults.scope),
    );
  addCutOptions(command, defaults);
  command.option(
    '--calibrate <path>',
    'data as for morph, labels not needed: the spread of activations counts, and the means of what is cut go into biases',
  );
  command.option(
    '--bn-batches <n>',
    'with --calibrate: batches whose statistics BatchNorms behind the cut get; 0 keeps the old ones',
    numberIn('--bn-batches', { isInteger: true, atLeast: 0 }),
    defaults.bnBatches,
  );
  addNormalisationOptions(command);
  addLatencyOptions(command);
  addDeviceOption(command);
  addRuntimeOptions(command, 'timing');
  command
    .option('--input <name=shape>', 'shape of an input, as x=1x3x224x224 (repeatable)', parseInputShape)
    .option(
      '--seed <n>',
      'seed of all that is random',
      numberIn('--seed', { isInteger: true, atLeast: 0 }),
      defaults.seed,
    )
    .option('--json', 'print one JSON object on stdout (see: onnx-morph schema prune)')
    .action(async (model: string, { input, json, scale, mean, std, ...options }: PruneFlags) => {
      const { prune } = await library();
      const result = await prune(model, {
        ...options,
        ...(input === undefined ? {} : { inputShapes: input }),
        ...(await dataOptionsOf({ scale, mean, std })),
        signal,
      });
      stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : pruneTable(result));
    });
}
