import { describe, expect, it } from 'vitest';
import { explainTable } from '../../src/report/explainTable.js';
import { pruneTable } from '../../src/report/pruneTable.js';
import { SAMPLE_EXPLANATION, SAMPLE_PRUNED, SAMPLE_WIDENED } from './sampleResults.js';

describe('explainTable', () => {
  it('shows what can be cut, and what is pinned and why', () => {
    expect(explainTable(SAMPLE_EXPLANATION)).toBe(
      [
        'digits.onnx',
        '',
        'groups that can be cut: 2',
        '  units  MACs each  FLOPs each  params each  nodes that give them',
        '     16      24.1k       48.2k          621  /stem/Conv',
        '                                             /block/c2/Conv',
        "      4          0           0            2  gain                  can go as a whole; cannot be widened: node 'norm' (LayerNormalization): calculates over all of it",
        '',
        'values with channels that are pinned: 2 (each of them: --node NAME, or --json)',
        '  values  the first  axis  channels  why',
        "       1  y             1        10  graph output 'y'",
        "       1  h             1    3 of 8  node 'd' (Det): keeps this axis as it is",
        '',
      ].join('\n'),
    );
  });

  it('gathers the values that one node holds', () => {
    const held = { axis: 2, width: 4, pinned: 4, node: 's', reason: "node 's' (Softmax): Softmax normalises over it" };
    const pinned = ['a', 'b', 'b'].map((value) => ({ ...held, value }));
    expect(
      explainTable({ ...SAMPLE_EXPLANATION, groups: [], pinned })
        .split('\n')
        .slice(4, 7),
    ).toEqual([
      'values with channels that are pinned: 2 (each of them: --node NAME, or --json)',
      '  values  the first  axis  channels  why',
      "       2  a             2         4  node 's' (Softmax): Softmax normalises over it",
    ]);
  });

  it('shows a node alone', () => {
    const node = {
      name: 'add',
      op: 'Add',
      channels: [
        { value: 's', axis: 1, width: 16, groups: ['/stem/Conv'], held: [] },
        {
          ...{ value: 't', axis: 1, width: 8, groups: [] },
          held: [
            {
              ...{ pinned: 3, node: 'd', reason: "node 'd' (Det): keeps this axis as it is" },
              chain: [
                { value: 't', axis: 1, through: null },
                { value: 'h\u001b', axis: 1, through: 'relu' },
              ],
            },
          ],
        },
        { value: 'u', axis: 0, width: 2, groups: [], held: [] },
      ],
    };
    expect(explainTable({ ...SAMPLE_EXPLANATION, node })).toBe(
      [
        "node 'add' (Add)",
        '',
        's, axis 1: 16 channels',
        '  can be cut: 16 units, each worth 24.1k MACs and 621 params',
        '  together with /stem/Conv, /block/c2/Conv',
        "  cannot go as a whole: the graph output 'y' would be a constant",
        '',
        't, axis 1: 8 channels',
        '  pinned: 3 of them',
        '    t, axis 1',
        '    → h\\u001b, axis 1, by relu',
        "    held: node 'd' (Det): keeps this axis as it is",
        '',
        'u, axis 0: 2 channels',
        '  no weights go with them, so there is nothing to cut',
        '',
      ].join('\n'),
    );
    expect(explainTable({ ...SAMPLE_EXPLANATION, node: { name: 's', op: 'Shape', channels: [] } })).toBe(
      "node 's' (Shape)\n\nit gives no channels: its outputs are shapes, or follow the batch\n",
    );
  });

  it('says where there is nothing', () => {
    expect(explainTable({ path: 'a.onnx', groups: [], pinned: [] })).toBe(
      'a.onnx\n\ngroups that can be cut: none\n\nvalues with channels that are pinned: none\n',
    );
  });
});

describe('pruneTable', () => {
  it('adds what became of the means', () => {
    expect(pruneTable(SAMPLE_PRUNED).slice(pruneTable(SAMPLE_WIDENED).length)).toBe(
      '\ncalibrated on 512 samples; the means of what was cut went into the biases of 2 nodes\n' +
        '  not into /attention/MatMul: its weight is calculated\n' +
        'BatchNorms whose statistics were taken anew: 1\n',
    );
  });
});
