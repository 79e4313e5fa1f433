import { describe, expect, test } from 'vitest';
import { allOps } from '../../src/ops/allOps.js';
import { analyze, groupAt } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { allLawNets } from './laws/allLawNets.js';

test('every record of the registry has a net', () => {
  const covered = new Set(allLawNets.map(({ record }) => record));
  const missing = allOps.ops
    .map(({ domain, type, since }) => `${domain === '' ? '' : `${domain}.`}${type}@${since}`)
    .filter((record) => !covered.has(record));
  expect(missing).toEqual([]);
});

describe('cut and widened around an operator, a net keeps its law and its predicted cost', () => {
  test.each(allLawNets.map((net) => [`${net.record} ${net.title}`, net] as const))('%s', async (_, net) => {
    const analysis = await analyze(net.model);
    expect(prunableGroups(analysis)).toEqual(net.groups);
    if (net.pinned !== undefined) {
      const [value, axis, reason] = net.pinned;
      expect(groupAt(analysis, value, axis).pinned).toBe(reason);
    }
    for (const seed of [1, 2, 3]) await expectCutLaw(analysis, seed);
    for (const seed of [4, 5]) await expectWidenLaw(analysis, seed);
  });
});
