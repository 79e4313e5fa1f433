import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dataErrors } from '../../errors/dataErrors.js';
import { MorphError } from '../../errors/morphError.js';

/** Gives the default export of a module. @param url file URL */
export type Importer = (url: string) => Promise<unknown>;

/**
 * Imports a JavaScript or TypeScript module by its path and returns its default export.
 * @throws DATA_MODULE_IMPORT, DATA_MODULE_TYPESCRIPT
 */
export async function importModule(path: string, importer: Importer = importHere): Promise<unknown> {
  try {
    return await importer(pathToFileURL(resolve(path)).href);
  } catch (error) {
    // Node 20 does not know the extension; later versions, or a loader of the user's, may.
    if (/\.[mc]?ts$/.test(path) && isUnknownExtension(error)) return importTypeScript(path, importer);
    throw dataErrors.moduleImport(path, messageOf(error));
  }
}

/**
 * Imports a TypeScript module through the `typescript` package, of the module's own project or else beside this one.
 * Types are stripped, not checked, and only from this one file.
 * @throws DATA_MODULE_IMPORT, DATA_MODULE_TYPESCRIPT
 */
export async function importTypeScript(path: string, importer: Importer = importHere): Promise<unknown> {
  try {
    const compiler = findTypeScript(path);
    const { outputText } = compiler.transpileModule(await readFile(path, 'utf8'), {
      fileName: path,
      compilerOptions: { module: compiler.ModuleKind.ESNext, target: compiler.ScriptTarget.ES2022 },
    });
    // Beside the source, so that its relative imports and its packages resolve.
    const compiled = join(dirname(path), `.${basename(path)}.${randomUUID()}.mjs`);
    await writeFile(compiled, outputText, { flag: 'wx' });
    try {
      return await importer(pathToFileURL(resolve(compiled)).href);
    } finally {
      await rm(compiled, { force: true });
    }
  } catch (error) {
    throw error instanceof MorphError ? error : dataErrors.moduleImport(path, messageOf(error));
  }
}

async function importHere(url: string): Promise<unknown> {
  const { default: exported }: { readonly default?: unknown } = await import(url);
  // An ES module that was compiled to CommonJS keeps its default export as a property.
  const compiled = typeof exported === 'object' && exported !== null && '__esModule' in exported;
  return compiled && 'default' in exported ? exported.default : exported;
}

/** The part of the `typescript` package that is used; the package itself is the user's. */
interface TypeScript {
  transpileModule(source: string, options: unknown): { readonly outputText: string };
  readonly ModuleKind: { readonly ESNext: number };
  readonly ScriptTarget: { readonly ES2022: number };
}

function findTypeScript(path: string): TypeScript {
  for (const from of [resolve(path), import.meta.url]) {
    try {
      return createRequire(from)('typescript') as TypeScript;
    } catch {
      // Not installed there.
    }
  }
  throw dataErrors.moduleTypeScript(path);
}

function isUnknownExtension(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
}

/** The first line of what a thrown value says. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
