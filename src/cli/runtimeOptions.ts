import type { Command } from 'commander';
import { numberIn } from './parseNumber.js';

export interface RuntimeFlags {
  readonly threads?: number;
  readonly provider?: string;
}

/** `--threads`. */
export function addThreadsOption(command: Command): void {
  command.option(
    '--threads <n>',
    'threads of ONNX Runtime within an operator (default: all cores)',
    numberIn('--threads', { isInteger: true, atLeast: 1 }),
  );
}

/** `--threads` and `--provider`. @param jobs what the provider is for */
export function addRuntimeOptions(command: Command, jobs: string): void {
  addThreadsOption(command);
  command.option(
    '--provider <names>',
    `execution providers of ONNX Runtime for ${jobs}, best first, as cuda or dml,webgpu (default: cpu)`,
  );
}
