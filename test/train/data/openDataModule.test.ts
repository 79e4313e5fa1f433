import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MorphError } from '../../../src/errors/morphError.js';
import { createRng } from '../../../src/random/rng.js';
import { importTypeScript } from '../../../src/train/data/importModule.js';
import { type DataModule, type DataOptions, fitData, openDataSet } from '../../../src/train/data/index.js';
import { collect, temporaryFile } from './fileBuilders.js';

const open = (source: string, options?: DataOptions, name = 'data.mjs') =>
  openDataSet(temporaryFile(name, source), options);

/** A batch that tells what was asked for: [epoch, batchSize, seed]. */
const ECHO = 'x: { data: Float64Array.of(context.epoch, context.batchSize, context.seed), shape: [1, 3] }';
const LABEL = 'y: { data: BigInt64Array.of(5n), shape: [1] }';

const FORMS: Readonly<Record<string, string>> = {
  'an async generator': `export default async function* (split, context) { yield { ${ECHO}, ${LABEL} }; }`,
  'a generator': `export default function* (split, context) { yield { ${ECHO}, ${LABEL} }; }`,
  'a function that promises an array': `export default async (split, context) => [{ ${ECHO}, ${LABEL} }];`,
  'an object of generators': `export default {
    *train(context) { yield { ${ECHO}, ${LABEL} }; },
    async *test(context) { yield { ${ECHO}, ${LABEL} }; },
  };`,
  'an object of functions': `export default {
    label: ${LABEL.slice(3)},
    train(context) { return [{ ${ECHO}, y: this.label }]; },
    async test(context) { return [{ ${ECHO}, y: this.label }]; },
  };`,
  'a function that promises an object': `export default async () => ({
    train: (context) => [{ ${ECHO}, ${LABEL} }],
    test: (context) => [{ ${ECHO}, ${LABEL} }],
  });`,
};

describe('a data module', () => {
  it.each(Object.entries(FORMS))('may export %s', async (_, source) => {
    const dataSet = await open(source);
    expect(dataSet).toMatchObject({ sampleShape: [3], labelled: true, hasTest: true });
    expect(dataSet.trainSize).toBeUndefined();
    expect(dataSet.trainBatches(8)).toBeUndefined();
    const rng = createRng(4);
    const seed = rng.fork('epoch 6').int(2 ** 32);
    expect(await collect(dataSet.train(6, 32, rng))).toEqual([
      { x: { data: Float32Array.of(6, 32, seed), shape: [1, 3] }, y: Int32Array.of(5) },
    ]);
    expect(await collect(dataSet.test(16))).toEqual([
      { x: { data: Float32Array.of(0, 16, 0), shape: [1, 3] }, y: Int32Array.of(5) },
    ]);
  });

  it('may be CommonJS', async () => {
    const source = `module.exports = { train: (context) => [{ ${ECHO} }] };`;
    expect(await open(source, {}, 'data.cjs')).toMatchObject({ labelled: false, hasTest: false, testSize: 0 });
    const compiled = `Object.defineProperty(exports, '__esModule', { value: true });
      exports.default = { train: (context) => [{ ${ECHO} }] };`;
    expect(await open(compiled, {}, 'data.cjs')).toMatchObject({ sampleShape: [3] });
  });

  it('has its samples normalised', async () => {
    const source = `export default { train: () => [{ x: { data: Uint8Array.of(0, 255, 0, 255), shape: [1, 2, 2] } }] };`;
    const dataSet = await open(source, { normalisation: { scale: 1 / 255, mean: [0, 1], std: [1, 0.5] } });
    const [batch] = await collect(dataSet.train(0, 1, createRng(0)));
    expect(batch?.x).toEqual({ data: Float32Array.of(0, 1, -2, 0), shape: [1, 2, 2] });
  });

  it('may go on for ever when it says how many batches make an epoch, and is told when to stop', async () => {
    const log = join(dirname(temporaryFile('log', '')), 'epochs');
    const source = `
      import { appendFileSync } from 'node:fs';
      export default {
        trainBatches: 3,
        *train({ epoch }) {
          try { for (let i = 0; ; i++) yield { x: { data: Int8Array.of(i), shape: [1, 1] } }; }
          finally { appendFileSync(${JSON.stringify(log)}, epoch + ' '); }
        },
      };`;
    const dataSet = await open(source);
    expect(dataSet.trainBatches(1)).toBe(3);
    const batches = await collect(dataSet.train(2, 1, createRng(0)));
    expect(batches.map((batch) => batch.x.data[0])).toEqual([0, 1, 2]);
    for await (const _ of dataSet.train(3, 1, createRng(0))) break;
    expect(readFileSync(log, 'utf8')).toBe('0 2 3 '); // 0 is the look at its shape
  });

  it('makes the next batch while the one before it is used, and none beyond the epoch', async () => {
    const folder = dirname(temporaryFile('log', ''));
    const made = (i: number) => join(folder, `batch ${i}`);
    const dataSet = await open(`
      import { writeFileSync } from 'node:fs';
      const data = new Float32Array(2); // filled anew for each batch
      export default {
        trainBatches: 3,
        *train({ batchSize }) {
          for (let i = 0; ; i++) {
            if (batchSize > 1) writeFileSync(${JSON.stringify(folder)} + '/batch ' + i, '');
            yield { x: { data: data.fill(i), shape: [1, 2] } };
          }
        },
      };`);
    const seen: number[] = [];
    for await (const { x } of dataSet.train(0, 2, createRng(0))) {
      const next = made(seen.length + 1);
      // This thread does nothing else meanwhile, as in a step of ONNX Runtime.
      const end = performance.now() + 10_000;
      while (seen.length < 2 && !existsSync(next) && performance.now() < end);
      expect(existsSync(next)).toBe(seen.length < 2);
      seen.push(x.data[0]!);
      expect(x.data[0]).toBe(x.data[1]);
    }
    expect(seen).toEqual([0, 1, 2]);
    await dataSet.close?.();
  });

  it('is imported here where it does not work in a thread', async () => {
    const source = `
      import { isMainThread } from 'node:worker_threads';
      if (!isMainThread) throw new Error('not in a thread');
      const data = new Float32Array(2);
      export default function* (split) { for (const i of [0, 1]) yield { x: { data: data.fill(i), shape: [1, 2] } }; }`;
    const batches = await collect((await open(source)).train(0, 1, createRng(0)));
    expect(batches.map(({ x }) => [...x.data])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('ends its thread when it is closed, and says so to who asks for more', async () => {
    const path = temporaryFile(
      'data.mjs',
      'export default { train: () => [{ x: { data: new Float32Array(1), shape: [1, 1] } }] };',
    );
    const dataSet = await openDataSet(path);
    await dataSet.close?.();
    await expect(collect(dataSet.train(0, 1, createRng(0)))).rejects.toThrow(
      `${path}, train: the module threw: its thread has ended; correct the module`,
    );
  });

  it('without a test split yields no test batch', async () => {
    const source = `export default function* (split, context) { if (split === 'train') yield { ${ECHO} }; }`;
    const dataSet = await open(source);
    expect(dataSet).toMatchObject({ hasTest: false, testSize: 0 });
    expect(await collect(dataSet.test(4))).toEqual([]);
  });

  it('is typed', async () => {
    const batch = { x: { data: new Float32Array(4), shape: [1, 4] }, y: { data: Int32Array.of(1), shape: [1] } };
    const forms: readonly DataModule[] = [
      async function* batches() {
        yield batch;
      },
      (split, { batchSize }) => (split === 'train' ? new Array(batchSize).fill(batch) : []),
      { train: () => [batch], trainBatches: 1 },
      async () => ({ train: async () => [batch], test: () => [batch] }),
    ];
    expect(forms).toHaveLength(4);
  });

  it('has labels that are checked against the classes, batch by batch', async () => {
    const source = `export default { *train() {
      for (const label of [0, 3]) yield { x: { data: new Float32Array(2), shape: [1, 2] }, y: { data: Int32Array.of(label), shape: [1] } };
    } };`;
    const path = temporaryFile('data.mjs', source);
    const fitted = fitData(await openDataSet(path), [undefined, 2], 'float32', 3);
    await expect(collect(fitted.train(0, 1, createRng(0)))).rejects.toThrow(
      `${path}, a batch of training labels: label 0 is 3, but the model tells 3 classes apart`,
    );
  });
});

describe('a data module is refused', () => {
  const train = (batch: string) => `export default { train: () => [${batch}] };`;
  it.each([
    ['that does not parse', 'export default {', 'cannot be imported ('],
    ['that throws', 'throw new Error("no disk")', 'cannot be imported (no disk)'],
    ['that throws no Error', 'throw "no disk"', 'cannot be imported (no disk)'],
    ['without a default export', 'export const train = 1;', 'its default export gives undefined'],
    ['that exports a number', 'export default 3;', 'its default export gives a number'],
    ['whose factory gives nothing', 'export default () => null;', 'its default export gives null'],
    ['whose factory throws', 'export default () => { throw new Error("no disk"); };', 'the module threw: no disk'],
    ['without train', 'export default { test() {} };', 'gives an object whose train is undefined'],
    ['with another test', 'export default { train() {}, test: [] };', 'gives an object whose test is an Array'],
    ['with half a batch', 'export default { train() {}, trainBatches: 0.5 };', 'whose trainBatches is 0.5'],
    ['whose train gives no batches', 'export default { train: () => 3 };', ', train: it gives a number, not batches'],
    [
      'whose train throws',
      'export default { train() { throw new Error("a\\nb"); } };',
      ', train: the module threw: a; ',
    ],
    [
      'that throws between batches',
      'export default { *train() { throw new Error("no disk"); } };',
      'the module threw: no disk',
    ],
    ['whose epoch is empty', train(''), ', train: the first epoch has no batch'],
    ['that yields null', train('null'), ', train batch 0: a batch is null'],
    ['that yields no x', train('{}'), ', train batch 0: x is undefined'],
    ['that yields an array', train('{ x: { data: [1], shape: [1, 1] } }'), 'x.data is an Array'],
    [
      'that yields a DataView',
      train('{ x: { data: new DataView(new ArrayBuffer(1)), shape: [1, 1] } }'),
      'x.data is a DataView',
    ],
    ['that yields no shape', train('{ x: { data: new Uint8Array(1) } }'), 'x.shape is undefined'],
    [
      'that yields a negative shape',
      train('{ x: { data: new Uint8Array(1), shape: [-1, -1] } }'),
      'x.shape is [-1,-1]',
    ],
    [
      'that yields too much',
      train('{ x: { data: new Uint8Array(3), shape: [1, 2] } }'),
      'x.data has 3 elements, not those of [1, 2]',
    ],
    [
      'that yields NaN',
      train('{ x: { data: Float32Array.of(0, NaN), shape: [2, 1] } }'),
      ', train batch 0, x: sample 1 holds NaN',
    ],
    [
      'that yields too few labels',
      train('{ x: { data: new Uint8Array(2), shape: [2, 1] }, y: { data: new Uint8Array(1), shape: [1] } }'),
      'train batch 0, x: holds 2 samples, but ',
    ],
    [
      'whose test samples differ',
      'export default (split) => [{ x: { data: new Uint8Array(4), shape: split === "train" ? [1, 4] : [1, 2, 2] } }];',
      ', test: has the shape [1, 2, 2], but ',
    ],
  ])('%s', async (_, source, message) => {
    const error = await open(source).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MorphError);
    expect((error as MorphError).category).toBe('data');
    expect((error as MorphError).message).toContain(message);
    expect((error as MorphError).message).not.toContain('\n');
  });

  it('when samples change their shape later', async () => {
    const source = `export default { *train({ batchSize }) {
      yield { x: { data: new Uint8Array(2), shape: [1, 2] } };
      yield { x: { data: new Uint8Array(3), shape: [1, 3] } };
    } };`;
    const dataSet = await open(source);
    await expect(collect(dataSet.train(0, 1, createRng(0)))).rejects.toThrow(
      'train batch 1: has the shape [1, 3], but',
    );
  });

  it('when a later epoch is empty', async () => {
    const dataSet = await open(
      `export default { train: ({ epoch }) => epoch ? [] : [{ x: { data: new Uint8Array(2), shape: [1, 2] } }] };`,
    );
    await expect(collect(dataSet.train(1, 1, createRng(0)))).rejects.toThrow('train: epoch 1 has no batch');
  });

  it('with what it threw as the cause', async () => {
    const error = await open('export default { train() { throw new TypeError("x"); } };').catch((thrown) => thrown);
    expect((error as MorphError).cause).toBeInstanceOf(TypeError);
  });
});

describe('importTypeScript', () => {
  it('strips types, resolves imports beside the module and leaves nothing behind', async () => {
    const source = `import { value } from './value.mjs';
      interface Exported { readonly value: number }
      const exported: Exported = { value };
      export default exported;`;
    const path = temporaryFile('data.ts', source);
    writeFileSync(join(dirname(path), 'value.mjs'), 'export const value = 7;');
    expect(await importTypeScript(path)).toEqual({ value: 7 });
    expect(readdirSync(dirname(path)).sort()).toEqual(['data.ts', 'value.mjs']);
  });

  it('says what went wrong, and leaves nothing behind then either', async () => {
    const path = temporaryFile('data.ts', 'throw new Error("no disk");');
    await expect(importTypeScript(path)).rejects.toThrow(`${path}: cannot be imported (no disk)`);
    expect(readdirSync(dirname(path))).toEqual(['data.ts']);
    await expect(importTypeScript(`${path}x`)).rejects.toThrow('cannot be imported (ENOENT');
  });
});
