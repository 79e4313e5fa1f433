import { makeIntegerAttribute, makeIntegers, makeNode } from '../graph/make.js';
import type { NodeProto, TensorProto } from '../onnx/messages.js';

/** The first opset in which reductions take their axes as an input. */
const AXES_AS_INPUT = 18;

/** What is added to a graph. */
export interface Addition {
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
}

/**
 * Adds the mean of a value over some of its axes, in the form that the opset knows.
 *
 * @param axes without any, `output` is the value itself
 * @param opset of ai.onnx
 */
export function addMean(
  { nodes, initializers }: Addition,
  opset: number,
  source: string,
  axes: readonly number[],
  output: string,
  keepsAxes = false,
): void {
  const keep = makeIntegerAttribute('keepdims', keepsAxes ? 1 : 0);
  if (axes.length === 0) nodes.push(makeNode('Identity', [source], [output]));
  else if (opset < AXES_AS_INPUT) {
    nodes.push(makeNode('ReduceMean', [source], [output], [makeIntegerAttribute('axes', axes), keep]));
  } else {
    const input = `//axes of ${output}`;
    initializers.push(makeIntegers(input, axes));
    nodes.push(makeNode('ReduceMean', [source, input], [output], [keep]));
  }
}
