/**
 * @file Convolutions over any number of spatial axes, in groups: x [N, spatial…, C] with filter [kernel…, C / group, O].
 */
import { flip, reshape, transpose } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { plainOrder, type Traced, tracedInOrder } from '../traced.js';
import { groupedFilterGradient } from './groupedFilterGradient.js';
import { inputDims, outputDims, type SpatialGeometry, spatialAttributes, transposedAttributes } from './spatialAxes.js';
import type { WindowAxis } from './windowGeometry.js';

/** [O, C / group, kernel…] of [kernel…, C / group, O]. */
function filterOrder(rank: number): readonly number[] {
  return [rank - 1, rank - 2, ...plainOrder(rank).slice(0, -2)];
}

/** The convolution itself. */
export function convolve(
  graph: PendingGraph,
  x: Traced,
  filter: Traced,
  geometry: SpatialGeometry,
  group: number,
): Traced {
  const { axes, imageOrder } = geometry;
  const operands = [inOrder(graph, x, imageOrder), inOrder(graph, filter, filterOrder(filter.shape.length))];
  const attributes = { ...spatialAttributes(axes), group };
  return tracedInOrder(graph.add('Conv', operands, 'float32', outputDims(geometry), attributes), imageOrder);
}

/** Its gradient with respect to the filter. */
export function filterGradient(
  graph: PendingGraph,
  x: Traced,
  dy: Traced,
  geometry: SpatialGeometry,
  group: number,
): Traced {
  const { axes, imageOrder } = geometry;
  const [image, errors] = [inOrder(graph, x, imageOrder), inOrder(graph, dy, imageOrder)];
  const gradient = groupedFilterGradient(graph, image, errors, geometry, group);
  return tracedInOrder(gradient, filterOrder(axes.length + 2));
}

/** Its gradient with respect to the image. */
export function imageGradient(
  graph: PendingGraph,
  dy: Traced,
  filter: Traced,
  geometry: SpatialGeometry,
  group: number,
): Traced {
  const { imageOrder } = geometry;
  const [errors, weights] = [inOrder(graph, dy, imageOrder), inOrder(graph, filter, filterOrder(filter.shape.length))];
  return tracedInOrder(gradientOfImage(graph, errors, weights, geometry, group), imageOrder);
}

// Within each group, inputs and outputs change places: [O, C/g, kernel…] → [C, O/g, kernel…]
function swapped(graph: PendingGraph, filter: Source, group: number): Source {
  const [outputs, inputs, ...sizes] = filter.shape as [number, number, ...number[]];
  const grouped = reshape(graph, filter, [group, outputs / group, inputs, ...sizes]);
  const [, , , ...spatial] = plainOrder(grouped.shape.length);
  const turned = transpose(graph, grouped, [0, 2, 1, ...spatial]);
  return reshape(graph, turned, [inputs * group, outputs / group, ...sizes]);
}

/** Whether the input gradient is a plain convolution of `dy`: stride 1, and no padding beyond the filter's reach. */
function isPlainConvolution({ size, dilation, stride, before, after }: WindowAxis): boolean {
  const reach = (size - 1) * dilation;
  return stride === 1 && before <= reach && after <= reach;
}

// A convolution of dy with the turned filter is faster than a transposed one.
function gradientOfImage(
  graph: PendingGraph,
  dy: Source,
  filter: Source,
  geometry: SpatialGeometry,
  group: number,
): Source {
  const { axes } = geometry;
  const shape = inputDims(geometry);
  if (!axes.every(isPlainConvolution)) {
    const attributes = { ...transposedAttributes(axes), group };
    return graph.add('ConvTranspose', [dy, filter], 'float32', shape, attributes);
  }
  const back = axes.map((axis): WindowAxis => {
    const reach = (axis.size - 1) * axis.dilation;
    const before = reach - axis.before;
    return { ...axis, before, after: axis.input - axis.output - before + reach };
  });
  const spatial = plainOrder(shape.length).slice(2);
  const turned = flip(graph, swapped(graph, filter, group), spatial);
  return graph.add('Conv', [dy, turned], 'float32', shape, { ...spatialAttributes(back), group });
}
