import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The file that Node runs, in a folder that {@link installCommand} was given. */
export const mainIn = (folder: string) => join(folder, 'dist/cli/main.js');

/** Builds the command into a folder as a package holds it. */
export function installCommand(folder: string): void {
  const tsc = resolve('node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(folder, 'dist')]);
  cpSync('package.json', join(folder, 'package.json'));
  cpSync('proto', join(folder, 'proto'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
}
