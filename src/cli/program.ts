import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { cliErrors } from '../errors/cliErrors.js';
import { EXIT_CODES } from '../errors/morphError.js';
import { DEFAULT_COLUMNS } from '../report/reportTable.js';
import { addCalibrateCommand } from './calibrateCommand.js';
import type { CommandContext } from './commandContext.js';
import { exitWith } from './exitWith.js';
import { addExplainCommand } from './explainCommand.js';
import { addMorphCommand } from './morphCommand.js';
import { addPruneCommand } from './pruneCommand.js';
import { addReportCommand } from './reportCommand.js';
import { addSchemaCommand } from './schemaCommand.js';
import { addWidenCommand } from './widenCommand.js';

const NAME = 'onnx-morph';

const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    internal error
  2    the command was called wrongly
  3    the model cannot be read or used
  4    the data cannot be read, or do not fit the model
  5    the target cannot be reached
  6    the result failed its verification, and was not written
  7    the result could not be written
  8    training failed
  130  stopped by Ctrl-C

Results go to stdout, everything else (progress, errors) to stderr.`;

/**
 * Runs the command line `argv` (without `node` and the script) and gives its exit code.
 *
 * Nothing is thrown: every failure becomes one line on stderr.
 */
export async function run(argv: readonly string[], context: CommandContext): Promise<number> {
  try {
    await runCommand(argv, context);
    return 0;
  } catch (error) {
    if (isHelp(error)) return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
    return exitWith(error, context.stderr, argv.includes('--debug'));
  }
}

async function runCommand(argv: readonly string[], context: CommandContext): Promise<void> {
  const program = createProgram(context);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || isHelp(error)) throw error;
    const detail = error.message
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\.$/, '');
    const command = program.commands.find((candidate) => argv.includes(candidate.name()));
    throw cliErrors.usage(detail, command === undefined ? NAME : `${NAME} ${command.name()}`);
  }
}

function createProgram(context: CommandContext): Command {
  const program = new Command(NAME);
  program
    .description('Shrinks a trained .onnx model to a budget: cuts channels while fine-tuning, and verifies the result.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--debug', 'print the stack of an error')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => {}, // `run` tells errors
      getOutHelpWidth: () => context.stdout.columns || DEFAULT_COLUMNS,
      getErrHelpWidth: () => context.stderr.columns || DEFAULT_COLUMNS,
    })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_CODES_HELP);
  addMorphCommand(program, context);
  addPruneCommand(program, context);
  addWidenCommand(program, context);
  addReportCommand(program, context);
  addExplainCommand(program, context);
  addCalibrateCommand(program, context);
  addSchemaCommand(program, context);
  return program;
}

/** What commander throws once it has printed help or the version. */
interface Helped extends CommanderError {
  readonly code: 'commander.help' | 'commander.helpDisplayed' | 'commander.version';
}

function isHelp(error: unknown): error is Helped {
  return error instanceof CommanderError && /^commander\.(help|helpDisplayed|version)$/.test(error.code);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}
