import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './sourceFiles.js';

/** From bottom to top: a room imports only rooms that stand after it. */
const ROOMS = [
  'cli',
  'pipeline',
  'report',
  'rewrite',
  'train',
  'engine',
  'sparsity',
  'cost',
  'channels',
  'ops',
  'runtime',
  'graph',
  'onnx',
];
/** Rooms that all may import; they import nothing but each other. */
const GROUND = ['errors', 'random'];

/** Who may import a package as more than a type. */
const DOORS: Readonly<Record<string, (file: SourceFile) => boolean>> = {
  protobufjs: ({ room }) => room === 'onnx',
  'onnxruntime-node': ({ room, path }) => room === 'runtime' || path.startsWith('engine/onnxruntime/'),
  'onnxruntime-common': () => false,
  '@tensorflow/tfjs-core': ({ room }) => room === 'engine',
  '@tensorflow/tfjs-node': ({ room }) => room === 'engine',
  commander: ({ room }) => room === 'cli',
  fflate: ({ room }) => room === 'train',
  ndarray: ({ room }) => room === 'onnx',
};

const files = sourceFiles();
const byPath = new Map(files.map((file) => [file.path, file]));
const wrong = (find: (file: SourceFile) => readonly string[]) =>
  files.flatMap((file) => find(file).map((what) => `${file.path} → ${what}`));

describe('imports run one way', () => {
  test('every folder of src/ is a known room', () => {
    const rooms = new Set(files.map(({ room }) => room));
    expect([...rooms].filter((room) => room !== '' && ![...ROOMS, ...GROUND].includes(room))).toEqual([]);
  });

  test('every relative import is found, and names a file', () => {
    const count = files.reduce((sum, { imports }) => sum + imports.length, 0);
    const lines = files.reduce((sum, { text }) => sum + [...text.matchAll(/from '\.|import\('\./g)].length, 0);
    expect(count).toBe(lines);
    const lost = wrong(({ imports }) => imports.map(({ target }) => target).filter((target) => !byPath.has(target)));
    expect(lost).toEqual([]);
  });

  test('from the bottom of the table to the top', () => {
    const against = wrong(({ room, imports }) =>
      imports.filter(({ target }) => !isAllowed(room, byPath.get(target)?.room ?? '')).map(({ target }) => target),
    );
    expect(against).toEqual([]);
  });

  test('rewrite never needs train, and cost and report neither', () => {
    const late = wrong(({ room, imports }) =>
      ['rewrite', 'cost', 'report'].includes(room)
        ? imports.map(({ target }) => target).filter((target) => /^(train|engine|sparsity)\//.test(target))
        : [],
    );
    expect(late).toEqual([]);
  });

  test('the backend on ONNX Runtime imports nothing else of the project', () => {
    const outside = wrong(({ path, imports }) =>
      path.startsWith('engine/onnxruntime/')
        ? imports.map(({ target }) => target).filter((target) => !target.startsWith('engine/onnxruntime/'))
        : [],
    );
    expect(outside).toEqual([]);
  });

  test('without circles between files', () => {
    expect(findCircles(files)).toEqual([]);
  });
});

describe('one door per package', () => {
  test('every package has a door, and is imported there alone', () => {
    const others = wrong((file) =>
      file.packages
        .filter(({ target, isType }) => !isType && DOORS[target]?.(file) !== true)
        .map(({ target }) => target),
    );
    expect(others).toEqual([]);
  });

  test('every door is a dependency of the package', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const used = new Set(
      files.flatMap(({ packages }) => packages.filter(({ isType }) => !isType).map(({ target }) => target)),
    );
    expect([...used].filter((name) => !(name in dependencies))).toEqual([]);
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  test.each(['report', 'cost', 'channels', 'ops', 'rewrite', 'runtime'])(
    'what src/%s loads never loads tf.js',
    (room) => {
      const loaded = loadedBy(files.filter((file) => file.room === room));
      const tf = [...loaded].filter((file) => file.packages.some(isTensorflow)).map(({ path }) => path);
      expect(tf).toEqual([]);
    },
  );
});

describe('modules', () => {
  test('export by name, never by default', () => {
    expect(wrong(({ text }) => (/^export default\b|\bas default\b/m.test(text) ? ['default'] : []))).toEqual([]);
  });

  test('touch process and the console in cli alone', () => {
    const touching = wrong(({ room, text }) =>
      room === 'cli' ? [] : [...text.matchAll(/\b(?:console|process)\.(?!cwd\b|versions\b)\w+/g)].map(([what]) => what),
    );
    expect(touching).toEqual([]);
  });

  test('take randomness from the seeded rng alone', () => {
    // tf.js draws from there: one file stands in for it while steps of others are traced.
    const watch = 'engine/onnxruntime/random/watchRandom.ts';
    const drawing = wrong(({ path, text }) =>
      path === watch ? [] : [...text.matchAll(/\bMath\.random\b/g)].map(([what]) => what),
    );
    expect(drawing).toEqual([]);
  });
});

test('every error code has a test that names it', () => {
  const tests = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))
    .join('\n');
  const codes = files.flatMap(({ room, text }) =>
    room === 'errors' ? [...text.matchAll(/^\s*code: '([A-Z0-9_]+)'/gm)].map(([, code]) => code!) : [],
  );
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.filter((code, i) => codes.indexOf(code) !== i)).toEqual([]);
  expect(codes.filter((code) => !tests.includes(`'${code}'`))).toEqual([]);
});

function isAllowed(from: string, to: string): boolean {
  // index.ts is the library's door; the command enters by it, as every other user does.
  if (from === '' || from === to) return true;
  if (to === '') return from === 'cli';
  if (GROUND.includes(to)) return true;
  return ROOMS.includes(from) && ROOMS.indexOf(to) > ROOMS.indexOf(from);
}

function isTensorflow({ target, isType }: { readonly target: string; readonly isType: boolean }): boolean {
  return !isType && target.startsWith('@tensorflow/');
}

/** The files that run when these are imported. */
function loadedBy(start: readonly SourceFile[]): ReadonlySet<SourceFile> {
  const loaded = new Set(start);
  for (const file of loaded) {
    for (const { target, isType, isLate } of file.imports) {
      const next = byPath.get(target);
      if (!isType && !isLate && next !== undefined) loaded.add(next);
    }
  }
  return loaded;
}

/** Circles of imports, types included, each as `a → b → a`. */
function findCircles(all: readonly SourceFile[]): readonly string[] {
  const done = new Set<SourceFile>();
  const circles: string[] = [];
  const visit = (file: SourceFile, path: readonly SourceFile[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file].map((step) => step.path).join(' → '));
    if (start >= 0 || done.has(file)) return;
    for (const { target } of file.imports) {
      const next = byPath.get(target);
      if (next !== undefined) visit(next, [...path, file]);
    }
    done.add(file);
  };
  for (const file of all) visit(file, []);
  return circles;
}
