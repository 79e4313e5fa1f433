import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** One import or re-export: what it names, and whether anything of it is left at run time. */
export interface Import {
  readonly target: string;
  readonly isType: boolean;
  /** `import('…')` within a function. */
  readonly isLate: boolean;
}

export interface SourceFile {
  /** Relative to src/, e.g. `graph/indexGraph.ts`. */
  readonly path: string;
  /** First folder; '' for files in src/ itself. */
  readonly room: string;
  readonly text: string;
  /** Files of the project, by path. */
  readonly imports: readonly Import[];
  /** npm packages, by name. */
  readonly packages: readonly Import[];
}

const SRC = resolve(import.meta.dirname, '../../src');

/** Reads all of src/. */
export function sourceFiles(): readonly SourceFile[] {
  const paths = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return paths.sort().map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const found = importsOf(text);
    const isLocal = ({ target }: Import) => target.startsWith('.');
    return {
      path,
      room: path.includes('/') ? path.slice(0, path.indexOf('/')) : '',
      text,
      imports: found.filter(isLocal).map((entry) => ({
        ...entry,
        target: relative(SRC, resolve(dirname(join(SRC, path)), entry.target)).replace(/\.js$/, '.ts'),
      })),
      packages: found
        .filter((entry) => !isLocal(entry) && !entry.target.startsWith('node:'))
        .map((entry) => ({ ...entry, target: packageName(entry.target) })),
    };
  });
}

function importsOf(text: string): readonly Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  for (const [, clause, target] of code.matchAll(/^(?:import|export)\s+([^;'"]*?from\s+)?['"]([^'"]+)['"]/gm)) {
    const names = (clause ?? '')
      .match(/^\{([^}]*)\}/)?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '');
    const onlyTypes = names?.every((name) => name.trim().startsWith('type ')) ?? false;
    found.push({ target: target!, isType: (clause ?? '').startsWith('type ') || onlyTypes, isLate: false });
  }
  for (const [, type, target] of code.matchAll(/(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ target: target!, isType: type !== undefined, isLate: true });
  }
  return found;
}

function packageName(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}
