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
  const padded = pad(graph, x, [0, 0, height.before, width.before], [0, 0, height.after, width.after], 0);
  const pixels = height.output * width.output;
  const multiplier = outChannels / inChannels;
  const inShape = perChannel ? [batch, inChannels, 1, pixels] : [batch, inChannels, pixels];
  const outShape = perChannel ? [batch, inChannels, multiplier, pixels] : [batch, outChannels, pixels];
  const errors = reshape(graph, dy, outShape);

  const products: Source[] = [];
  for (let row = 0; row < height.size; row++) {
    for (let column = 0; column < width.size; column++) {
      const top = row * height.dilation;
      const left = column * width.dilation;
      const bottom = top + (height.output - 1) * height.stride + 1;
      const right = left + (width.output - 1) * width.stride + 1;
      const steps = [1, 1, height.stride, width.stride];
      const met = slice(graph, padded, [0, 0, top, left], [batch, inChannels, bottom, right], steps);
      const product = matMul(graph, errors, reshape(graph, met, inShape), false, true);
      products.push(reduce(graph, 'ReduceSum', product, [0], true));
    }
  }
  const stacked = concat(graph, products, 0);
  return reshape(
    graph,
    stacked,
    perChannel ? [height.size, width.size, inChannels, multiplier] : [height.size, width.size, outChannels, inChannels],
  );
}
