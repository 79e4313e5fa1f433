import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain, morph, prune, report, widen } from '../../src/index.js';
import { encodeMessage } from '../../src/onnx/encodeMessage.js';
import { messageSchema } from '../../src/onnx/messageSchema.js';
import type { ModelProto, NodeProto, ValueInfoProto } from '../../src/onnx/messages.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { bytesOf } from '../../src/onnx/storedBytes.js';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';
import { pruneTable } from '../../src/report/pruneTable.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { violations } from '../report/structuralCheck.js';
import { inputOf, modelOf, node, positive } from '../support/modelOf.js';
import { emptyFolder, shortRun } from './digits.js';

const REASON = "node 'm' (com.example.Mystery): the operator com.example.Mystery (opset 1) is not known";

const mystery = (outputs: readonly string[]) =>
  node('Mystery', ['r2'], outputs, { strength: { float: 0.25 }, modes: { strings: ['deep', 'dark'] } }, 'com.example');

const norm = (input: string, output: string, width: string) =>
  node('BatchNormalization', [input, `g${width}`, `b${width}`, `mean${width}`, `var${width}`], output);

/** Conv/BN/Relu 8 → Conv/BN/Relu 12 → Mystery → `join` → Conv/Relu 10 → Conv/BN/Relu 6 → a classifier. */
function around(foreign: NodeProto, valueInfo: readonly ValueInfoProto[]): ModelProto {
  const joined = foreign.output.length === 1 ? [] : [node('Mul', foreign.output, 'joined')];
  const norms = (width: number) => ({
    [`g${width}`]: positive([width]),
    [`b${width}`]: [width],
    [`mean${width}`]: [width],
    [`var${width}`]: positive([width]),
  });
  const same = { pads: [1, 1, 1, 1] };
  return modelOf({
    inputs: { x: ['N', 1, 8, 8] },
    weights: {
      ...{ w1: [8, 1, 3, 3], w2: [12, 8, 3, 3], w3: [10, 12, 3, 3], w4: [6, 10, 1, 1], w5: [10, 6] },
      ...{ ...norms(8), ...norms(12), ...norms(6) },
    },
    nodes: [
      node('Conv', ['x', 'w1'], 'c1', same),
      norm('c1', 'n1', '8'),
      node('Relu', ['n1'], 'r1'),
      node('Conv', ['r1', 'w2'], 'c2', same),
      norm('c2', 'n2', '12'),
      node('Relu', ['n2'], 'r2'),
      foreign,
      ...joined,
      node('Conv', [joined.length === 0 ? foreign.output[0]! : 'joined', 'w3'], 'c3', same),
      node('Relu', ['c3'], 'r3'),
      node('Conv', ['r3', 'w4'], 'c4'),
      norm('c4', 'n4', '6'),
      node('Relu', ['n4'], 'r4'),
      node('GlobalAveragePool', ['r4'], 'pool'),
      node('Flatten', ['pool'], 'flat'),
      node('Gemm', ['flat', 'w5'], 'y', { transB: 1 }),
    ],
    outputs: ['y'],
    valueInfo,
  });
}

const WHOLE = inputOf('m', ['N', 12, 8, 8]);
const ONE = around(mystery(['m']), [WHOLE]);
const TWO = around(mystery(['m', 'gate']), [WHOLE, inputOf('gate', ['N', 12, 1, 1])]);

async function fileOf(model: ModelProto): Promise<string> {
  const path = join(emptyFolder(), 'foreign.onnx');
  await writeModelFile(path, model);
  return path;
}

/** The foreign node of a file as its bytes. */
async function foreignBytes(path: string): Promise<Buffer> {
  const { model } = await readModelFile(path);
  const proto = model.graph!.node.find(({ domain }) => domain === 'com.example')!;
  return Buffer.concat(encodeMessage(messageSchema('NodeProto'), proto).map(bytesOf));
}

describe.each([
  ['one output', ONE],
  ['two outputs', TWO],
])('a node that ONNX Runtime does not have, with %s', (_, model) => {
  it('pins its neighbours with the reason, and nothing else', async () => {
    const path = await fileOf(model);
    const { groups, unknownNodes, nodes } = await report(path);
    expect(groups.map(({ name, width, pinned }) => [name, width, pinned])).toEqual([
      ['x', 1, "graph input 'x'"],
      ['c1', 8, null],
      ['c2', 12, REASON],
      ['m', 12, REASON],
      ['c3', 10, null],
      ['c4', 6, null],
      ['y', 10, "graph output 'y'"],
    ]);
    expect(unknownNodes.map((unknown) => unknown.node)).toEqual(['m']);
    expect(nodes.find(({ name }) => name === 'm')!.outputShape).toEqual([1, 12, 8, 8]);
    const { pinned } = await explain(path, { node: 'c2' });
    expect(pinned.map(({ reason }) => reason)).toContain(REASON);
  });

  it.each(['flops', 'params'] as const)(
    'prunes the rest to a budget of %s and leaves it as it is',
    async (resource) => {
      const path = await fileOf(model);
      const out = join(emptyFolder(), 'small.onnx');
      const result = await prune(path, { target: { resource, share: 0.6 }, out });
      expect(result.target.achieved).toBeLessThanOrEqual(result.target.limit);
      expect(result.verification.maxRelativeDifference).toBeLessThanOrEqual(1e-5);
      expect(result.verification.batchSizes).toEqual([1, 2]);
      expect(result.input.latencyMs).toBeNull();
      expect(result.output.latencyMs).toBeNull();
      expect(violations(JSON.parse(JSON.stringify(result)), SCHEMAS.prune)).toEqual([]);
      expect(pruneTable(result)).toMatch(/^latency +- +-$/m);
      expect(await foreignBytes(out)).toEqual(await foreignBytes(path));
      const { groups } = await report(out);
      expect(groups.find(({ name }) => name === 'c2')).toMatchObject({ width: 12, pinned: REASON });
    },
  );

  it('widens the rest', async () => {
    const path = await fileOf(model);
    const out = join(emptyFolder(), 'wide.onnx');
    const result = await widen(path, { to: { resource: 'flops', share: 1.5 }, out });
    expect(result.groups.filter(({ before, after }) => after > before)).not.toEqual([]);
    expect(result.verification.maxRelativeDifference).toBeLessThanOrEqual(1e-5);
    expect(result.output.latencyMs).toBeNull();
    expect(await foreignBytes(out)).toEqual(await foreignBytes(path));
  });
});

it('cannot be trained through', async () => {
  const run = morph(await fileOf(ONE), {
    ...shortRun(join(emptyFolder(), 'out.onnx')),
    target: { resource: 'flops', share: 0.8 },
  });
  await expect(run).rejects.toThrow(
    `node 'm' (com.example.Mystery): the model cannot be trained through it: ${REASON.slice(32)}`,
  );
});

it('cannot be calibrated', async () => {
  const run = prune(await fileOf(ONE), {
    target: { resource: 'flops', share: 0.8 },
    out: join(emptyFolder(), 'out.onnx'),
    calibrate: 'fixtures/digits.npz',
  });
  await expect(run).rejects.toThrow("node 'm' (com.example.Mystery): ONNX Runtime does not have this operator, so");
});

it('leaves what is behind it alone where value_info does not tell shapes in sizes of the inputs', async () => {
  const reason = (value: string) =>
    `ONNX Runtime does not have what gives '${value}', and value_info does not tell its shape in the sizes of the inputs`;
  for (const declared of [[], [inputOf('m', ['batch', 12, 8, 8])], [inputOf('m', ['N', 12, '', 8])]]) {
    const path = await fileOf(around(mystery(['m']), declared));
    const { groups, unknownNodes } = await report(path);
    expect(groups.filter(({ prunable }) => prunable).map(({ name }) => name)).toEqual(['c1']);
    expect(unknownNodes.map(({ node: name }) => name)).toEqual('m c3 r3 c4 n4 r4 pool flat y'.split(' '));
    expect(new Set(unknownNodes.slice(1).map((unknown) => unknown.reason))).toEqual(new Set([reason('m')]));
    const out = join(emptyFolder(), 'small.onnx');
    const { verification, target } = await prune(path, { target: { resource: 'params', share: 0.8 }, out });
    expect(verification.maxRelativeDifference).toBeLessThanOrEqual(1e-5);
    expect(target.achieved).toBeLessThanOrEqual(target.limit);
  }
  const { unknownNodes } = await report(await fileOf(around(mystery(['m', 'gate']), [WHOLE])));
  expect(unknownNodes[1]).toMatchObject({ node: 'joined', reason: reason('gate') });
});
