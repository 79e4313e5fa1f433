import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Value } from '../graph/graph.js';
import { makeFloats } from '../graph/make.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import type { ModelProto, NodeProto, TensorProto } from '../onnx/messages.js';
import { tensorFloats } from '../onnx/tensorData.js';
import { tensorShape } from '../onnx/tensorSize.js';
import type { Addend } from '../ops/addend.js';
import { axisSelection } from './axisSelection.js';
import type { Plan } from './plan/plan.js';

/** Where something can be added to a value. */
export interface FoldPlace {
  /** The value, as a node gives it. */
  readonly output: Value;
  readonly addend: Addend;
  /** The stored constant; undefined where its node gets a new one. */
  readonly value: Value | undefined;
}

/** Adds to constants of a cut model. */
export class BiasEditor {
  private readonly tensors = new Map<string, TensorProto>();
  private readonly stored: ReadonlyMap<string, TensorProto>;
  /** Names of new biases by the first output of their node, with the input they become. */
  private readonly fresh = new Map<string, { readonly input: number; readonly tensor: TensorProto }>();

  constructor(
    private readonly analysis: ChannelAnalysis,
    private readonly plan: Plan,
    private readonly cut: ModelProto,
  ) {
    this.stored = new Map(cut.graph?.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  }

  /** @param amounts what is added along the axis of the place, at its width before the cut */
  add({ output, addend, value }: FoldPlace, amounts: Float64Array): void {
    const tracked = this.analysis.table.find({ value: output, axis: addend.axis });
    const kept = tracked === undefined ? undefined : axisSelection(this.analysis, tracked, this.plan.copies);
    const change = (kept ?? [...amounts.keys()]).map((position) => amounts[position]! / addend.factor);
    const name = value?.name ?? this.givenName(output, addend.input);
    if (name === undefined) {
      const tensor = makeFloats(this.freshName(`${output.producer?.name ?? output.name}_bias`), change);
      this.fresh.set(output.name, { input: addend.input, tensor });
      return;
    }
    const before = this.tensors.get(name) ?? this.stored.get(name) ?? this.constantOf(name);
    const sums = Array.from(tensorFloats(before, this.analysis.model.graph.dir), (x, i) => x + change[i]!);
    this.tensors.set(name, makeFloats(name, sums, tensorShape(before)));
  }

  /** The bias that a node which had none was given already. */
  private givenName(output: Value, input: number): string | undefined {
    const node = this.cut.graph?.node.find((proto) => proto.output[0] === output.name);
    return node?.input[input] || undefined;
  }

  model(): ModelProto {
    const { graph, ...rest } = replaceTensors(this.cut, this.tensors);
    if (graph === undefined) throw new Error('a model has a graph');
    const node = graph.node.map((proto) => {
      const added = this.fresh.get(proto.output[0] ?? '');
      return added === undefined ? proto : withInput(proto, added.input, added.tensor.name ?? '');
    });
    const tensors = [...this.fresh.values()].map(({ tensor }) => tensor);
    return { ...rest, graph: { ...graph, node, initializer: [...graph.initializer, ...tensors] } };
  }

  /** The cut contents of a constant that a Constant node holds. */
  private constantOf(name: string): TensorProto {
    const node = this.cut.graph?.node.find(({ output }) => output[0] === name);
    const tensor = node?.attribute.find((attribute) => attribute.name === 'value')?.t;
    if (tensor === undefined) throw new Error(`'${name}' is no constant of the cut model`);
    return tensor;
  }

  private freshName(wanted: string): string {
    let name = wanted;
    const isTaken = () =>
      this.analysis.model.graph.value(name) !== undefined ||
      [...this.fresh.values()].some(({ tensor }) => tensor.name === name);
    while (isTaken()) name += '_';
    return name;
  }
}

function withInput(proto: NodeProto, input: number, name: string): NodeProto {
  const inputs = [...proto.input];
  while (inputs.length <= input) inputs.push('');
  inputs[input] = name;
  return { ...proto, input: inputs };
}
