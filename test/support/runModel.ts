import { encodeModel } from '../../src/onnx/encodeModel.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { Session, type Tensor } from '../../src/runtime/session.js';

/** Runs a model in ONNX Runtime, as it is written. */
export async function runModel(
  model: ModelProto,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Readonly<Record<string, Tensor>>> {
  const session = await Session.create(encodeModel(model), { optimization: 'disabled', label: 'test.onnx' });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
