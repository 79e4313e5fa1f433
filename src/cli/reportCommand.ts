import { type Command, Option } from 'commander';
import { reportCsv } from '../report/reportCsv.js';
import { DEFAULT_COLUMNS, reportTable } from '../report/reportTable.js';
import type { CommandContext } from './commandContext.js';
import { addDeviceOption } from './deviceOption.js';
import { type InputShapeOptions, parseInputShape } from './parseInputShape.js';
import { addRuntimeOptions, type RuntimeFlags } from './runtimeOptions.js';

interface ReportFlags extends RuntimeFlags {
  readonly device?: string;
  readonly latency?: boolean;
  readonly input?: InputShapeOptions;
  readonly json?: true;
  readonly csv?: true;
}

/** `onnx-morph report MODEL`: the costs of every node, and what is pinned and why, on stdout. */
export function addReportCommand(program: Command, { stdout, signal, library }: CommandContext): void {
  const command = program
    .command('report')
    .summary('tell what a model costs, node by node')
    .description('Tells what a model costs, node by node, which channels hang together, and what is pinned and why.')
    .argument('<model>', 'the .onnx file')
    .option('--input <name=shape>', 'shape of an input, as x=1x3x224x224 (repeatable)', parseInputShape);
  addDeviceOption(command);
  command
    .option('--latency', 'time the model in ONNX Runtime (default: with a --device that calibrate measured)')
    .option('--no-latency', 'do not time it');
  addRuntimeOptions(command, 'timing');
  command
    .addOption(new Option('--json', 'print one JSON object (see: onnx-morph schema report)').conflicts('csv'))
    .option('--csv', 'print one row per node')
    .action(async (model: string, { input, json, csv, ...options }: ReportFlags) => {
      const { report } = await library();
      const result = await report(model, { ...options, ...(input === undefined ? {} : { inputShapes: input }) });
      signal.throwIfAborted();
      if (json) stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else if (csv) stdout.write(reportCsv(result));
      else
        stdout.write(reportTable(result, Math.max(DEFAULT_COLUMNS, stdout.isTTY === true ? (stdout.columns ?? 0) : 0)));
    });
}
