import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEVICES } from '../../src/cost/devices/dataSheets.js';
import { allOps } from '../../src/ops/allOps.js';
import { operatorTable } from '../../src/report/operatorTable.js';
import { runInTest } from '../cli/runInTest.js';
import { leftOut } from '../tfjs/leftOut.js';

/** A line of the results. */
interface Run {
  readonly method: string;
  readonly budget: number;
  readonly epochs: number;
  readonly recipe: { readonly shrinkEpochs?: number };
}

// Plain JavaScript, which the benchmark runs on the built package.
const bench = (name: string) => import(new URL(`../bench/quality/${name}.mjs`, import.meta.url).href);
const { readResults } = (await bench('resultFile')) as { readonly readResults: (path: string) => readonly Run[] };
const { tradeOffCurve } = (await bench('tradeOffCurve')) as {
  readonly tradeOffCurve: (runs: readonly Run[], model: string) => string;
};
const { qualityTable, structureTable } = (await bench('qualityTable')) as {
  readonly structureTable: (runs: readonly Run[], model: string) => string;
  readonly qualityTable: (runs: readonly Run[]) => string;
};

/** The README's generated parts. `npm run docs` writes them; this test holds them to the code. */
const PARTS: Readonly<Record<string, () => Promise<string>>> = {
  operators: async () => operatorTable(allOps),
  'help morph': () => help('morph'),
  'help widen': () => help('widen'),
  'help report': () => help('report'),
  'help prune': () => help('prune'),
  'help explain': () => help('explain'),
  'help calibrate': () => help('calibrate'),
  example: async () => `\`\`\`js\n${readFileSync('test/docs/tfjsBackend.example.js', 'utf8')}\`\`\``,
  devices: async () =>
    [
      '| name | GFLOP/s | GB/s | source |',
      '|---|--:|--:|---|',
      ...DEVICES.map(
        ({ name, peakGflops, bandwidthGBps, source }) =>
          `| \`${name}\` | ${peakGflops.toLocaleString('en')} | ${bandwidthGBps} | ${source} |`,
      ),
    ].join('\n'),
  quality: async () => qualityTable(readResults('test/bench/quality/results.jsonl')),
  structures: async () => structureTable(gammaAtHalf(), 'fashion-resnet8'),
  'left out': async () =>
    leftOut
      .map(({ why }) => `- ${why};`)
      .join('\n')
      .replace(/;$/, '.'),
};

/** What gamma with one epoch under the penalty leaves at half of a resource, by resource. */
function gammaAtHalf(): readonly Run[] {
  return readResults('test/bench/quality/results.jsonl').filter(
    ({ method, budget, epochs, recipe }) =>
      method === 'gamma' && budget === 50 && epochs === 8 && recipe.shrinkEpochs === 1,
  );
}

async function help(command: string): Promise<string> {
  return `\`\`\`\n${(await runInTest([command, '--help'])).stdout.trimEnd()}\n\`\`\``;
}

describe('README.md', () => {
  it.each(Object.entries(PARTS))('tells the truth about %s', async (name, make) => {
    const text = readFileSync('README.md', 'utf8');
    const [start, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
    const from = text.indexOf(start) + start.length;
    const to = text.indexOf(end, from);
    expect(Math.min(text.indexOf(start), to), `the README has no part <!-- ${name} -->`).toBeGreaterThanOrEqual(0);
    const expected = await make();
    if (process.env.UPDATE_DOCS === '1') writeFileSync('README.md', text.slice(0, from) + expected + text.slice(to));
    else expect(text.slice(from, to), 'the README is out of date: npm run docs').toBe(expected);
  });

  it('shows the curve of all results', () => {
    const path = 'test/bench/quality/fashion-resnet8.svg';
    const expected = tradeOffCurve(readResults('test/bench/quality/results.jsonl'), 'fashion-resnet8');
    if (process.env.UPDATE_DOCS === '1') writeFileSync(path, expected);
    else expect(readFileSync(path, 'utf8'), 'the curve is out of date: npm run docs').toBe(expected);
  });
});
