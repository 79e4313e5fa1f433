import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type LeftOut, leftOut } from './leftOut.js';
import { type Outcome, runTfjsTests } from './runTfjsTests.js';

/** Its graphs of thousands of nodes take as long as all the others together: `npm run test:tfjs` runs them, too. */
const slow = ['threshold'];
const outcomes = await runTfjsTests(process.env.TFJS_TESTS === 'all' ? [] : slow);

const isListed = ({ tests }: LeftOut, { suite, test }: Outcome): boolean => {
  const listed = Object.hasOwn(tests, suite) ? tests[suite]! : [];
  return listed === 'all' || listed.includes(test);
};
const isLeftOut = (outcome: Outcome): boolean => leftOut.some((entry) => isListed(entry, outcome));
const titles = (list: readonly Outcome[]): string[] => list.map(({ suite, test }) => `${suite} | ${test}`);

test('all pass that are not left out', () => {
  const failed = outcomes.filter((outcome) => outcome.status === 'failed' && !isLeftOut(outcome));
  expect(failed.map(({ suite, test, reasons }) => `${suite} | ${test}: ${reasons[0]}`)).toEqual([]);
});

test('none is left out that passes', () => {
  expect(titles(outcomes.filter((outcome) => outcome.status === 'passed' && isLeftOut(outcome)))).toEqual([]);
});

test('nothing is left out for two reasons', () => {
  const twice = outcomes.filter((outcome) => leftOut.filter((entry) => isListed(entry, outcome)).length > 1);
  expect(titles(twice)).toEqual([]);
});

test('all that is left out exists', () => {
  const known = new Set(titles(outcomes));
  const suites = new Set(outcomes.map(({ suite }) => suite));
  const listed = leftOut.flatMap(({ tests }) => Object.entries(tests));
  const lost = listed.flatMap(([suite, names]) =>
    names === 'all'
      ? [...(suites.has(suite) ? [] : [suite])]
      : names.map((name) => `${suite} | ${name}`).filter((title) => !known.has(title)),
  );
  expect(lost).toEqual([]);
});

test('the numbers are those of the README', () => {
  const readme = readFileSync('README.md', 'utf8');
  const count = (filter: (outcome: Outcome) => boolean): number => outcomes.filter(filter).length;
  const withStatus = (wanted: Outcome['status']): number => count(({ status }) => status === wanted);
  const line = (number: number, what: string): string => `${String(number).padStart(7)}  ${what}`;
  // biome-ignore lint/suspicious/noConsole: the numbers are what one wants to see
  console.log(
    [
      line(withStatus('passed'), 'tests of tf.js passed'),
      line(withStatus('pending'), 'are disabled by tf.js itself'),
      line(withStatus('excluded'), 'take long, and were not run'),
      line(count(isLeftOut), 'are left out:'),
      ...leftOut.map(
        (entry) =>
          `  ${line(
            count((outcome) => isListed(entry, outcome)),
            entry.why,
          )}`,
      ),
    ].join('\n'),
  );
  const told = (part: string): string => new RegExp(`<!-- tfjs ${part} -->(.*?)<!--`).exec(readme)?.[1] ?? '';
  expect(told('total')).toBe(outcomes.length.toLocaleString('en'));
  expect(told('passed')).toBe((withStatus('passed') + withStatus('excluded')).toLocaleString('en'));
});
