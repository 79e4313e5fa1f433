import { Argument, type Command } from 'commander';
import { SCHEMAS } from '../report/schemas.js';
import type { CommandContext } from './commandContext.js';

/** `onnx-morph schema NAME`: the JSON Schema of what `--json` prints. */
export function addSchemaCommand(program: Command, { stdout }: CommandContext): void {
  program
    .command('schema')
    .summary('print the JSON Schema of what --json prints')
    .description(
      'Prints the JSON Schema (2020-12) of the object that a command prints with --json, or of the device that calibrate writes.',
    )
    .addArgument(new Argument('<command>', 'the command, or device').choices(Object.keys(SCHEMAS)))
    .action((command: keyof typeof SCHEMAS) => {
      stdout.write(`${JSON.stringify(SCHEMAS[command], null, 2)}\n`);
    });
}
