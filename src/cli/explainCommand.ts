import type { Command } from 'commander';
import { explainTable } from '../report/explainTable.js';
import type { CommandContext } from './commandContext.js';
import { type InputShapeOptions, parseInputShape } from './parseInputShape.js';
import { addThreadsOption } from './runtimeOptions.js';
import { addKeepOption } from './widthOptions.js';

interface ExplainFlags {
  readonly node?: string;
  readonly input?: InputShapeOptions;
  readonly keep?: readonly string[];
  readonly threads?: number;
  readonly json?: true;
}

/** `onnx-morph explain MODEL`: which channels can be cut, and what holds the others. */
export function addExplainCommand(program: Command, { stdout, signal, library }: CommandContext): void {
  const command = program
    .command('explain')
    .summary('tell which channels can be cut, and what holds the others')
    .description(
      'Tells which channels hang together and what one of them costs, which are pinned, and by which way that reaches a node.',
    )
    .argument('<model>', 'the .onnx file')
    .option('--node <name>', 'tell only of the channels of a node (or value), and the way to what holds them');
  addKeepOption(command);
  addThreadsOption(command);
  command
    .option('--input <name=shape>', 'shape of an input, as x=1x3x224x224 (repeatable)', parseInputShape)
    .option('--json', 'print one JSON object (see: onnx-morph schema explain)')
    .action(async (model: string, { input, json, ...options }: ExplainFlags) => {
      const { explain } = await library();
      const result = await explain(model, { ...options, ...(input === undefined ? {} : { inputShapes: input }) });
      signal.throwIfAborted();
      stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : explainTable(result));
    });
}
