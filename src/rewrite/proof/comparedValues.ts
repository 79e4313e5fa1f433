/** @file What a proof compares: outputs, and what goes into those that saturate. */
import type { Node, Value } from '../../graph/graph.js';
import type { BoundModel } from '../../ops/bindModel.js';

/** A value that a proof compares. */
export interface ComparedValue {
  readonly name: string;
  readonly isOutput: boolean;
  /**
   * Names of the compared values that decide it, each through functions that know no steps and never make a difference
   * larger (Sigmoid, Softmax, a limit); none where something else goes into it as well.
   */
  readonly decidedBy: readonly string[];
}

/**
 * What must be compared, and the inputs of the saturating operators on the way to it: back to the last convolution or
 * matrix product, where differences are still to be seen.
 *
 * @param names of what must be compared
 * @param held nodes that are not run twice
 */
export function comparedValues(
  bound: BoundModel,
  names: ReadonlySet<string>,
  held: ReadonlySet<Node>,
): readonly ComparedValue[] {
  const outputs = new Set<Value>([...names].map((name) => bound.graph.value(name)!));
  const compared = new Set(outputs);
  const seen = new Set(outputs);
  for (const value of seen) {
    const producer = tailOperator(bound, value, held);
    for (const input of producer?.node.inputs ?? []) {
      if (input?.producer === undefined) continue;
      seen.add(input);
      if (held.has(input.producer)) continue;
      if (producer?.op.saturates !== undefined) compared.add(input);
    }
  }
  return [...compared].flatMap((value) => {
    if (!bound.hasType(value)) return [];
    const decidedBy = outputs.has(value) ? [...(decidingValues(bound, value, held, new Map()) ?? [])] : [];
    return [{ name: value.name, isOutput: outputs.has(value), decidedBy: decidedBy.map(({ name }) => name) }];
  });
}

/** The operator that makes a value, if no sum of products is part of it. */
function tailOperator(bound: BoundModel, value: Value, held: ReadonlySet<Node>) {
  if (value.producer !== undefined && held.has(value.producer)) return undefined;
  const producer = value.producer === undefined ? undefined : bound.bound(value.producer);
  if (producer?.known !== true || producer.isShapeArithmetic || producer.op.macs !== undefined) return undefined;
  return producer;
}

/** Whether a value is stored, or calculated from shapes. */
function isSetting(bound: BoundModel, value: Value): boolean {
  if (bound.constant(value) !== undefined) return true;
  return value.producer !== undefined && bound.bound(value.producer).isShapeArithmetic;
}

/** The inputs of the saturating operators that a value is made of; undefined where it is made of others as well. */
function decidingValues(
  bound: BoundModel,
  value: Value,
  held: ReadonlySet<Node>,
  known: Map<Value, ReadonlySet<Value> | undefined>,
): ReadonlySet<Value> | undefined {
  if (known.has(value)) return known.get(value);
  const producer = tailOperator(bound, value, held);
  if (producer === undefined || producer.op.saturates === 'steps') return undefined;
  const data = producer.node.inputs.filter((input) => input !== undefined && !isSetting(bound, input));
  const found = new Set<Value>();
  let isDecided = data.length > 0;
  for (const input of data) {
    if (input?.producer === undefined) isDecided = false;
    else if (producer.op.saturates !== undefined) found.add(input);
    else {
      const parts = decidingValues(bound, input, held, known);
      if (parts === undefined) isDecided = false;
      else for (const part of parts) found.add(part);
    }
  }
  const result = isDecided ? found : undefined;
  known.set(value, result);
  return result;
}
