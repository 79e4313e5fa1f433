import { type Command, Option } from 'commander';
import { type Budget, MORPH_DEFAULTS, type WidenInit } from '../pipeline/options.js';
import { morphTable } from '../report/morphTable.js';
import type { CommandContext } from './commandContext.js';
import { addDeviceOption } from './deviceOption.js';
import { parseBudgets } from './parseBudget.js';
import { type InputShapeOptions, parseInputShape } from './parseInputShape.js';
import { numberIn } from './parseNumber.js';
import { addRuntimeOptions, type RuntimeFlags } from './runtimeOptions.js';
import {
  addKeepOption,
  addLatencyOptions,
  addRoundOption,
  addWidenInitOption,
  type WidthFlags,
} from './widthOptions.js';

interface WidenFlags extends Pick<WidthFlags, 'keep' | 'round'>, RuntimeFlags {
  readonly to: readonly Budget[];
  readonly out: string;
  readonly widenInit: WidenInit;
  readonly device?: string;
  readonly input?: InputShapeOptions;
  readonly seed: number;
  readonly latency?: boolean;
  readonly json?: true;
}

/** `onnx-morph widen MODEL`: widens all groups by one factor, so that the outputs stay what they are. */
export function addWidenCommand(program: Command, { stdout, signal, library }: CommandContext): void {
  const command = program
    .command('widen')
    .summary('widen a model to a budget')
    .description('Widens all channel groups by one factor to fill a budget; the outputs stay what they are.')
    .argument('<model>', 'the .onnx file')
    .addOption(
      new Option('--to <budget>', 'what the result may cost, as flops=100% or params=1.2M (repeatable: all hold)')
        .argParser(parseBudgets('--to', { allowsMoreThanAll: true }))
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'where the result is written')
    .option('--input <name=shape>', 'shape of an input, as x=1x3x224x224 (repeatable)', parseInputShape)
    .option(
      '--seed <n>',
      'seed of all that is random',
      numberIn('--seed', { isInteger: true, atLeast: 0 }),
      MORPH_DEFAULTS.seed,
    );
  addWidenInitOption(command, MORPH_DEFAULTS.widenInit);
  addKeepOption(command);
  addRoundOption(command);
  addLatencyOptions(command);
  addDeviceOption(command);
  addRuntimeOptions(command, 'timing');
  command
    .option('--json', 'print one JSON object on stdout (see: onnx-morph schema widen)')
    .action(async (model: string, { input, json, ...options }: WidenFlags) => {
      const { widen } = await library();
      const result = await widen(model, { ...options, ...(input === undefined ? {} : { inputShapes: input }), signal });
      stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : morphTable(result));
    });
}
