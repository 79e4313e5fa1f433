import {
  backend_util,
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropInputV2Attrs,
} from '@tensorflow/tfjs-core';
import { slice, transpose } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import {
  inputDims,
  outputDims,
  type SpatialGeometry,
  spatialAttributes,
  transposedAttributes,
  volumeGeometry,
} from '../spatialAxes.js';
import { plainOrder, type Traced, tracedInOrder } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

type Shape5 = [number, number, number, number, number];

/** What the attributes of the three kernels have in common. */
interface VolumeAttrs {
  readonly strides: Conv3DAttrs['strides'];
  readonly pad: Conv3DAttrs['pad'];
  readonly dilations?: Conv3DAttrs['dilations'];
}

function geometryOf(
  image: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations }: VolumeAttrs,
): SpatialGeometry {
  return volumeGeometry(
    backend_util.computeConv3DInfo(image as Shape5, filter as Shape5, strides, dilations ?? 1, pad),
  );
}

// [kd, kh, kw, I, O] in memory order [O, I, kd, kh, kw]
const filterOrder = [4, 3, 0, 1, 2];

/** Batch and channels change places. */
function swapped(graph: PendingGraph, source: Source): Source {
  const [batch, channels, ...spatial] = plainOrder(source.shape.length);
  return transpose(graph, source, [channels!, batch!, ...spatial]);
}

// A convolution over the batch, whose filter is dy: stride and dilation change places.
// [C, N, D, H, W] ∗ [O, N, D', H', W'] → [C, O, kd, kh, kw]
function filterGradient(graph: PendingGraph, x: Source, dy: Source, geometry: SpatialGeometry): Traced {
  const { axes, inChannels, outChannels } = geometry;
  const turned = axes.map((axis) => {
    const reach = (axis.output - 1) * axis.stride + 1;
    const output = Math.floor((axis.before + axis.input + axis.after - reach) / axis.dilation) + 1;
    return { ...axis, size: axis.output, stride: axis.dilation, dilation: axis.stride, output };
  });
  const shape = [inChannels, outChannels, ...turned.map(({ output }) => output)];
  const operands = [swapped(graph, x), swapped(graph, dy)];
  const whole = graph.add('Conv', operands, 'float32', shape, spatialAttributes(turned));
  // Pixels that floor rounding left unread give rows too many.
  const ends = [inChannels, outChannels, ...axes.map(({ size }) => size)];
  const read = slice(
    graph,
    whole,
    ends.map(() => 0),
    ends,
  );
  return tracedInOrder(swapped(graph, read), filterOrder);
}

/** Convolutions of volumes [N, D, H, W, C], and their gradients. */
export const conv3dKernels: readonly Kernel[] = [
  kernel<Conv3DAttrs>('Conv3D', (graph, inputs, attributes) => {
    const [x, filter] = [inputs.get('x'), inputs.get('filter')];
    const geometry = geometryOf(x.shape, filter.shape, attributes);
    const operands = [inOrder(graph, x, geometry.imageOrder), inOrder(graph, filter, filterOrder)];
    const shape = outputDims(geometry);
    const y = graph.add('Conv', operands, 'float32', shape, spatialAttributes(geometry.axes));
    return tracedInOrder(y, geometry.imageOrder);
  }),
  kernel<Conv3DBackpropFilterV2Attrs>('Conv3DBackpropFilterV2', (graph, inputs, attributes) => {
    const [x, dy] = [inputs.get('x'), inputs.get('dy')];
    const geometry = geometryOf(x.shape, attributes.filterShape, attributes);
    const { imageOrder } = geometry;
    return filterGradient(graph, inOrder(graph, x, imageOrder), inOrder(graph, dy, imageOrder), geometry);
  }),
  kernel<Conv3DBackpropInputV2Attrs>('Conv3DBackpropInputV2', (graph, inputs, attributes) => {
    const [dy, filter] = [inputs.get('dy'), inputs.get('filter')];
    const geometry = geometryOf(attributes.inputShape, filter.shape, attributes);
    const operands = [inOrder(graph, dy, geometry.imageOrder), inOrder(graph, filter, filterOrder)];
    const shape = inputDims(geometry);
    const x = graph.add('ConvTranspose', operands, 'float32', shape, transposedAttributes(geometry.axes));
    return tracedInOrder(x, geometry.imageOrder);
  }),
];
