import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeProgram } from '../encodeProgram.js';
import { PendingGraph } from '../pendingGraph.js';
import { programOf } from '../program.js';
import { Source } from '../source.js';
import { addInBlocks, blocksDomain } from './blocks.js';

const batch = 1;
const width = 7;

/**
 * How many channels lie together in ONNX Runtime's blocks of channels on this processor: 8 or 16, or 0 where its
 * convolutions in blocks are missing or do not give what its plain convolution gives.
 */
export async function probeBlockSize(): Promise<number> {
  try {
    const blockSize = await orderedChannels();
    return blockSize > 1 && (await convolvesRightly(blockSize)) ? blockSize : 0;
  } catch {
    return 0;
  }
}

// Channels are filled up to whole blocks, which shows how large those are.
async function orderedChannels(): Promise<number> {
  const graph = new PendingGraph();
  const image = fed([batch, 4, 1, 1], 1);
  const ordered = graph.add('ReorderInput', [image], 'float32', [batch, 4, 1, 1], {}, blocksDomain);
  return (await run(graph, [ordered]))[0]!.dims[1]!;
}

// One-to-one channels with a filter of 3 × 3: the same in blocks and out of them, but for the order of the numbers.
async function convolvesRightly(blockSize: number): Promise<boolean> {
  const graph = new PendingGraph(blockSize);
  const channels = 2 * blockSize;
  const image = fed([batch, channels, width, width], 2);
  const filter = fed([channels, 1, 3, 3], 3);
  const shape = image.shape;
  const attributes = { kernel_shape: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: channels };
  const inOrder = (source: Source): Source => addInBlocks(graph, 'ReorderInput', [source], source.shape, {});
  const turned = graph.add('Reshape', [filter, graph.ints([1, channels, 3, 3])], 'float32', [1, channels, 3, 3]);
  const ordered = graph.add('Reshape', [inOrder(turned), graph.ints(filter.shape)], 'float32', filter.shape);
  const blocks = addInBlocks(graph, 'Conv', [inOrder(image), ordered], shape, attributes);
  const results = [
    addInBlocks(graph, 'ReorderOutput', [blocks], shape, { channels }),
    graph.add('Conv', [image, filter], 'float32', shape, attributes),
  ];
  const [ours, wanted] = (await run(graph, results)).map((tensor) => tensor.data as Float32Array);
  return wanted!.every((value, i) => Math.abs(value - ours![i]!) < 1e-4);
}

function fed(shape: readonly number[], step: number): Source {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: size }, (_, i) => ((i * step * 7919) % 101) / 50 - 1);
  return new Source('float32', shape, { kind: 'ready', tensor: new Tensor('float32', data, shape) });
}

async function run(graph: PendingGraph, results: readonly Source[]): Promise<Tensor[]> {
  for (const result of results) result.holders = 1;
  const program = programOf(graph.take())!;
  const session = await InferenceSession.create(encodeProgram(program), {
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  });
  const feeds = Object.fromEntries(
    program.inputs.map(({ state }, i) => [`i${i}`, (state as { readonly tensor: Tensor }).tensor]),
  );
  const outputs = await session.run(feeds);
  await session.release();
  return results.map((result) => outputs[program.names.get(result)!]!);
}
