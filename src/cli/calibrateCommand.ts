import type { Command } from 'commander';
import { deviceTable } from '../report/deviceTable.js';
import type { CommandContext } from './commandContext.js';
import { type InputShapeOptions, parseInputShape } from './parseInputShape.js';
import { addRuntimeOptions, type RuntimeFlags } from './runtimeOptions.js';

interface CalibrateFlags extends RuntimeFlags {
  readonly out: string;
  readonly name?: string;
  readonly input?: InputShapeOptions;
  readonly json?: true;
}

/** `onnx-morph calibrate MODEL…`: measures this machine, for `--device`. */
export function addCalibrateCommand(program: Command, { stdout, stderr, signal, library }: CommandContext): void {
  const command = program
    .command('calibrate')
    .summary('measure this machine, for --device')
    .description(
      'Measures this machine: times the nodes of models in ONNX Runtime at many widths, and writes what each kind of node takes to a file for --device. (What prune --calibrate takes is data, for the activations.)',
    )
    .argument('[models...]', '.onnx files like those that matter; without any, built-in networks are timed')
    .requiredOption('-o, --out <path>', 'where the device is written, as device.json')
    .option('--name <name>', 'what the device is called (default: its processor)')
    .option('--input <name=shape>', 'shape of an input, as x=1x3x224x224 (repeatable)', parseInputShape);
  addRuntimeOptions(command, 'all runs');
  command
    .option('--json', 'print the device on stdout (see: onnx-morph schema device)')
    .action(async (models: readonly string[], { input, json, ...options }: CalibrateFlags) => {
      const { calibrateDevice } = await library();
      const device = await calibrateDevice(models, {
        ...options,
        ...(input === undefined ? {} : { inputShapes: input }),
        signal,
        onProgress: ({ model, form, forms }) => stderr.write(`${model}: ${form}/${forms}\n`),
      });
      stdout.write(json ? `${JSON.stringify(device, null, 2)}\n` : deviceTable(device));
    });
}
