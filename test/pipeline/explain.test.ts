import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain, report } from '../../src/index.js';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { violations } from '../report/structuralCheck.js';
import { modelOf, node } from '../support/modelOf.js';
import { emptyFolder, RESNET } from './digits.js';

/** Conv a → Relu → Conv b; a is joined with c by Add; b gives the output. 4·9 inputs. */
async function small(): Promise<string> {
  const path = join(emptyFolder(), 'small.onnx');
  const model = modelOf({
    inputs: { x: ['N', 2, 3, 3] },
    weights: { wa: [5, 2, 1, 1], wc: [5, 2, 1, 1], ba: [5], wb: [4, 5, 1, 1] },
    nodes: [
      node('Conv', ['x', 'wa', 'ba'], 'a'),
      node('Conv', ['x', 'wc'], 'c'),
      node('Add', ['a', 'c'], 's'),
      node('Conv', ['s', 'wb'], 'b'),
      node('Relu', ['b'], 'y'),
    ],
    outputs: ['y'],
  });
  await writeModelFile(path, model);
  return path;
}

describe('explain', () => {
  it('tells of groups, what one unit costs, and the axes it runs along', async () => {
    const { groups } = await explain(await small());
    expect(groups).toHaveLength(1);
    const [group] = groups;
    // Per unit: 2 + 2 weights and 4 of the reader at 9 places; one bias.
    expect(group).toMatchObject({
      name: 'a',
      units: 5,
      members: ['a', 'c'],
      unrepeatable: null,
      indispensable: "the graph output 'y' would be a constant",
    });
    expect(group!.costPerUnit).toEqual({
      ...{ macs: 9 * 8, flops: 2 * 9 * 8, params: 9, weightBytes: 36, activationBytes: 3 * 9 * 4 },
    });
    const axes = group!.axes.map(({ value, axis, isConstant, isSummed }) =>
      [value, axis, isConstant ? 'stored' : 'data', isSummed ? 'summed' : ''].join(' ').trim(),
    );
    expect(new Set(axes)).toEqual(
      new Set(['wa 0 stored', 'wc 0 stored', 'ba 0 stored', 'wb 1 stored summed', 'a 1 data', 'c 1 data', 's 1 data']),
    );
  });

  it('leaves out axes of a single position, with nothing to cut', async () => {
    const path = join(emptyFolder(), 'bias.onnx');
    const nodes = [node('Conv', ['x', 'w'], 'a'), node('Add', ['a', 'b'], 'y')];
    const weights = { w: [5, 2, 1, 1], b: [1, 5, 1, 1] };
    await writeModelFile(path, modelOf({ inputs: { x: ['N', 2, 3, 3] }, weights, nodes, outputs: ['y'] }));
    const { pinned } = await explain(path);
    expect(pinned.map(({ value, axis }) => `${value} ${axis}`)).toContain('b 1');
    expect(pinned.filter(({ width }) => width === 1)).toEqual([]);
  });

  it('tells of every pinned value why', async () => {
    const { pinned } = await explain(await small());
    expect(
      pinned.map(
        ({ value, axis, pinned: count, width, node: at, reason }) =>
          `${value} ${axis} ${count}/${width} ${at} ${reason}`,
      ),
    ).toEqual([
      "x 1 2/2 null graph input 'x'",
      "wa 1 2/2 null graph input 'x'",
      "wc 1 2/2 null graph input 'x'",
      "wb 0 4/4 null graph output 'y'",
      "b 1 4/4 null graph output 'y'",
      "y 1 4/4 null graph output 'y'",
    ]);
  });

  it('walks from a node to what holds its channels', async () => {
    const { node: found } = await explain(await small(), { node: 'b' });
    expect(found).toEqual({
      name: 'b',
      op: 'Conv',
      channels: [
        {
          ...{ value: 'b', axis: 1, width: 4, groups: [] },
          held: [
            {
              ...{ pinned: 4, node: null, reason: "graph output 'y'" },
              chain: [
                { value: 'b', axis: 1, through: null },
                { value: 'y', axis: 1, through: 'y' },
              ],
            },
          ],
        },
      ],
    });
  });

  it('names the groups of a node that can be cut, and finds nodes by what they give', async () => {
    const path = await small();
    const { node: found } = await explain(path, { node: 's' });
    expect(found!.channels).toEqual([{ value: 's', axis: 1, width: 5, groups: ['a'], held: [] }]);
    const byValue = await explain(RESNET, { node: '/stem/Conv_output_0' });
    expect(byValue.node!.name).toBe('/stem/Conv');
  });

  it('shows what patterns keep', async () => {
    const { groups, node: found } = await explain(await small(), { keep: ['c'], node: 'a' });
    expect(groups).toEqual([]);
    expect(found!.channels[0]!.held.map(({ reason, chain }) => [reason, ...chain.map(({ value }) => value)])).toEqual([
      ['kept by --keep c', 'a', 's', 'c'],
    ]);
  });

  it('says which names come near one that is not there', async () => {
    await expect(explain(RESNET, { node: '/stem/Conf' })).rejects.toThrow(
      '--node /stem/Conf: no node and no value of the model has such a name; names that come near: /stem/Conv, ',
    );
  });

  it.each(['fixtures/models/resnet_bn.onnx', 'fixtures/models/inception_bn.onnx', 'fixtures/digits-vgg.onnx'])(
    '%s: agrees with the report, and with its schema',
    async (path) => {
      const explanation = await explain(path);
      const { groups, nodes } = await report(path);
      expect(explanation.groups.map(({ name, units }) => [name, units])).toEqual(
        groups.filter(({ prunable }) => prunable).map(({ name, width }) => [name, width]),
      );
      expect(violations(JSON.parse(JSON.stringify(explanation)), SCHEMAS.explain)).toEqual([]);
      for (const { name } of nodes) {
        const one = await explain(path, { node: name });
        for (const { held, width, groups: open } of one.node!.channels) {
          const sum = held.reduce((total, { pinned }) => total + pinned, 0);
          expect(sum).toBeLessThanOrEqual(width);
          if (open.length === 0 && held.length > 0) expect(sum).toBe(width);
          for (const { chain, reason } of held) {
            expect(chain.length).toBeGreaterThan(0);
            expect(reason).not.toBe('');
          }
        }
      }
    },
    60_000,
  );
});
