import { graphErrors } from '../errors/graphErrors.js';
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/messages.js';
import { capturedNames } from './captures.js';
import { dropDefaultInputs } from './dropDefaultInputs.js';
import { type Graph, type Node, nodeLabel, type Use, type Value } from './graph.js';
import { toSafeInteger } from './int64.js';
import { topologicalOrder } from './topologicalOrder.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface MutableValue extends Mutable<Omit<Value, 'uses' | 'producer'>> {
  producer: Node | undefined;
  uses: Use[];
}

/**
 * Builds the op DAG of a decoded model: values with their producer and use lists, nodes in topological order.
 *
 * Nodes keep the file's order where it is topological already. Weights that only an old format lists as inputs are none.
 *
 * @throws GRAPH_MISSING_VALUE, GRAPH_CYCLE, GRAPH_DUPLICATE_VALUE
 */
export function indexGraph(given: ModelProto, dir?: string): Graph {
  const model = dropDefaultInputs(given);
  const proto = model.graph;
  if (proto === undefined) throw new Error('a decoded model has a graph');
  const values: MutableValue[] = [];
  const byName = new Map<string, MutableValue>();
  const declared = new Map<string, ValueInfoProto>();
  for (const info of [...proto.valueInfo, ...proto.output, ...proto.input]) declared.set(info.name ?? '', info);
  const outputNames = new Set(proto.output.map((output) => output.name ?? ''));

  const define = (name: string, initializer: TensorProto | undefined, isInput: boolean): MutableValue => {
    const value: MutableValue = {
      name,
      index: values.length,
      producer: undefined,
      uses: [],
      initializer,
      declared: declared.get(name),
      isInput,
      isOutput: outputNames.has(name),
    };
    values.push(value);
    byName.set(name, value);
    return value;
  };

  for (const info of proto.input) define(info.name ?? '', undefined, true);
  for (const initializer of proto.initializer) {
    const name = initializer.name ?? '';
    const input = byName.get(name);
    if (input === undefined) define(name, initializer, false);
    else input.initializer = initializer;
  }
  for (const sparse of proto.sparseInitializer) define(sparse.values?.name ?? '', undefined, false);

  const names = nodeNames(proto.node);
  const placeholders = proto.node.map((node, position) => describe(node, names[position]!));
  const producers = new Map<string, number>();
  proto.node.forEach((node, position) => {
    for (const output of node.output) {
      if (output === '') continue;
      const first = producers.get(output);
      if (first !== undefined) throw graphErrors.duplicateValue(output, placeholders[first]!, placeholders[position]!);
      if (byName.has(output)) throw graphErrors.duplicateValue(output, 'the graph', placeholders[position]!);
      producers.set(output, position);
    }
  });
  const reads = proto.node.map((node) => [...node.input.filter((name) => name !== ''), ...capturedNames(node)]);
  const order = topologicalOrder(
    reads.map((read, position) =>
      read.flatMap((name) => {
        const producer = producers.get(name);
        if (producer === undefined && !byName.has(name)) throw graphErrors.missingValue(placeholders[position]!, name);
        return producer === undefined ? [] : [producer];
      }),
    ),
    (position, dependency) => {
      const name = reads[position]!.find((read) => producers.get(read) === dependency) ?? '';
      return graphErrors.cycle(placeholders[position]!, name);
    },
  );

  const nodes = order.map((position, index): Node => {
    const node = proto.node[position]!;
    const inputs = node.input.map((name) => (name === '' ? undefined : byName.get(name)));
    const outputs = node.output.map((name) => (name === '' ? undefined : define(name, undefined, false)));
    const captures = capturedNames(node).map((name) => byName.get(name)!);
    const made: Node = {
      proto: node,
      index,
      opType: node.opType ?? '',
      domain: node.domain === 'ai.onnx' ? '' : (node.domain ?? ''),
      name: names[position]!,
      inputs,
      outputs,
      captures,
    };
    inputs.forEach((value, input) => {
      value?.uses.push({ node: made, input });
    });
    for (const value of captures) (value as MutableValue).uses.push({ node: made, input: 'capture' });
    for (const value of outputs) if (value !== undefined) value.producer = made;
    return made;
  });

  const outputs = proto.output.map((output) => {
    const value = byName.get(output.name ?? '');
    if (value === undefined) throw graphErrors.missingValue('graph output', output.name ?? '');
    return value;
  });
  return {
    model: { ...model, graph: proto },
    dir,
    nodes,
    values,
    inputs: values.filter((value) => value.isInput && value.initializer === undefined),
    outputs,
    opsets: opsetVersions(model),
    value: (name) => byName.get(name),
  };
}

function describe(node: NodeProto, name: string): string {
  return nodeLabel({ name, opType: node.opType ?? '', domain: node.domain ?? '' } as Node);
}

/** The file's name, or `Op#position`: positions in the file, so that the name survives reordering. */
function nodeNames(nodes: readonly NodeProto[]): string[] {
  return nodes.map((node, position) => node.name || `${node.opType ?? ''}#${position}`);
}

function opsetVersions(model: ModelProto): Map<string, number> {
  const versions = new Map<string, number>();
  for (const { domain, version } of model.opsetImport) {
    const name = domain === 'ai.onnx' ? '' : (domain ?? '');
    versions.set(name, toSafeInteger(version ?? 0n, `opset of the domain '${name}'`));
  }
  return versions;
}
