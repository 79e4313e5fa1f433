import { capturedNames } from '../graph/captures.js';
import { makeTensorType } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/messages.js';
import { elementCount, tensorShape } from '../onnx/tensorSize.js';

/** A run of a model's nodes, as a model of its own. */
export interface ModelPart {
  readonly model: ModelProto;
  /** Large float32 initializers, which are inputs of the part. */
  readonly weights: readonly TensorProto[];
  /** What else it takes: inputs of the whole, and what parts before it give. */
  readonly reads: readonly string[];
}

/** The element type of a tensor by its name; undefined for what is not known, or no tensor. */
export type ElementTypeOf = (name: string) => number | undefined;

export interface SplitOptions {
  /** Weights beyond this go to the next part. */
  readonly partBytes: number;
  /** Smaller initializers stay: they may be what shapes are made of, and cost nothing to load. */
  readonly fedElements: number;
  /** A value without a type is not handed from one part to another. */
  readonly typeOf: ElementTypeOf;
}

/**
 * Cuts a model into parts that run one after the other. Each has its large float32 initializers as inputs, so that ONNX
 * Runtime reads them where they are, instead of parsing them and keeping a copy. Only for sessions without optimization:
 * nothing can be folded into an input.
 */
export function splitModel(model: ModelProto, options: SplitOptions): readonly ModelPart[] {
  const { fedElements, typeOf } = options;
  const { graph } = model;
  if (graph === undefined) throw new Error('a model to run has a graph');
  const inputs = byName(graph.input);
  const stored = byName(graph.initializer);
  const weights = byName(
    graph.initializer.filter(
      (tensor) =>
        tensor.dataType === DataType.FLOAT && !inputs.has(tensor.name ?? '') && elementCount(tensor) > fedElements,
    ),
  );
  const reads = graph.node.map((node) => [...node.input, ...capturedNames(node)].filter((name) => name !== ''));
  const lastRead = new Map(reads.flatMap((names, i) => names.map((name) => [name, i] as const)));
  const ends = partEnds(graph.node, { reads, lastRead, weights, ...options });
  return ends.map((end, part) => {
    const node = graph.node.slice(ends[part - 1] ?? 0, end);
    const isLast = part === ends.length - 1;
    const made = new Set(node.flatMap(({ output }) => output).filter((name) => name !== ''));
    // An output that no node makes may come from any part.
    const output = graph.output.filter(
      ({ name = '' }) => made.has(name) || (isLast && (inputs.has(name) || stored.has(name))),
    );
    const given = new Set(output.map(({ name = '' }) => name));
    const handedOn = [...made].filter((name) => !given.has(name) && lastRead.get(name)! >= end);
    const read = new Set([...reads.slice(ends[part - 1] ?? 0, end).flat(), ...given]);
    const taken = [...read].filter((name) => !made.has(name) && (inputs.has(name) || !stored.has(name)));
    const fed = [...read].flatMap((name) => weights.get(name) ?? []);
    return {
      weights: fed,
      reads: taken,
      model: {
        ...model,
        graph: {
          ...graph,
          node,
          initializer: graph.initializer.filter(({ name = '' }) => read.has(name) && !weights.has(name)),
          input: [...taken.map((name) => inputs.get(name) ?? withType(name, typeOf(name))), ...fed.map(asInput)],
          output: [...output, ...handedOn.map((name) => createMessage('ValueInfoProto', { name }))],
          valueInfo: graph.valueInfo.filter(({ name = '' }) => made.has(name)),
        },
      },
    };
  });
}

interface Reads extends SplitOptions {
  /** Names by node. */
  readonly reads: readonly (readonly string[])[];
  /** The last node that reads a name. */
  readonly lastRead: ReadonlyMap<string, number>;
  readonly weights: ReadonlyMap<string, TensorProto>;
}

/** The index after the last node of each part. */
function partEnds(nodes: readonly NodeProto[], by: Reads): readonly number[] {
  const { reads, lastRead, weights, partBytes, typeOf } = by;
  const ends: number[] = [];
  let fed = new FedBytes(weights);
  // The last node so far that reads what cannot be handed over.
  let heldUntil = -1;
  // The last place so far where the part may end.
  let place: number | undefined;
  for (const [i, node] of nodes.entries()) {
    const before = fed.bytes;
    fed.add(reads[i]!);
    if (fed.bytes > before && fed.bytes > partBytes && place !== undefined) {
      ends.push(place);
      fed = new FedBytes(weights);
      for (const names of reads.slice(place, i + 1)) fed.add(names);
      place = undefined;
    }
    for (const name of node.output) {
      if (name !== '' && typeOf(name) === undefined) heldUntil = Math.max(heldUntil, lastRead.get(name) ?? -1);
    }
    if (heldUntil <= i && fed.bytes > 0) place = i + 1;
  }
  if (ends.at(-1) !== nodes.length) ends.push(nodes.length);
  return ends;
}

/** How large the weights are that a part takes. */
class FedBytes {
  bytes = 0;
  private readonly seen = new Set<string>();

  constructor(private readonly weights: ReadonlyMap<string, TensorProto>) {}

  add(names: readonly string[]): void {
    for (const name of names) {
      const weight = this.weights.get(name);
      if (weight === undefined || this.seen.has(name)) continue;
      this.seen.add(name);
      this.bytes += BYTES_PER_FLOAT * elementCount(weight);
    }
  }
}

export const BYTES_PER_FLOAT = 4;

function byName<T extends { readonly name?: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name ?? '', item]));
}

function asInput(weight: TensorProto): ValueInfoProto {
  const { name = '' } = weight;
  return createMessage('ValueInfoProto', { name, type: makeTensorType(DataType.FLOAT, tensorShape(weight)) });
}

/** An input of any shape. */
function withType(name: string, elemType: number | undefined): ValueInfoProto {
  return createMessage('ValueInfoProto', {
    name,
    ...(elemType === undefined ? {} : { type: { tensorType: { elemType } } }),
  });
}
