import type { Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { AxisRef } from '../ops/relation.js';

/** An axis whose width is known beforehand; its positions are numbered from `base` over the whole model. */
export interface TrackedAxis {
  readonly index: number;
  readonly value: Value;
  readonly axis: number;
  readonly base: number;
  readonly width: number;
}

/** All axes that can carry units: those of values that hold data, but for the axes that follow the batch. */
export class AxisTable {
  readonly axes: readonly TrackedAxis[];
  readonly positions: number;
  private readonly byValue: ReadonlyMap<Value, readonly (TrackedAxis | undefined)[]>;

  constructor(model: BoundModel) {
    const axes: TrackedAxis[] = [];
    const byValue = new Map<Value, readonly (TrackedAxis | undefined)[]>();
    let base = 0;
    for (const value of model.graph.values) {
      if (!model.hasType(value) || isShape(model, value) || isUnread(model, value)) continue;
      const entries = model.typeOf(value).dims.map((width, axis) => {
        if (model.isFree({ value, axis })) return undefined;
        const tracked = { index: axes.length, value, axis, base, width };
        axes.push(tracked);
        base += width;
        return tracked;
      });
      byValue.set(value, entries);
    }
    this.axes = axes;
    this.positions = base;
    this.byValue = byValue;
  }

  /** The tracked form of an axis; undefined where it is free, or the value holds a shape. */
  find({ value, axis }: AxisRef): TrackedAxis | undefined {
    return this.byValue.get(value)?.[axis];
  }

  /** All tracked axes of a value. */
  of(value: Value): readonly TrackedAxis[] {
    return (this.byValue.get(value) ?? []).filter((axis) => axis !== undefined);
  }
}

/** A constant that nothing reads gives no channels. */
function isUnread(model: BoundModel, value: Value): boolean {
  return value.uses.length === 0 && !value.isOutput && model.constant(value) !== undefined;
}

function isShape(model: BoundModel, value: Value): boolean {
  if (value.producer === undefined || model.constant(value) !== undefined) return false;
  return model.bound(value.producer).isShapeArithmetic;
}
