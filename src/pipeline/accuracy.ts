import type { Graph } from '../graph/graph.js';
import { Session, tensor } from '../runtime/session.js';
import type { DataSet } from '../train/data/index.js';

const BATCH = 256;

/**
 * Share of the test samples whose largest output is at their label, run in ONNX Runtime; null without test labels.
 *
 * @param model encoded; its first output is [N, classes]
 */
export async function accuracy(
  model: Uint8Array,
  graph: Graph,
  data: DataSet,
  { threads, signal }: { readonly threads?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<number | null> {
  if (!data.hasTest) return null;
  const session = await Session.create(model, { label: 'the model under test', threads });
  try {
    let right = 0;
    let count = 0;
    for await (const { x, y } of data.test(BATCH)) {
      signal?.throwIfAborted();
      if (y === undefined) return null;
      const outputs = await session.run({ [graph.inputs[0]!.name]: tensor('float32', x.data, x.shape) });
      const output = outputs[graph.outputs[0]!.name]!;
      const scores = output.data as Float32Array;
      const classes = output.dims[1]!;
      y.forEach((label, n) => {
        let best = 0;
        for (let c = 1; c < classes; c++) if (scores[n * classes + c]! > scores[n * classes + best]!) best = c;
        if (best === label) right++;
      });
      count += y.length;
    }
    return count === 0 ? null : right / count;
  } finally {
    await session.release();
  }
}
