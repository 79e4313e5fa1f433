import { type Command, Option } from 'commander';
import { WIDEN_INITS, type WidenInit } from '../pipeline/options.js';
import { numberIn } from './parseNumber.js';

export interface WidthFlags {
  readonly keep?: readonly string[];
  readonly round?: number;
  readonly maxRatio?: number;
  readonly minChannels?: number;
}

/** `--keep`, for commands that change widths or tell of them. */
export function addKeepOption(command: Command): void {
  command.option(
    '--keep <pattern>',
    'keep the channels of nodes and values whose name matches, as "/head/*" (repeatable)',
    (pattern: string, earlier: readonly string[] = []) => [...earlier, pattern],
  );
}

/** `--round`. @param fallback shown as the default; none where it is left out */
export function addRoundOption(command: Command, fallback?: number): void {
  const parse = numberIn('--round', { isInteger: true, atLeast: 1 });
  command.option('--round <n>', 'groups that change get multiples of n channels, as 8', parse, fallback);
}

/** `--widen-init`. */
export function addWidenInitOption(command: Command, fallback: WidenInit): void {
  command.addOption(
    new Option('--widen-init <how>', 'new channels are copies that change no output, or have random weights')
      .choices(WIDEN_INITS)
      .default(fallback),
  );
}

/** `--latency` and `--no-latency`. */
export function addLatencyOptions(command: Command): void {
  command
    .option('--latency', 'time both models in ONNX Runtime (default: where the file has less than 32 MiB)')
    .option('--no-latency', 'do not time them');
}

/** How far a cut may go. @param fallback what is done without the options */
export function addCutOptions(
  command: Command,
  fallback: { readonly round: number; readonly maxRatio: number; readonly minChannels: number },
): void {
  addKeepOption(command);
  addRoundOption(command, fallback.round);
  const ratio = numberIn('--max-ratio', { above: 0, atMost: 1 });
  const explained = 'largest share of a group that is cut';
  if (fallback.maxRatio === 1) command.option('--max-ratio <share>', explained, ratio, 1);
  else {
    // Left out, the library decides it.
    const unless = `${explained} (default: ${fallback.maxRatio}; 1 with --min-channels 0)`;
    command.option('--max-ratio <share>', unless, ratio);
  }
  command.option(
    '--min-channels <n>',
    'channels that every group keeps at least; 0 lets whole blocks and towers go',
    numberIn('--min-channels', { isInteger: true, atLeast: 0 }),
    fallback.minChannels,
  );
}
