import * as ort from 'onnxruntime-node';
import { runtimeErrors } from '../errors/runtimeErrors.js';
import { makeNode, makeTensorType } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import { encodeModel } from '../onnx/encodeModel.js';

/** Names that people use for those of onnxruntime-node. */
const ALIASES: Readonly<Record<string, string>> = { directml: 'dml' };

/**
 * Execution providers as ONNX Runtime takes them, best first, with the CPU at the end. Each is tried on a model of one
 * node: a provider may be in the build, and lack its driver.
 *
 * @param wanted names in any case, e.g. `CUDA`
 * @throws RUNTIME_NO_PROVIDER, RUNTIME_PROVIDER_FAILS
 */
export async function usableProviders(wanted: readonly string[]): Promise<readonly string[]> {
  const names = wanted.map((name) => ALIASES[name.trim().toLowerCase()] ?? name.trim().toLowerCase());
  const present = ort.listSupportedBackends().map(({ name }) => name);
  for (const [i, name] of names.entries()) {
    if (!present.includes(name)) throw runtimeErrors.noProvider(wanted[i]!, present);
    if (name !== 'cpu') await tryProvider(name, wanted[i]!);
  }
  return [...new Set([...names.filter((name) => name !== 'cpu'), 'cpu'])];
}

async function tryProvider(name: string, wanted: string): Promise<void> {
  const tensor = (value: string) =>
    createMessage('ValueInfoProto', { name: value, type: makeTensorType(DataType.FLOAT, [1]) });
  const model = createMessage('ModelProto', {
    irVersion: 8n,
    opsetImport: [createMessage('OperatorSetIdProto', { domain: '', version: 17n })],
    graph: createMessage('GraphProto', {
      name: 'probe',
      node: [makeNode('Add', ['x', 'x'], ['y'])],
      input: [tensor('x')],
      output: [tensor('y')],
    }),
  });
  try {
    const session = await ort.InferenceSession.create(encodeModel(model), {
      executionProviders: [name, 'cpu'],
      logSeverityLevel: 4,
    });
    await session.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
    await session.release();
  } catch (error) {
    throw runtimeErrors.providerFails(wanted, error instanceof Error ? error.message : String(error));
  }
}
