import type { Node } from '../graph/graph.js';
import { Attributes } from './attributes.js';
import type { OpDef } from './opDef.js';
import type { Registry } from './registry.js';

/** The record of a node with its attributes, or the reason why nothing is known of it. */
export type Found =
  | { readonly known: true; readonly op: OpDef; readonly attributes: unknown }
  | { readonly known: false; readonly reason: string };

/** What ONNX Runtime's quantizer writes: QAttention, QGemm, DynamicQuantizeLSTM, MatMulIntegerToFloat and the like. */
const QUANTIZED = /^com\.microsoft\.(?:Q[A-Z]|DynamicQuantize|\w*Integer)/;

export function findRecord(node: Node, registry: Registry, opset: number): Found {
  const op = registry.find(node.domain, node.opType, opset);
  const name = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
  if (op === undefined) {
    const advice = QUANTIZED.test(name) ? ' (cut the float model, then quantize it)' : '';
    return { known: false, reason: `the operator ${name} (opset ${opset}) is not known${advice}` };
  }
  const raw = new Attributes(node.proto);
  const attributes = op.attributes(raw);
  if (raw.unknown.length > 0) {
    return { known: false, reason: `the attribute '${raw.unknown.join("', '")}' of ${name} is not known` };
  }
  return { known: true, op, attributes };
}
