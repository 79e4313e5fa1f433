import { concat, matMul, pad, reduce, reshape, slice } from './emit.js';
import type { PendingGraph } from './pendingGraph.js';
import type { Source } from './source.js';
import type { WindowGeometry } from './windowGeometry.js';

/**
 * The gradient of a convolution with respect to its filter: one matrix product per filter offset, of the output's
 * gradient with the input pixels that this offset met, summed over the batch. An im2col buffer would hold
 * height × width copies of the input at once.
 *
 * @param x [N, C, H, W]
 * @param dy [N, O, H', W'], or [N, C·m, H', W'] with `perChannel`
 * @param perChannel a depthwise convolution: every input channel meets its own m output channels only
 * @returns [kh, kw, O, C], or [kh, kw, C, m]
 */
export function filterGradient(
  graph: PendingGraph,
  x: Source,
  dy: Source,
  geometry: WindowGeometry,
  perChannel: boolean,
): Source {
  const { batch, inChannels, outChannels, height, width } = geometry;
  const isDense = height.stride === 1 && width.stride === 1 && height.size * width.size > 1;
  const { errors, met, pixels } = isDense
    ? contiguousRuns(graph, x, dy, geometry)
    : gatheredPixels(graph, x, dy, geometry);
  const multiplier = outChannels / inChannels;
  const inShape = perChannel ? [batch, inChannels, 1, pixels] : [batch, inChannels, pixels];
  const outShape = perChannel ? [batch, inChannels, multiplier, pixels] : [batch, outChannels, pixels];
  const left = reshape(graph, errors, outShape);

  const products: Source[] = [];
  for (let row = 0; row < height.size; row++) {
    for (let column = 0; column < width.size; column++) {
      const right = reshape(graph, met(row * height.dilation, column * width.dilation), inShape);
      products.push(reduce(graph, 'ReduceSum', matMul(graph, left, right, false, true), [0], true));
    }
  }
  const filterShape = perChannel ? [inChannels, multiplier] : [outChannels, inChannels];
  return reshape(graph, concat(graph, products, 0), [height.size, width.size, ...filterShape]);
}

/** The operands of the products, flattened over `pixels` positions. */
interface Operands {
  readonly errors: Source;
  /** the input pixels that a filter element meets, by its distance from the filter's corner */
  readonly met: (top: number, left: number) => Source;
  readonly pixels: number;
}

function gatheredPixels(graph: PendingGraph, x: Source, dy: Source, geometry: WindowGeometry): Operands {
  const { batch, inChannels, height, width } = geometry;
  const padded = pad(graph, x, [0, 0, height.before, width.before], [0, 0, height.after, width.after], 0);
  const met = (top: number, left: number): Source => {
    const bottom = top + (height.output - 1) * height.stride + 1;
    const right = left + (width.output - 1) * width.stride + 1;
    const steps = [1, 1, height.stride, width.stride];
    return slice(graph, padded, [0, 0, top, left], [batch, inChannels, bottom, right], steps);
  };
  return { errors: dy, met, pixels: height.output * width.output };
}

// At stride 1, and with dy padded by zeros to rows as long as those of the padded input, the pixels that a filter
// element meets are one run in memory: copying runs is several times faster than copying the rows of a window.
function contiguousRuns(graph: PendingGraph, x: Source, dy: Source, geometry: WindowGeometry): Operands {
  const { batch, inChannels, height, width } = geometry;
  const rowLength = width.before + width.input + width.after;
  // The run of the last filter element reaches into one row more than there is.
  const padded = pad(graph, x, [0, 0, height.before, width.before], [0, 0, height.after + 1, width.after], 0);
  const errors = pad(graph, dy, [0, 0, 0, 0], [0, 0, 0, rowLength - width.output], 0);
  const flat = reshape(graph, padded, [batch, inChannels, padded.shape[2]! * rowLength]);
  const pixels = height.output * rowLength;
  const met = (top: number, left: number): Source => {
    const start = top * rowLength + left;
    return slice(graph, flat, [0, 0, start], [batch, inChannels, start + pixels]);
  };
  return { errors, met, pixels };
}
