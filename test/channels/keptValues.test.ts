import { describe, expect, it } from 'vitest';
import { analyzeChannels, isPrunable } from '../../src/channels/channelAnalysis.js';
import { keptValues } from '../../src/channels/keptValues.js';
import { analyze, groupAt } from '../support/analyze.js';
import { modelOf, node } from '../support/modelOf.js';

const chain = () =>
  analyze(
    modelOf({
      inputs: { x: ['N', 2] },
      weights: { w1: [2, 3], w2: [3, 4], w3: [4, 5] },
      nodes: [
        node('MatMul', ['x', 'w1'], 'a/one'),
        node('MatMul', ['a/one', 'w2'], 'b/two'),
        node('MatMul', ['b/two', 'w3'], 'y'),
      ],
      outputs: ['y'],
    }),
  );

const reasons = async (...patterns: string[]) => {
  const { model } = await chain();
  const analysis = analyzeChannels(model, keptValues(model.graph, patterns));
  return ['a/one', 'b/two'].map((name) => groupAt(analysis, name).pinned);
};

describe('patterns of what stays', () => {
  it('cut all that no pattern names', async () => {
    expect(await reasons()).toEqual([undefined, undefined]);
  });

  it.each([
    ['a/one', 'a/one'],
    ['a*', 'a*'],
    ['*/one', '*/one'],
    ['?/???', '?/one'],
    ['*n*', '*n*'],
  ])('%s keeps one group', async (pattern) => {
    const [first, second] = await reasons(pattern);
    expect(first).toBe(`kept by --keep ${pattern}`);
    // `?/???` fits both names.
    expect(second).toBe(pattern === '?/???' ? 'kept by --keep ?/???' : undefined);
  });

  it('take the name of a weight for the channels that it gives, not for those that it reads', async () => {
    expect(await reasons('w2')).toEqual([undefined, 'kept by --keep w2']);
  });

  it('add up', async () => {
    expect(await reasons('a/one', 'b/*')).toEqual(['kept by --keep a/one', 'kept by --keep b/*']);
  });

  it('that match nothing are an error that tells names that come near', async () => {
    await expect(reasons('a/oen')).rejects.toMatchObject({ code: 'GRAPH_NO_SUCH_NODE' });
    await expect(reasons('a/one*x')).rejects.toThrow(
      '--keep a/one*x: no node and no value of the model has such a name; names that come near: a/one, b/two, x',
    );
  });

  it('take no time to fail to match', async () => {
    const start = performance.now();
    await expect(reasons(`${'*a'.repeat(30)}*b`)).rejects.toThrow('--keep');
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('leave the groups around them free', async () => {
    const { model } = await chain();
    const analysis = analyzeChannels(model, keptValues(model.graph, ['a/one']));
    expect(analysis.groups.filter(isPrunable).map(({ name }) => name)).toEqual(['b/two']);
  });
});
