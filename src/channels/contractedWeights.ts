import { type Node, nodeLabel, type Value } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { BoundModel } from '../ops/bindModel.js';
import { type AxisRef, axesOfRelation, type Relation } from '../ops/relation.js';

/** Finds the weights that cannot be zeroed or shared out along the axis that is summed over. */
export class ContractedWeights {
  private readonly contracted = new Map<Value, Map<number, Node>>();
  private readonly given = new Map<Value, Map<number, Node>>();
  private readonly calculated: { readonly axis: AxisRef; readonly reason: string }[] = [];

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
      const isFloat = dataTypeInfo(this.model.typeOf(weight.value).dataType)?.kind === 'float';
      if (this.model.constant(weight.value) === undefined) {
        this.calculated.push({
          axis: data,
          reason: `${nodeLabel(node)}: sums over it with a weight that is calculated`,
        });
      } else if (!isFloat) {
        this.calculated.push({ axis: data, reason: `${nodeLabel(node)}: sums over it with a weight of integers` });
      }
    }
  }

  /** Axes that must stay, with their reasons. */
  *obstacles(): Iterable<{ readonly axis: AxisRef; readonly reason: string }> {
    yield* this.calculated;
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
