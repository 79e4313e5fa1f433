import {
  type AvgPoolAttrs,
  type AvgPoolGradAttrs,
  backend_util,
  type MaxPoolAttrs,
  type MaxPoolGradAttrs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { binary, expand, filled, reshape } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { type Traced, tracedInOrder } from '../traced.js';
import {
  transposedPadding,
  type WindowAxis,
  type WindowGeometry,
  windowAttributes,
  windowGeometry,
} from '../windowGeometry.js';
import { type Kernel, kernel } from './kernel.js';

type PoolAttrs = MaxPoolAttrs | AvgPoolAttrs | AvgPoolGradAttrs | MaxPoolGradAttrs;

function geometryOf(x: Traced, attributes: PoolAttrs): WindowGeometry {
  const { filterSize, strides, pad } = attributes;
  const rounding = 'dimRoundingMode' in attributes ? attributes.dimRoundingMode : undefined;
  const shape = x.shape as [number, number, number, number];
  return windowGeometry(backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, rounding));
}

function outputDims({ batch, outChannels, height, width }: WindowGeometry): readonly number[] {
  return [batch, outChannels, height.output, width.output];
}

function inputDims({ batch, inChannels, height, width }: WindowGeometry): readonly number[] {
  return [batch, inChannels, height.input, width.input];
}

function pool(graph: PendingGraph, op: string, x: Traced, geometry: WindowGeometry): Traced {
  const image = inOrder(graph, x, geometry.imageOrder);
  const attributes = windowAttributes(geometry);
  return tracedInOrder(graph.add(op, [image], 'float32', outputDims(geometry), attributes), geometry.imageOrder);
}

function isTiled(axis: WindowAxis): boolean {
  return axis.stride >= axis.size && axis.before === 0 && axis.after === 0;
}

// Each output's gradient goes to the first maximum of its window, as in tf.js.
function maxPoolGrad(graph: PendingGraph, dy: Traced, x: Traced, geometry: WindowGeometry): Traced {
  const image = inOrder(graph, x, geometry.imageOrder);
  const shape = outputDims(geometry);
  const [, places] = graph.addMany(
    'MaxPool',
    [image],
    [
      { type: 'float32', shape },
      { type: 'int64', shape },
    ],
    windowAttributes(geometry),
  );
  if (isTiled(geometry.height) && isTiled(geometry.width)) {
    const inputs = [inOrder(graph, dy, geometry.imageOrder), places, graph.ints(inputDims(geometry))];
    const { kernel_shape, strides } = windowAttributes(geometry);
    const unpooled = graph.add('MaxUnpool', inputs, 'float32', inputDims(geometry), {
      kernel_shape: kernel_shape!,
      strides: strides!,
    });
    return tracedInOrder(unpooled, geometry.imageOrder);
  }
  const count = [sizeOf(shape)];
  const updates = reshape(graph, inOrder(graph, dy, geometry.imageOrder), count);
  const dims = inputDims(geometry);
  const zeros = filled(graph, 'float32', [sizeOf(dims)], 0);
  const scattered = graph.add(
    'ScatterElements',
    [zeros, reshape(graph, places!, count), updates],
    'float32',
    zeros.shape,
    { axis: 0, reduction: 'add' },
  );
  return tracedInOrder(reshape(graph, scattered, dims), geometry.imageOrder);
}

/** How many real (not padded) pixels the window at each output position covers. */
function coverage(axis: WindowAxis): number[] {
  return Array.from({ length: axis.output }, (_, i) => {
    const start = i * axis.stride - axis.before;
    return Math.min(start + axis.size, axis.input) - Math.max(start, 0);
  });
}

function avgPoolGrad(graph: PendingGraph, dy: Traced, geometry: WindowGeometry): Traced {
  const { height, width, imageOrder, batch, inChannels } = geometry;
  const columns = coverage(width);
  const shares = coverage(height).flatMap((rows) => columns.map((count) => 1 / (rows * count)));
  const share = graph.constant('float32', [1, 1, height.output, width.output], shares);
  const scaled = binary(graph, 'Mul', inOrder(graph, dy, imageOrder), share);

  if (height.output === 1 && width.output === 1 && columns[0] === width.input && coverage(height)[0] === height.input) {
    // Global pooling: the same gradient everywhere.
    return { source: scaled, type: 'float32', shape: imageShape(geometry), order: imageOrder };
  }
  const blocks = [height, width].every((axis) => isTiled(axis) && axis.stride === axis.size);
  if (blocks && height.output * height.size === height.input && width.output * width.size === width.input) {
    const rows = reshape(graph, scaled, [batch * inChannels, height.output, 1, width.output, 1]);
    const shape = [batch * inChannels, height.output, height.size, width.output, width.size];
    return tracedInOrder(reshape(graph, expand(graph, rows, shape), inputDims(geometry)), imageOrder);
  }
  return tracedInOrder(spread(graph, scaled, geometry), imageOrder);
}

/** Adds every output's value to all pixels of its window. */
function spread(graph: PendingGraph, values: Source, geometry: WindowGeometry): Source {
  const { height, width, batch, inChannels } = geometry;
  const vertical = transposedPadding(height);
  const horizontal = transposedPadding(width);
  const size = [height.size, width.size];
  const planes = [batch * inChannels, 1, height.output, width.output];
  const spreadOut = graph.add(
    'ConvTranspose',
    [reshape(graph, values, planes), filled(graph, 'float32', [1, 1, ...size], 1)],
    'float32',
    [batch * inChannels, 1, height.input, width.input],
    {
      kernel_shape: size,
      strides: [height.stride, width.stride],
      pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
      output_padding: [vertical.extra, horizontal.extra],
    },
  );
  return reshape(graph, spreadOut, inputDims(geometry));
}

function imageShape({ batch, inChannels, height, width }: WindowGeometry): readonly number[] {
  return [batch, height.input, width.input, inChannels];
}

/** Pooling and its gradients; images are NHWC. */
export const poolKernels: readonly Kernel[] = [
  kernel<AvgPoolAttrs>('AvgPool', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    return pool(graph, 'AveragePool', x, geometryOf(x, attributes));
  }),
  kernel<AvgPoolGradAttrs>('AvgPoolGrad', (graph, inputs, attributes) =>
    avgPoolGrad(graph, inputs.get('dy'), geometryOf(inputs.get('input'), attributes)),
  ),
  kernel<MaxPoolAttrs>('MaxPool', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    return pool(graph, 'MaxPool', x, geometryOf(x, attributes));
  }),
  kernel<MaxPoolGradAttrs>('MaxPoolGrad', (graph, inputs, attributes) => {
    const x = inputs.get('input');
    return maxPoolGrad(graph, inputs.get('dy'), x, geometryOf(x, attributes));
  }),
];
