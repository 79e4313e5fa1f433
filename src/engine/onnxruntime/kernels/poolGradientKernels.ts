import type { AvgPool3DGradAttrs, AvgPoolGradAttrs, MaxPool3DGradAttrs, MaxPoolGradAttrs } from '@tensorflow/tfjs-core';
import {
  inputDims,
  outputDims,
  type SpatialGeometry,
  spatialAttributes,
  transposedAttributes,
} from '../convolution/spatialAxes.js';
import type { WindowAxis } from '../convolution/windowGeometry.js';
import { sizeOf } from '../elementType.js';
import { binary, expand, filled, reshape, slice } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { type Traced, tracedInOrder } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';
import { coverage, maxPoolPlaces, padded, perPosition, planePool, volumePool } from './poolKernels.js';

function isTiled(axis: WindowAxis): boolean {
  return axis.stride >= axis.size && axis.before === 0 && axis.after === 0;
}

// Each output's gradient goes to the first maximum of its window, as in tf.js.
function maxPoolGrad(graph: PendingGraph, dy: Traced, x: Traced, geometry: SpatialGeometry): Traced {
  const { imageOrder } = geometry;
  const on = padded(graph, inOrder(graph, x, imageOrder), geometry);
  const { places } = maxPoolPlaces(graph, on.image, on.geometry);
  const unpooled = unpool(graph, inOrder(graph, dy, imageOrder), places, on.geometry);
  if (on.geometry === geometry) return tracedInOrder(unpooled, imageOrder);
  const starts = [0, 0, ...geometry.axes.map(({ before }) => before)];
  const ends = inputDims(geometry).map((dim, axis) => starts[axis]! + dim);
  return tracedInOrder(slice(graph, unpooled, starts, ends), imageOrder);
}

function unpool(graph: PendingGraph, errors: Source, places: Source, geometry: SpatialGeometry): Source {
  const dims = inputDims(geometry);
  if (geometry.axes.every(isTiled)) {
    const { kernel_shape, strides } = spatialAttributes(geometry.axes);
    const attributes = { kernel_shape: kernel_shape!, strides: strides! };
    return graph.add('MaxUnpool', [errors, places, graph.ints(dims)], 'float32', dims, attributes);
  }
  const count = [sizeOf(outputDims(geometry))];
  const zeros = filled(graph, 'float32', [sizeOf(dims)], 0);
  const inputs = [zeros, reshape(graph, places, count), reshape(graph, errors, count)];
  const scattered = graph.add('ScatterElements', inputs, 'float32', zeros.shape, { axis: 0, reduction: 'add' });
  return reshape(graph, scattered, dims);
}

function avgPoolGrad(graph: PendingGraph, dy: Traced, geometry: SpatialGeometry): Traced {
  const { axes, imageOrder, batch, inChannels } = geometry;
  const share = perPosition(graph, axes, (counts) => 1 / Math.max(1, sizeOf(counts)));
  const scaled = binary(graph, 'Mul', inOrder(graph, dy, imageOrder), share);
  const dims = inputDims(geometry);

  if (axes.every((axis) => axis.output === 1 && coverage(axis)[0] === axis.input)) {
    // Global pooling: the same gradient everywhere.
    const shape = imageOrder.map((_, axis) => dims[imageOrder.indexOf(axis)]!);
    return { source: scaled, type: 'float32', shape, order: imageOrder };
  }
  const isBlock = (axis: WindowAxis): boolean =>
    isTiled(axis) && axis.stride === axis.size && axis.output * axis.size === axis.input;
  if (axes.every(isBlock)) {
    const planes = batch * inChannels;
    const rows = reshape(graph, scaled, [planes, ...axes.flatMap(({ output }) => [output, 1])]);
    const shape = [planes, ...axes.flatMap(({ output, size }) => [output, size])];
    return tracedInOrder(reshape(graph, expand(graph, rows, shape), dims), imageOrder);
  }
  return tracedInOrder(spread(graph, scaled, geometry), imageOrder);
}

/** Adds every output's value to all pixels of its window. */
function spread(graph: PendingGraph, values: Source, geometry: SpatialGeometry): Source {
  const { axes, batch, inChannels } = geometry;
  const planes = [batch * inChannels, 1];
  const inputs = [
    reshape(graph, values, [...planes, ...axes.map(({ output }) => output)]),
    filled(graph, 'float32', [1, 1, ...axes.map(({ size }) => size)], 1),
  ];
  const shape = [...planes, ...axes.map(({ input }) => input)];
  const spreadOut = graph.add('ConvTranspose', inputs, 'float32', shape, transposedAttributes(axes));
  return reshape(graph, spreadOut, inputDims(geometry));
}

/** Gradients of pools; images are NHWC, volumes NDHWC. */
export const poolGradientKernels: readonly Kernel[] = [
  kernel<AvgPoolGradAttrs>('AvgPoolGrad', (graph, inputs, attributes) =>
    avgPoolGrad(graph, inputs.get('dy'), planePool(inputs.get('input'), attributes)),
  ),
  kernel<AvgPool3DGradAttrs>('AvgPool3DGrad', (graph, inputs, attributes) =>
    avgPoolGrad(graph, inputs.get('dy'), volumePool(inputs.get('input'), attributes)),
  ),
  kernel<MaxPoolGradAttrs>('MaxPoolGrad', (graph, inputs, attributes) => {
    const x = inputs.get('input');
    return maxPoolGrad(graph, inputs.get('dy'), x, planePool(x, attributes));
  }),
  kernel<MaxPool3DGradAttrs>('MaxPool3DGrad', (graph, inputs, attributes) => {
    const x = inputs.get('input');
    return maxPoolGrad(graph, inputs.get('dy'), x, volumePool(x, attributes));
  }),
];
