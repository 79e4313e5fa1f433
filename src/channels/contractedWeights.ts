import { type Node, nodeLabel, type Value } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { BoundModel } from '../ops/bindModel.js';
import { type AxisRef, axesOfRelation, type Relation } from '../ops/relation.js';

/** Finds the weights that cannot be zeroed, or not be shared out, along the axis that is summed over. */
export class ContractedWeights {
  private readonly contracted = new Map<Value, Map<number, Node>>();
  private readonly given = new Map<Value, Map<number, Node>>();
  /** Axes that can be cut, but whose copies could not share a weight. */
  readonly unrepeatable: { readonly axis: AxisRef; readonly reason: string }[] = [];

  private readonly integers: { readonly axis: AxisRef; readonly reason: string }[] = [];

  constructor(private readonly model: BoundModel) {}

  /** Takes note of what a node says of its weights. */
  note(node: Node, relations: readonly Relation[]): void {
    for (const relation of relations) {
      if (relation.kind !== 'contract') {
        for (const axis of axesOfRelation(relation)) put(this.given, axis, node);
        continue;
      }
      const { weight, data } = relation;
      put(this.contracted, weight, node);
      put(this.given, data, node);
      const isFloat = ({ value }: AxisRef) => dataTypeInfo(this.model.typeOf(value).dataType)?.kind === 'float';
      const isStored = this.model.constant(weight.value) !== undefined;
      if (!isFloat(isStored ? weight : data)) {
        this.integers.push({
          axis: data,
          reason: `${nodeLabel(node)}: sums over it in integers (cut the float model, then quantize it)`,
        });
      } else if (!isStored) {
        this.unrepeatable.push({
          axis: data,
          reason: `${nodeLabel(node)}: sums over it with a weight that is calculated`,
        });
      }
    }
  }

  /** Axes that must stay, with their reasons. */
  *obstacles(): Iterable<{ readonly axis: AxisRef; readonly reason: string }> {
    yield* this.integers;
    for (const [value, axes] of this.contracted) {
      for (const [axis, node] of axes) {
        const other = this.given.get(value)?.get(axis);
        if (other === undefined || this.model.constant(value) === undefined) continue;
        // Zeroing or sharing out the weight for one of them would change what the other gives.
        const reason = `takes '${value.name}' another way than ${nodeLabel(node)}, which sums over this axis of it`;
        yield { axis: { value, axis }, reason: `${nodeLabel(other)}: ${reason}` };
      }
    }
  }
}

function put(nodes: Map<Value, Map<number, Node>>, { value, axis }: AxisRef, node: Node): void {
  const axes = nodes.get(value) ?? new Map<number, Node>();
  nodes.set(value, axes);
  if (!axes.has(axis)) axes.set(axis, node);
}
