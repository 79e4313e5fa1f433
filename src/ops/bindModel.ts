import { graphErrors } from '../errors/graphErrors.js';
import { MorphError } from '../errors/morphError.js';
import { type Graph, type Node, nodeLabel, type Value } from '../graph/graph.js';
import { clampToInteger } from '../graph/int64.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { TensorProto } from '../onnx/messages.js';
import { tensorData, tensorFloats } from '../onnx/tensorData.js';
import { elementCount } from '../onnx/tensorSize.js';
import { foldShapes } from '../runtime/foldShapes.js';
import { foreignNodes, nodesWithoutShapes, type Unrunnable } from '../runtime/foreignNodes.js';
import { type DimsByName, freeDimensions } from '../runtime/freeDimensions.js';
import { inferRunnable } from '../runtime/inferRunnable.js';
import type { InputShapes } from '../runtime/inputShapes.js';
import { measureShapes } from '../runtime/measureShapes.js';
import type { TensorType } from '../runtime/tensorTypes.js';
import { constantTensor } from './constantTensor.js';
import { type Dimension, distinctSources } from './dimension.js';
import { type Found, findRecord } from './findRecord.js';
import type { NodeContext } from './nodeContext.js';
import type { OpDef } from './opDef.js';
import type { Registry } from './registry.js';
import type { AxisRef } from './relation.js';
import { outputsFrom, shapeObstacle, shapeReaders } from './shapeObstacles.js';

/** A node with its record and attributes, or with the reason why nothing is known of it. */
export type BoundNode = {
  readonly node: Node;
  readonly context: NodeContext;
  /** True where the node is a constant or only calculates with shapes, so that no channel runs through it. */
  readonly isShapeArithmetic: boolean;
} & (
  | { readonly known: true; readonly op: OpDef; readonly attributes: unknown }
  | { readonly known: false; readonly reason: string }
);

/** A graph at concrete input shapes, each node with its record. */
export interface BoundModel {
  readonly graph: Graph;
  /** What messages call the model. */
  readonly label: string;
  readonly inputShapes: InputShapes;
  /** Threads within an operator, where the model is run; all cores by default. */
  readonly threads: number | undefined;
  /** What a proof must do without. */
  readonly unrunnable: Unrunnable;
  /** Values whose shape the data decides, at least in part, as it came out for random inputs. */
  readonly measured: ReadonlyMap<string, TensorType>;
  readonly nodes: readonly BoundNode[];
  /** The bound form of a node. */
  bound(node: Node): BoundNode;
  /** @throws Error where the value has no known type (a sequence, say) */
  typeOf(value: Value): TensorType;
  hasType(value: Value): boolean;
  /** Whether a dimension changes with the free sizes of the inputs (the batch, the image, the sequence) or the data. */
  isFree(axis: AxisRef): boolean;
  followsBatch(axis: AxisRef): boolean;
  /** The stored tensor of an initializer or a Constant node. */
  constant(value: Value): TensorProto | undefined;
  /** Contents of small constants and of shape-determined values. */
  numbers(value: Value): readonly number[] | undefined;
  /** Where the elements of a shape-determined integer value come from. */
  dimensions(value: Value): readonly Dimension[] | undefined;
}

export interface BindOptions {
  /** Shapes that the data decides, where they are known from an earlier look; else the model is run. */
  readonly measured?: ReadonlyMap<string, TensorType> | undefined;
  readonly threads?: number | undefined;
}

/** Constants up to this many elements can be read as numbers. */
const READABLE_ELEMENTS = 4096;

/**
 * Finds the shapes of all values and the record of every node.
 *
 * Free dimensions are found by a second look at other sizes: what changes follows the inputs. What the data decides is
 * free as well.
 *
 * @param label what error messages call the model
 * @throws RUNTIME_REJECTED, GRAPH_CRASHES_RUNTIME
 */
export async function bindModel(
  graph: Graph,
  registry: Registry,
  inputShapes: InputShapes,
  label: string,
  { measured, threads }: BindOptions = {},
): Promise<BoundModel> {
  for (const node of graph.nodes) {
    const reason = registry.find(node.domain, node.opType, graph.opsets.get(node.domain) ?? 1)?.crashes?.(node);
    if (reason !== undefined) throw graphErrors.crashesRuntime(nodeLabel(node), reason);
  }
  const { unrunnable: lacking, ...inferred } = await inferRunnable(graph, inputShapes, label);
  const { open } = inferred;
  const sizes = measured ?? (await measureShapes(graph, inputShapes, open, label, lacking, threads));
  const fails = open.size > 0 && sizes.size === 0;
  const unrunnable = fails ? { ...lacking, outputs: outputsFrom(graph, open) } : lacking;
  const types = new Map(inferred.types);
  for (const [name, { dataType, dims }] of open) {
    const size = sizes.get(name)?.dims;
    if (size !== undefined) types.set(name, { dataType, dims: size.map((dim, axis) => dims?.[axis] ?? dim) });
  }
  const free = await freeDimensions(graph, inputShapes, label, lacking);
  const found = new Map<Node, Found>();
  const foreign = foreignNodes(graph.model, lacking);
  const hanging = nodesWithoutShapes(graph, lacking);
  for (const node of graph.nodes) {
    const record = findRecord(node, registry, graph.opsets.get(node.domain) ?? 1);
    const obstacle = foreign.has(node.proto)
      ? 'ONNX Runtime does not have this operator, so nothing could be proven of it'
      : (shapeObstacle(node, types, open, hanging.get(node)) ??
        (node.outputs.some((value) => value !== undefined && unrunnable.outputs.has(value.name))
          ? 'it hangs on shapes that the data decides, and the model does not take random inputs'
          : undefined));
    found.set(node, record.known && obstacle !== undefined ? { known: false, reason: obstacle } : record);
  }

  const fold = () =>
    foldShapes(
      graph,
      types,
      {
        isConstant: (node) =>
          node.outputs.some((output) => output !== undefined && constantTensor(output) !== undefined),
        isRandom: (node) => {
          const record = found.get(node);
          return record?.known === true && record.op.isRandom === true;
        },
        shapeResult: (node) => {
          const record = found.get(node);
          const type = node.inputs[0] === undefined ? undefined : types.get(node.inputs[0].name);
          if (record === undefined || !record.known || type === undefined) return undefined;
          return record.op.shapeResult?.(type.dims, record.attributes);
        },
      },
      unrunnable,
    );
  // One of what none were found of may not fit together.
  const folded = await fold().catch((error: unknown) => {
    const readers = open.size > 0 && error instanceof MorphError ? shapeReaders(found, open) : [];
    if (readers.length === 0) throw error;
    for (const node of readers) found.set(node, { known: false, reason: 'it tells a shape that the data decides' });
    return fold();
  });

  const typeOf = (value: Value): TensorType => {
    const type = types.get(value.name);
    if (type === undefined) throw new Error(`the type of '${value.name}' is not known`);
    return type;
  };
  const widthIn = (others: DimsByName, { value, axis }: AxisRef) =>
    others.get(value.name)?.[axis] ?? typeOf(value).dims[axis] ?? 1;
  const isOpen = ({ value, axis }: AxisRef) => open.has(value.name) && open.get(value.name)?.dims?.[axis] === undefined;
  const widthsOf = (ref: AxisRef) => {
    const width = typeOf(ref.value).dims[ref.axis] ?? 1;
    // The last as if the data gave twice as many of all.
    return [width, widthIn(free.withBatch, ref), widthIn(free.withOthers, ref), isOpen(ref) ? 2 * width : width];
  };
  const followsBatch = (ref: AxisRef) => widthIn(free.withBatch, ref) !== typeOf(ref.value).dims[ref.axis];
  const isFree = (ref: AxisRef) => widthsOf(ref).some((width, _, [first]) => width !== first);
  const constants = new Map<Value, TensorProto | undefined>();
  const constant = (value: Value) => {
    if (!constants.has(value)) constants.set(value, constantTensor(value));
    return constants.get(value);
  };
  const numbers = (value: Value): readonly number[] | undefined => {
    const known = folded.contents.get(value);
    if (known !== undefined) return known;
    const tensor = constant(value);
    return tensor === undefined ? undefined : readNumbers(tensor, graph.dir);
  };
  const provenance = new Map<Value, readonly Dimension[] | undefined>();
  const bound = new Map<Node, BoundNode>();
  const dimensions = (value: Value): readonly Dimension[] | undefined => {
    if (!provenance.has(value)) provenance.set(value, findDimensions(value));
    return provenance.get(value);
  };
  const findDimensions = (value: Value): readonly Dimension[] | undefined => {
    const contents = numbers(value);
    if (contents === undefined) return undefined;
    if (constant(value) !== undefined) return contents.map((_, element) => ({ kind: 'constant', value, element }));
    const producer = value.producer === undefined ? undefined : bound.get(value.producer);
    if (producer === undefined) return undefined;
    if (producer.known && value === producer.node.outputs[0]) {
      const known = producer.op.dimensions?.(producer.context, producer.attributes);
      if (known !== undefined) return known;
    }
    const sources = distinctSources(
      producer.node.inputs.flatMap((input) => (input === undefined ? [] : (dimensions(input) ?? []))),
    );
    return contents.map((_, element) => ({ kind: 'computed', value, element, sources }));
  };

  for (const node of graph.nodes) {
    const context: NodeContext = {
      node,
      opset: graph.opsets.get(node.domain) ?? 1,
      inputDims: (input) => typeOf(node.inputs[input]!).dims,
      outputDims: (output) => typeOf(node.outputs[output]!).dims,
      typeOf: (value) => typeOf(value).dataType,
      numbers: (input) => (node.inputs[input] === undefined ? undefined : numbers(node.inputs[input])),
      dimensions: (input) => (node.inputs[input] === undefined ? undefined : dimensions(node.inputs[input])),
      isFree,
      widthsOf,
    };
    const outputs = node.outputs.filter((output) => output !== undefined);
    const isShapeArithmetic = outputs.every((output) => {
      if (constant(output) !== undefined) return true;
      const contents = folded.contents.get(output);
      if (contents === undefined) return false;
      const { dataType, dims } = typeOf(output);
      const kind = dataTypeInfo(dataType)?.kind;
      // Zeros for a state [1, N, H] have one element at the least widths alone: they are data.
      if (kind === 'float') return folded.fromShapes.has(output) && contents.length === 1 && dims.length <= 1;
      return kind === 'int' || kind === 'uint' || kind === 'bool';
    });
    bound.set(node, { node, context, isShapeArithmetic, ...found.get(node)! });
  }
  return {
    graph,
    label,
    inputShapes,
    threads,
    unrunnable,
    measured: new Map([...sizes].filter(([name]) => open.has(name))),
    nodes: graph.nodes.map((node) => bound.get(node)!),
    bound: (node) => bound.get(node)!,
    typeOf,
    hasType: (value) => types.has(value.name),
    isFree,
    followsBatch,
    constant,
    numbers,
    dimensions,
  };
}

function readNumbers(tensor: TensorProto, dir: string | undefined): readonly number[] | undefined {
  const info = dataTypeInfo(tensor.dataType ?? 0);
  if (info === undefined || info.bits < 8 || elementCount(tensor) > READABLE_ELEMENTS) return undefined;
  switch (info.kind) {
    case 'float':
      return info.bits < 16 ? undefined : Array.from(tensorFloats(tensor, dir));
    case 'int':
    case 'uint':
    case 'bool':
      return Array.from(tensorData(tensor, dir), (x: number | bigint) =>
        typeof x === 'bigint' ? clampToInteger(x) : x,
      );
    default:
      return undefined;
  }
}
