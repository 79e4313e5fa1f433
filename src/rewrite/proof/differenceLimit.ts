import { DataType } from '../../onnx/dataType.js';
import type { BoundModel } from '../../ops/bindModel.js';

/**
 * How much of an output's largest magnitude may be rounding, by the element type that a network computes in.
 *
 * Two right networks differ by the order in which sums are taken. In float32 that left at most 8.6e-7 over 34 exported
 * architectures (DenseNet-201, ConvNeXt, LSTMs, EfficientNet among them) and 1.3e-6 at ResNet-152: as much as ONNX
 * Runtime differs from itself with and without its optimizations. A channel that does little for the output shows from
 * 6e-6 on, so that a wider limit lets mistakes through. float64 has 29 bits more. float16 has 13 less, and rounds after
 * every operator: two of its last places, 1e-3, at most over 38 converted architectures (Swin, CLIP, DenseNet,
 * EfficientNetV2 among them). In bfloat16 ONNX Runtime calculates nothing on a CPU.
 */
const LIMITS: readonly (readonly [number, number])[] = [
  [DataType.FLOAT16, 4e-3],
  [DataType.FLOAT, 1e-5],
  [DataType.DOUBLE, 1e-10],
];

/** The limit of float32. */
export const LARGEST_DIFFERENCE = 1e-5;

/**
 * The largest relative difference that the proof of a network takes for rounding: that of the coarsest type it computes
 * in, whatever its outputs are cast to.
 */
export function differenceLimit(bound: BoundModel): number {
  const computed = new Set<number>();
  for (const { node, isShapeArithmetic } of bound.nodes) {
    if (isShapeArithmetic) continue;
    for (const output of node.outputs) {
      if (output !== undefined && bound.hasType(output)) computed.add(bound.typeOf(output).dataType);
    }
  }
  return LIMITS.find(([dataType]) => computed.has(dataType))?.[1] ?? LARGEST_DIFFERENCE;
}
