import type { ModelProto, NodeProto, TensorProto } from '../../onnx/messages.js';
import { elementCount } from '../../onnx/tensorSize.js';

/**
 * A model whose activations go past each pair of QuantizeLinear and DequantizeLinear with one and the same scale for
 * all, unrounded and not saturated; what reads the integers themselves still does.
 *
 * For comparisons: rounding makes a step of the scale out of the last bit. Scales by position have to be compared, and
 * stay.
 *
 * @param original the model before its rewrite, whose widths tell scales by position
 */
export function withoutRounding(model: ModelProto, original: ModelProto): ModelProto {
  const { graph } = model;
  if (graph === undefined) return model;
  const quantized = new Map(
    graph.node.flatMap((node) => (isOnnx(node, 'QuantizeLinear') ? [[node.output[0] ?? '', node] as const] : [])),
  );
  if (quantized.size === 0) return model;
  const stored = constantsOf(original);
  const node = graph.node.map((given) => {
    const source = isOnnx(given, 'DequantizeLinear') ? quantized.get(given.input[0] ?? '') : undefined;
    const [data = '', scale = '', zero] = source?.input ?? [];
    const tensor = stored.get(scale);
    const isPair = given.input[1] === scale && (given.input[2] ?? '') === (zero ?? '');
    if (!isPair || tensor === undefined || elementCount(tensor) !== 1 || stored.has(data)) return given;
    return { ...given, opType: 'Identity', input: [data], attribute: [] };
  });
  return { ...model, graph: { ...graph, node } };
}

function constantsOf({ graph }: ModelProto): ReadonlyMap<string, TensorProto> {
  const stored = new Map((graph?.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  for (const node of graph?.node ?? []) {
    const constant = isOnnx(node, 'Constant') ? node.attribute.find(({ name }) => name === 'value')?.t : undefined;
    if (constant !== undefined) stored.set(node.output[0] ?? '', constant);
  }
  return stored;
}

function isOnnx({ opType, domain = '' }: NodeProto, type: string): boolean {
  return opType === type && (domain === '' || domain === 'ai.onnx');
}
