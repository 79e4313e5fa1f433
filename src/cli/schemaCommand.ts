import { Argument, type Command } from 'commander';
import { SCHEMAS } from '../report/schemas.js';
import type { CommandContext } from './commandContext.js';

/** `onnx-morph schema NAME`: the JSON Schema of what `--json` prints. */
export function addSchemaCommand(program: Command, { stdout }: CommandContext): void {
  program
    .command('schema')
    .summary('print the JSON Schema of what --json prints')
    .description(
      'Prints the JSON Schema (2020-12) of the object that a command prints with --json, or of a file: the device that calibrate writes, the structure that morph does.',
    )
    .addArgument(new Argument('<command>', 'the command, or device, or structure').choices(Object.keys(SCHEMAS)))
    .action((command: keyof typeof SCHEMAS) => {
      stdout.write(`${JSON.stringify(SCHEMAS[command], null, 2)}\n`);
    });
}
