import { MorphError } from '../errors/morphError.js';
import type { Graph } from '../graph/graph.js';
import { makeNode } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { inlineExternal } from '../onnx/inlineExternal.js';
import { createRng } from '../random/rng.js';
import { severedShapes, severForeign, type Unrunnable } from './foreignNodes.js';
import type { InputShapes } from './inputShapes.js';
import { PartedSession } from './partedSession.js';
import { DRAWS, randomInputs } from './randomInputs.js';
import type { OpenType, TensorType } from './tensorTypes.js';

/**
 * Shapes that the data decides, as they come out for random inputs: the model is run once.
 *
 * A dimension of nothing counts as one, so that what is done with each found object has a price.
 *
 * @param open what is known of them
 * @returns nothing where the model does not take random inputs
 */
export async function measureShapes(
  graph: Graph,
  inputShapes: InputShapes,
  open: ReadonlyMap<string, OpenType>,
  label: string,
  unrunnable: Unrunnable,
  threads?: number,
): Promise<ReadonlyMap<string, TensorType>> {
  const names = [...open.keys()];
  const measured = new Map<string, TensorType>();
  if (names.length === 0 || !graph.opsets.has('')) return measured;
  const severed = severForeign(graph, unrunnable);
  const model = inlineExternal(severed.model, graph.dir);
  const probes = names.map((name, i) => makeNode('Shape', [name], [`//shape ${i}`]));
  const output = probes.map((probe) => createMessage('ValueInfoProto', { name: probe.output[0]! }));
  const probing = { ...model, graph: { ...model.graph!, node: [...model.graph!.node, ...probes], output } };
  try {
    const sizes = severedShapes(graph, inputShapes, unrunnable);
    const session = await PartedSession.create(probing, { dir: graph.dir, label, threads });
    try {
      const shapes = await firstThatRuns(DRAWS, (draw) =>
        session.run(randomInputs(severed, sizes, createRng(0), draw)),
      );
      names.forEach((name, i) => {
        const dims = Array.from(shapes[`//shape ${i}`]!.data as BigInt64Array, (dim) => Math.max(1, Number(dim)));
        const { dataType, dims: known } = open.get(name)!;
        measured.set(name, { dataType, dims: dims.map((dim, axis) => known?.[axis] ?? dim) });
      });
    } finally {
      await session.release();
    }
  } catch (error) {
    if (!(error instanceof MorphError)) throw error;
  }
  return measured;
}

/** What comes out of the first draw that a model takes. @throws what the first throws where it takes none */
async function firstThatRuns<T, R>(draws: readonly T[], run: (draw: T) => Promise<R>): Promise<R> {
  const [first, ...others] = draws;
  try {
    return await run(first!);
  } catch (error) {
    if (others.length === 0) throw error;
    return firstThatRuns(others, run).catch(() => {
      throw error;
    });
  }
}
