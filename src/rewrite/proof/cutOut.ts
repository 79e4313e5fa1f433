import type { Node, Value } from '../../graph/graph.js';
import { makeTensorType } from '../../graph/make.js';
import { createMessage } from '../../onnx/createMessage.js';
import type { ModelProto } from '../../onnx/messages.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Tensor } from '../../runtime/session.js';

/** Nodes that are taken out of a model, so that what they gave in another one can be put in their place. */
export class CutOut {
  /** What other nodes read of them, or the model gives. */
  readonly given: readonly Value[];
  /** What they read of other nodes. */
  readonly reads: readonly Value[];
  private readonly givenNames: ReadonlySet<string>;

  constructor(private readonly nodes: ReadonlySet<Node>) {
    const isOutside = (node: Node | undefined) => node !== undefined && !nodes.has(node);
    this.given = [...nodes].flatMap(({ outputs }) =>
      outputs.filter(
        (value): value is Value =>
          value !== undefined && (value.isOutput || value.uses.some(({ node }) => isOutside(node))),
      ),
    );
    this.reads = [...nodes].flatMap(({ inputs, captures }) =>
      [...inputs, ...captures].filter((value): value is Value => isOutside(value?.producer)),
    );
    this.givenNames = new Set(this.given.map(({ name }) => name));
  }

  /** Whether a value comes out of them. */
  gives(name: string): boolean {
    return this.givenNames.has(name);
  }

  /** Of the outputs of a run, those that take the place of the nodes in another. */
  handedOver(outputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
    return Object.fromEntries(Object.entries(outputs).filter(([name]) => this.givenNames.has(name)));
  }

  /** A model without the nodes: what they give is an input. @param bound for the types */
  without(model: ModelProto, bound: BoundModel): ModelProto {
    const { graph } = model;
    if (graph === undefined || this.nodes.size === 0) return model;
    const outputs = new Set([...this.nodes].flatMap(({ proto }) => proto.output.filter((name) => name !== '')));
    const input = this.given.map((value) => {
      const { dataType, dims } = bound.typeOf(value);
      const sizes = dims.map((dim, axis) => (bound.isFree({ value, axis }) ? '' : dim));
      return createMessage('ValueInfoProto', { name: value.name, type: makeTensorType(dataType, sizes) });
    });
    return {
      ...model,
      graph: {
        ...graph,
        node: graph.node.filter(({ output }) => !output.some((name) => outputs.has(name))),
        input: [...graph.input, ...input],
        output: graph.output.filter(({ name = '' }) => !outputs.has(name)),
        // What value_info said of them was for other data.
        valueInfo: graph.valueInfo.filter(({ name = '' }) => !outputs.has(name)),
      },
    };
  }
}
