/**
 * @file Times the search for channel groups on random graphs of 1,000 to 20,000 nodes. `node test/bench/groups.mjs [SEED]`
 * after `npm run build`.
 *
 * The graphs are chains of residual blocks, concatenations, channel shuffles and attention, so that long axes hang
 * together over the whole graph. Prints one line of JSON for each: nodes, positions, groups, ms; the time per node must
 * not grow with the nodes.
 */
import { analyzeChannels } from '../../dist/channels/channelAnalysis.js';
import { indexGraph } from '../../dist/graph/indexGraph.js';
import { makeFloats, makeIntegers, makeTensorType } from '../../dist/graph/make.js';
import { createMessage } from '../../dist/onnx/createMessage.js';
import { allOps } from '../../dist/ops/allOps.js';
import { bindModel } from '../../dist/ops/bindModel.js';
import { createRng } from '../../dist/random/rng.js';
import { resolveInputShapes } from '../../dist/runtime/inputShapes.js';

const TOKENS = 4;
const WIDTH = 12;
const HEADS = 3;
const seed = Number(process.argv[2] ?? 0);

for (const nodes of [1_000, 2_000, 5_000, 10_000, 20_000]) {
  const graph = indexGraph(randomModel(nodes, createRng(seed)));
  const bound = await bindModel(graph, allOps, resolveInputShapes(graph), 'random');
  analyzeChannels(bound);
  const start = performance.now();
  const analysis = analyzeChannels(bound);
  const ms = performance.now() - start;
  const { table, groups } = analysis;
  const prunable = groups.filter(({ pinned }) => pinned === undefined).length;
  const perNode = Number((ms / graph.nodes.length).toFixed(4));
  process.stdout.write(
    `${JSON.stringify({ nodes: graph.nodes.length, positions: table.positions, groups: groups.length, prunable, ms: Math.round(ms), perNode })}\n`,
  );
}

/** Tokens [N, TOKENS, WIDTH] through random blocks. */
function randomModel(wanted, rng) {
  const node = [];
  const initializer = [];
  let count = 0;
  const add = (opType, input, attributes = {}) => {
    const output = `${opType}${count++}`;
    const attribute = Object.entries(attributes).map(([name, value]) =>
      createMessage(
        'AttributeProto',
        Array.isArray(value) ? { name, type: 7, ints: value.map(BigInt) } : { name, type: 2, i: BigInt(value) },
      ),
    );
    node.push(createMessage('NodeProto', { opType, name: output, input, output: [output], attribute }));
    return output;
  };
  const weight = (...dims) => {
    const name = `w${count++}`;
    initializer.push(
      makeFloats(
        name,
        Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, () => rng.normal()),
        dims,
      ),
    );
    return name;
  };
  const shape = (...dims) => {
    const name = `s${count++}`;
    initializer.push(makeIntegers(name, dims));
    return name;
  };
  const dense = (x, from = WIDTH, to = WIDTH) => add('MatMul', [x, weight(from, to)]);
  const blocks = {
    feedForward: (x) => add('Add', [x, dense(add('Relu', [dense(x, WIDTH, 2 * WIDTH)]), 2 * WIDTH)]),
    fresh: (x) => add('Relu', [dense(x)]),
    concatenation: (x) => dense(add('Concat', [x, dense(x)], { axis: 2 }), 2 * WIDTH),
    shuffle: (x) => {
      const parts = add('Reshape', [x, shape(0, TOKENS, HEADS, WIDTH / HEADS)]);
      return add('Reshape', [add('Transpose', [parts], { perm: [0, 1, 3, 2] }), shape(0, TOKENS, WIDTH)]);
    },
    attention: (x) => {
      const heads = (perm) =>
        add('Transpose', [add('Reshape', [dense(x), shape(0, TOKENS, HEADS, WIDTH / HEADS)])], { perm });
      const scores = add('Softmax', [add('MatMul', [heads([0, 2, 1, 3]), heads([0, 2, 3, 1])])]);
      const mixed = add('Transpose', [add('MatMul', [scores, heads([0, 2, 1, 3])])], { perm: [0, 2, 1, 3] });
      return add('Add', [x, dense(add('Reshape', [mixed, shape(0, TOKENS, WIDTH)]))]);
    },
  };
  const kinds = Object.values(blocks);
  let x = dense('x');
  while (node.length < wanted) x = kinds[rng.int(kinds.length)](x);
  add('MatMul', [x, weight(WIDTH, 2)]);
  const valueInfo = (name, dims) =>
    createMessage('ValueInfoProto', { name, ...(dims === undefined ? {} : { type: makeTensorType(1, dims) }) });
  return createMessage('ModelProto', {
    irVersion: 8n,
    opsetImport: [createMessage('OperatorSetIdProto', { domain: '', version: 17n })],
    graph: createMessage('GraphProto', {
      name: 'random',
      node,
      initializer,
      input: [valueInfo('x', ['N', TOKENS, WIDTH])],
      output: [valueInfo(node.at(-1).output[0])],
    }),
  });
}
