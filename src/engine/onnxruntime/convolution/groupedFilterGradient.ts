import { sizeOf } from '../elementType.js';
import { concat, matMul, pad, reduce, reshape, slice, transpose } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { inputDims, outputDims, type SpatialGeometry } from './spatialAxes.js';
import type { WindowAxis } from './windowGeometry.js';

/**
 * The gradient of a convolution in groups with respect to its filter: for every filter element one matrix product for
 * each image and group, of dy with the input pixels that this element met, summed over the images.
 *
 * @param x [N, C, spatial…]
 * @param dy [N, O, spatial′…]
 * @returns [O, C / group, kernel…]
 */
export function groupedFilterGradient(
  graph: PendingGraph,
  x: Source,
  dy: Source,
  geometry: SpatialGeometry,
  group: number,
): Source {
  const { batch, inChannels, outChannels, axes } = geometry;
  const isDense = axes.every(({ stride }) => stride === 1);
  const { errors, met, pixels } = isDense ? inRuns(graph, x, dy, geometry) : inRows(graph, x, dy, geometry);
  const [inputs, outputs] = [inChannels / group, outChannels / group];
  const left = reshape(graph, errors, [batch, group, outputs, pixels]);
  const products = offsetsOf(axes).map((offset) => {
    const right = reshape(graph, met(offset), [batch, group, inputs, pixels]);
    return reduce(graph, 'ReduceSum', matMul(graph, left, right, false, true), [0], true);
  });
  // [kernel, g, O/g, C/g] → [g, O/g, C/g, kernel]
  const whole = transpose(graph, concat(graph, products, 0), [1, 2, 3, 0]);
  return reshape(graph, whole, [outChannels, inputs, ...axes.map(({ size }) => size)]);
}

/** How far each filter element is from the filter's corner, in pixels along each axis. */
function offsetsOf(axes: readonly WindowAxis[]): readonly (readonly number[])[] {
  return axes.reduce<readonly (readonly number[])[]>(
    (all, { size, dilation }) =>
      all.flatMap((offset) => Array.from({ length: size }, (_, k) => [...offset, k * dilation])),
    [[]],
  );
}

/** The operands of the products, flattened over `pixels` positions. */
interface Operands {
  readonly errors: Source;
  readonly met: (offset: readonly number[]) => Source;
  readonly pixels: number;
}

function paddedBy(graph: PendingGraph, x: Source, axes: readonly WindowAxis[], extra: number): Source {
  const after = axes.map((axis, i) => axis.after + (i === 0 ? extra : 0));
  return pad(graph, x, [0, 0, ...axes.map(({ before }) => before)], [0, 0, ...after], 0);
}

function inRows(graph: PendingGraph, x: Source, dy: Source, geometry: SpatialGeometry): Operands {
  const { axes } = geometry;
  const padded = paddedBy(graph, x, axes, 0);
  const [batch, channels] = inputDims(geometry);
  const met = (offset: readonly number[]): Source => {
    const ends = axes.map(({ output, stride }, i) => offset[i]! + (output - 1) * stride + 1);
    const steps = axes.map(({ stride }) => stride);
    return slice(graph, padded, [0, 0, ...offset], [batch!, channels!, ...ends], [1, 1, ...steps]);
  };
  return { errors: dy, met, pixels: sizeOf(axes.map(({ output }) => output)) };
}

// At stride 1, and with dy padded by zeros to rows as long as those of the padded input, the pixels that a filter
// element meets are one run in memory, which is copied faster than the rows of a window.
function inRuns(graph: PendingGraph, x: Source, dy: Source, geometry: SpatialGeometry): Operands {
  const { axes } = geometry;
  // The run of the last filter element reaches into one row more than there is.
  const padded = paddedBy(graph, x, axes, 1);
  const lengths = padded.shape.slice(3);
  const [batch, channels] = inputDims(geometry);
  const after = outputDims(geometry).map((dim, axis) => (axis < 3 ? 0 : padded.shape[axis]! - dim));
  const errors = pad(
    graph,
    dy,
    after.map(() => 0),
    after,
    0,
  );
  const flat = reshape(graph, padded, [batch!, channels!, sizeOf(padded.shape.slice(2))]);
  const pixels = axes[0]!.output * sizeOf(lengths);
  const met = (offset: readonly number[]): Source => {
    const start = offset.reduce((place, distance, axis) => place + distance * sizeOf(lengths.slice(axis)), 0);
    return slice(graph, flat, [0, 0, start], [batch!, channels!, start + pixels]);
  };
  return { errors, met, pixels };
}
