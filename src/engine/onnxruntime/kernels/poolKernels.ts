import {
  type AvgPool3DAttrs,
  type AvgPoolAttrs,
  backend_util,
  type MaxPool3DAttrs,
  type MaxPoolAttrs,
  type MaxPoolWithArgmaxAttrs,
} from '@tensorflow/tfjs-core';
import {
  outputDims,
  planeGeometry,
  type SpatialGeometry,
  spatialAttributes,
  volumeGeometry,
} from '../convolution/spatialAxes.js';
import type { WindowAxis } from '../convolution/windowGeometry.js';
import { sizeOf } from '../elementType.js';
import { binary, cast, filled, pad, reshape, unary, where } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { type Traced, tracedInOrder } from '../traced.js';
import { castTraced } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

/** What the attributes of all pools have in common. */
interface PoolAttrs<Window, Padding = AvgPoolAttrs['pad']> {
  readonly filterSize: Window;
  readonly strides: Window;
  readonly pad: Padding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type VolumePadding = AvgPool3DAttrs['pad'];

/** The geometry of a pool of an image [N, H, W, C]. */
export function planePool(
  x: Traced,
  { filterSize, strides, pad: padding, dimRoundingMode }: PoolAttrs<[number, number] | number>,
): SpatialGeometry {
  const shape = x.shape as [number, number, number, number];
  return planeGeometry(backend_util.computePool2DInfo(shape, filterSize, strides, 1, padding, dimRoundingMode));
}

/** The geometry of a pool of a volume [N, D, H, W, C]. */
export function volumePool(
  x: Traced,
  { filterSize, strides, pad: padding, dimRoundingMode }: PoolAttrs<[number, number, number] | number, VolumePadding>,
): SpatialGeometry {
  const shape = x.shape as [number, number, number, number, number];
  return volumeGeometry(backend_util.computePool3DInfo(shape, filterSize, strides, 1, padding, dimRoundingMode));
}

/** How many real (not padded) pixels the window at each output position covers. */
export function coverage(axis: WindowAxis): number[] {
  return Array.from({ length: axis.output }, (_, i) => {
    const start = i * axis.stride - axis.before;
    return Math.max(0, Math.min(start + axis.size, axis.input) - Math.max(start, 0));
  });
}

// ONNX Runtime takes no padding that could fill a window.
function canFillWindow({ before, after, size }: WindowAxis): boolean {
  return before >= size || after >= size;
}

/** The image with its padding made of pixels that are never the largest, where ONNX Runtime wants it so. */
export function padded(
  graph: PendingGraph,
  image: Source,
  geometry: SpatialGeometry,
): { readonly image: Source; readonly geometry: SpatialGeometry } {
  const { axes } = geometry;
  if (!axes.some(canFillWindow)) return { image, geometry };
  const before = [0, 0, ...axes.map((axis) => axis.before)];
  const after = [0, 0, ...axes.map((axis) => axis.after)];
  const whole = axes.map((axis) => ({ ...axis, input: axis.before + axis.input + axis.after, before: 0, after: 0 }));
  const lowest = Number.NEGATIVE_INFINITY;
  return { image: pad(graph, image, before, after, lowest), geometry: { ...geometry, axes: whole } };
}

function run(graph: PendingGraph, op: string, image: Source, geometry: SpatialGeometry): Source {
  return graph.add(op, [image], 'float32', outputDims(geometry), spatialAttributes(geometry.axes));
}

function maxPool(graph: PendingGraph, x: Traced, geometry: SpatialGeometry): Traced {
  const { imageOrder } = geometry;
  const on = padded(graph, inOrder(graph, x, imageOrder), geometry);
  return tracedInOrder(run(graph, 'MaxPool', on.image, on.geometry), imageOrder);
}

function avgPool(graph: PendingGraph, x: Traced, geometry: SpatialGeometry): Traced {
  const { axes, imageOrder } = geometry;
  const image = inOrder(graph, x, imageOrder);
  if (!axes.some(canFillWindow)) return tracedInOrder(run(graph, 'AveragePool', image, geometry), imageOrder);
  const shares = perPosition(graph, axes, (counts) => 1 / Math.max(1, sizeOf(counts)));
  return tracedInOrder(binary(graph, 'Mul', sumOfWindows(graph, image, geometry), shares), imageOrder);
}

// A convolution takes any padding. (A Pad of zeros before an AveragePool would be fused with it again.)
function sumOfWindows(graph: PendingGraph, image: Source, geometry: SpatialGeometry): Source {
  const { batch, inChannels, axes } = geometry;
  const planes = [batch * inChannels, 1];
  const ones = filled(graph, 'float32', [1, 1, ...axes.map(({ size }) => size)], 1);
  const inputs = [reshape(graph, image, [...planes, ...axes.map(({ input }) => input)]), ones];
  const shape = [...planes, ...axes.map(({ output }) => output)];
  return reshape(graph, graph.add('Conv', inputs, 'float32', shape, spatialAttributes(axes)), outputDims(geometry));
}

/** A number for every output position, [1, 1, spatial…], from the real pixels of its window along each axis. */
export function perPosition(
  graph: PendingGraph,
  axes: readonly WindowAxis[],
  number: (counts: readonly number[]) => number,
): Source {
  const positions = axes.reduce<readonly (readonly number[])[]>(
    (all, axis) => all.flatMap((counts) => coverage(axis).map((count) => [...counts, count])),
    [[]],
  );
  return graph.constant('float32', [1, 1, ...axes.map(({ output }) => output)], positions.map(number));
}

/** The largest elements, and where in the image [N, C, spatial…] they stand, as flat int64 positions. */
export function maxPoolPlaces(
  graph: PendingGraph,
  image: Source,
  geometry: SpatialGeometry,
): { readonly values: Source; readonly places: Source } {
  const shape = outputDims(geometry);
  const [values, places] = graph.addMany(
    'MaxPool',
    [image],
    [
      { type: 'float32', shape },
      { type: 'int64', shape },
    ],
    spatialAttributes(geometry.axes),
  );
  return { values: values!, places: places! };
}

// Positions in [N, C, H, W] become those in [N, H, W, C], or in [H, W, C] without the batch.
function withArgmax(graph: PendingGraph, x: Traced, geometry: SpatialGeometry, countsBatch: boolean): Traced[] {
  const { imageOrder, inChannels, axes } = geometry;
  const given = inOrder(graph, castTraced(graph, x, 'float32'), imageOrder);
  const isNumber = unary(graph, 'Not', unary(graph, 'IsNaN', given, undefined, 'bool'));
  const image = where(graph, isNumber, given, graph.scalar('float32', Number.NEGATIVE_INFINITY));
  const { values, places } = maxPoolPlaces(graph, image, geometry);
  const int = (value: number): Source => graph.scalar('int64', value);
  const pixels = sizeOf(axes.map(({ input }) => input));
  const pixel = binary(graph, 'Mod', places, int(pixels));
  const plane = binary(graph, 'Div', places, int(pixels));
  const channel = binary(graph, 'Mod', plane, int(inChannels));
  const within = binary(graph, 'Add', binary(graph, 'Mul', pixel, int(inChannels)), channel);
  const batch = binary(graph, 'Mul', binary(graph, 'Div', plane, int(inChannels)), int(pixels * inChannels));
  const index = countsBatch ? binary(graph, 'Add', within, batch) : within;
  return [tracedInOrder(values, imageOrder), tracedInOrder(cast(graph, index, 'int32'), imageOrder)];
}

/** Pools; images are NHWC, volumes NDHWC. */
export const poolKernels: readonly Kernel[] = [
  kernel<AvgPoolAttrs>('AvgPool', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    return avgPool(graph, x, planePool(x, attributes));
  }),
  kernel<AvgPool3DAttrs>('AvgPool3D', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    return avgPool(graph, x, volumePool(x, attributes));
  }),
  kernel<MaxPoolAttrs>('MaxPool', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    return maxPool(graph, x, planePool(x, attributes));
  }),
  kernel<MaxPool3DAttrs>('MaxPool3D', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    return maxPool(graph, x, volumePool(x, attributes));
  }),
  kernel<MaxPoolWithArgmaxAttrs>('MaxPoolWithArgmax', (graph, inputs, { includeBatchInIndex, ...attributes }) => {
    const x = inputs.get('x');
    return withArgmax(graph, x, planePool(x, attributes), includeBatchInIndex);
  }),
];
