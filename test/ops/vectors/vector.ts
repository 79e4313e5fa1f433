/** @file ONNX's own examples of its operators: a model of one node, values of its inputs, and what it must give. */
import { readFileSync } from 'node:fs';
import { createMessage } from '../../../src/onnx/createMessage.js';
import { requireDataType } from '../../../src/onnx/dataType.js';
import { decodeMessage } from '../../../src/onnx/decodeMessage.js';
import { decodeModel } from '../../../src/onnx/decodeModel.js';
import { messageSchema } from '../../../src/onnx/messageSchema.js';
import type { ModelProto, TensorProto } from '../../../src/onnx/messages.js';
import { tensorData, tensorFloats } from '../../../src/onnx/tensorData.js';
import { tensorShape } from '../../../src/onnx/tensorSize.js';
import { allOps } from '../../../src/ops/allOps.js';
import { inputRole, type OpDef } from '../../../src/ops/opDef.js';
import { lowerNode, type Reading } from '../lowerCase.js';
import { readTar } from './readTar.js';

export interface Vector {
  /** Its folder: `onnx-1.23.2/test_relu`. */
  readonly name: string;
  readonly model: ModelProto;
  /** The record that it is an example of. */
  readonly op: OpDef;
  /** In the order of the graph's inputs. */
  readonly inputs: readonly TensorProto[];
  readonly outputs: readonly TensorProto[];
}

/** The vectors of a packed file: per folder `model.onnx`, `input_0.pb` and so on, `output_0.pb`. */
export function readVectors(path: URL): readonly Vector[] {
  const files = readTar(readFileSync(path));
  return [...files].flatMap(([path, bytes]) => {
    const name = path.replace('/model.onnx', '');
    if (name === path) return [];
    const model = decodeModel(bytes, name);
    const op = recordOf(model);
    if (op === undefined) throw new Error(`${name} is an example of no record`);
    const tensors = (kind: string) => tensorsOf(files, `${name}/${kind}`);
    return [{ name, model, op, inputs: tensors('input'), outputs: tensors('output') }];
  });
}

/** What tf.js gives, in the order of the graph's outputs, or why it has no form there. */
export async function lowerVector(vector: Vector): Promise<readonly (Reading | undefined)[] | string> {
  const { model, feeds } = withStoredSettings(vector);
  const lowered = await lowerNode(model, feeds);
  const results = lowered.apply(lowered.variables.map(({ tensor }) => tensor));
  if ('untrainable' in results) return results.untrainable;
  const { node, output } = vector.model.graph!;
  return Promise.all(
    output.map(async ({ name }) => {
      const result = results[node[0]!.output.indexOf(name!)];
      return result === undefined ? undefined : { shape: result.shape, values: await result.data() };
    }),
  );
}

/** What the vector expects. */
export function expectedOf({ outputs }: Vector): readonly Reading[] {
  return outputs.map((proto) => {
    const isFloat = requireDataType(proto).kind === 'float';
    const values = isFloat ? tensorFloats(proto) : Array.from(tensorData(proto), Number);
    return { shape: tensorShape(proto), values };
  });
}

function tensorsOf(files: ReadonlyMap<string, Uint8Array>, prefix: string): readonly TensorProto[] {
  const found: TensorProto[] = [];
  for (;;) {
    const bytes = files.get(`${prefix}_${found.length}.pb`);
    if (bytes === undefined) return found;
    found.push(decodeMessage(messageSchema('TensorProto'), bytes, prefix) as unknown as TensorProto);
  }
}

function recordOf({ graph, opsetImport }: ModelProto): OpDef | undefined {
  const { domain = '', opType } = graph!.node[0]!;
  const opset = opsetImport.find((entry) => (entry.domain ?? '') === domain)?.version;
  return allOps.find(domain, opType!, Number(opset));
}

/** The vectors feed everything; in models of the world axes, shapes and limits are stored. */
function withStoredSettings({ model, op, inputs }: Vector): {
  readonly model: ModelProto;
  readonly feeds: ReadonlyMap<string, TensorProto>;
} {
  const graph = model.graph!;
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const fed = graph.input.filter(({ name }) => !stored.has(name));
  const given = fed.map(({ name }, i) => [name!, { ...inputs[i]!, name: name! }] as const);
  const isSetting = (name: string) =>
    graph.node[0]!.input.some((input, i) => input === name && inputRole(op, i) === 'setting');
  const settings = given.filter(([name]) => isSetting(name)).map(([, tensor]) => tensor);
  return {
    model: {
      ...model,
      graph: createMessage('GraphProto', {
        ...graph,
        input: fed.filter(({ name }) => !isSetting(name!)),
        initializer: [...graph.initializer, ...settings],
      }),
    },
    feeds: new Map(given.filter(([name]) => !isSetting(name))),
  };
}
