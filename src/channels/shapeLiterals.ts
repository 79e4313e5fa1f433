import { nodeLabel, type Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import { inputRole } from '../ops/opDef.js';
import type { AxisRef, Relation } from '../ops/relation.js';

type Literal = Extract<Relation, { readonly kind: 'literal' }>;

/** Widths that are written in constants, which reach the operators that they shape through shape arithmetic. */
export class ShapeLiterals {
  private readonly firstAxis = new Map<Value, Map<number, AxisRef>>();
  private readonly obstacles = new Map<Value, string | undefined>();

  constructor(private readonly model: BoundModel) {}

  /** Why the literal must stay, or another axis whose width is the same literal, so that both change alike. */
  settle({ axis, value, element }: Literal): { obstacle: string } | { agreeing: AxisRef | undefined } {
    const obstacle = this.obstacle(value);
    if (obstacle !== undefined) return { obstacle };
    const axes = this.firstAxis.get(value) ?? new Map<number, AxisRef>();
    this.firstAxis.set(value, axes);
    const agreeing = axes.get(element);
    if (agreeing === undefined) axes.set(element, axis);
    return { agreeing };
  }

  /** Who reads a value, directly or through shape arithmetic, other than as a shape that a rewrite may change. */
  private obstacle(value: Value): string | undefined {
    if (!this.obstacles.has(value)) this.obstacles.set(value, this.findObstacle(value));
    return this.obstacles.get(value);
  }

  private findObstacle(value: Value): string | undefined {
    if (value.isOutput) return `its width is a constant that the graph output '${value.name}' shows`;
    for (const { node, input } of value.uses) {
      const bound = this.model.bound(node);
      // What tells a shape does not see the contents.
      if (bound.known && bound.op.shapeResult !== undefined) continue;
      const role = bound.known && input !== 'capture' ? inputRole(bound.op, input) : undefined;
      if (bound.isShapeArithmetic && bound.known && bound.op.dimensions !== undefined && role !== 'setting') {
        for (const output of node.outputs) {
          const further = output === undefined ? undefined : this.obstacle(output);
          if (further !== undefined) return further;
        }
      } else if (bound.isShapeArithmetic || role !== 'setting' || !bound.known || bound.op.resize === undefined) {
        return `its width is a constant that ${nodeLabel(node)} reads too`;
      }
    }
    return undefined;
  }
}
