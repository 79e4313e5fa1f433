/**
 * @file The gradient of an image through a convolution with strides, in blocks. Pixels of the image that lie a stride
 * apart meet the same part of the filter, so each such set of pixels is a dense convolution of dy with that part.
 */
import { addInBlocks, fromBlocks } from '../blocks/blocks.js';
import { concat, reshape, transpose } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { filterInBlocks, type PairedFilter, spreadPixels } from './convolutionInBlocks.js';
import type { WindowAxis, WindowGeometry } from './windowGeometry.js';

/** The pixels of an axis that lie a stride apart, and what they meet. */
interface Phase {
  /** places in the filter, in the order in which they pass over dy */
  readonly taps: readonly number[];
  /** padding of dy */
  readonly before: number;
  readonly after: number;
}

/**
 * @param dy [N, O, H', W'], in blocks
 * @param filter with the channels of the image as its outputs
 * @returns [N, I, H, W]; undefined where the sets of pixels are not equally large, or meet nothing
 */
export function stridedImageGradient(
  graph: PendingGraph,
  dy: Source,
  filter: () => PairedFilter,
  { inChannels, height, width }: WindowGeometry,
): Source | undefined {
  const [vertical, horizontal] = [phasesOf(height), phasesOf(width)];
  if (vertical === undefined || horizontal === undefined) return undefined;
  const [batch, filledIn] = dy.shape as [number, number];
  const blocks = filterInBlocks(graph, filter(), filledIn, false);
  const shape = [batch, blocks.shape[0]!, height.input / height.stride, width.input / width.stride];
  const convolve = (down: Phase, across: Phase): Source => {
    const places = down.taps.flatMap((row) => across.taps.map((column) => row * width.size + column));
    const window = [down.taps.length, across.taps.length];
    return addInBlocks(graph, 'Conv', [dy, partOf(graph, blocks, places, window)], shape, {
      kernel_shape: window,
      strides: [1, 1],
      dilations: [1, 1],
      pads: [down.before, across.before, down.after, across.after],
      group: 1,
    });
  };
  if (height.size === 1 && width.size === 1) {
    const met = convolve(vertical[0]!, horizontal[0]!);
    return fromBlocks(graph, spreadPixels(graph, met, [height.stride, width.stride]), inChannels);
  }
  if ([...vertical, ...horizontal].some(({ taps }) => taps.length === 0)) return undefined;
  const parts = vertical.flatMap((down) => horizontal.map((across) => convolve(down, across)));
  return fromBlocks(graph, interleave(graph, parts, [height.stride, width.stride]), inChannels);
}

/** Undefined where the phases of an axis are not equally long, or dy would have to be cut. */
function phasesOf({ input, output, size, stride, dilation, before }: WindowAxis): readonly Phase[] | undefined {
  if (dilation !== 1 || input % stride !== 0) return undefined;
  const phases: Phase[] = [];
  for (let phase = 0; phase < stride; phase++) {
    // Pixel j · stride + phase meets filter place phase + before − stride · t through pixel j + t of dy.
    const first = Math.ceil((phase + before - (size - 1)) / stride);
    const last = Math.floor((phase + before) / stride);
    const taps: number[] = [];
    for (let t = first; t <= last; t++) taps.push(phase + before - stride * t);
    const after = input / stride - output + taps.length - 1 + first;
    if (taps.length > 0 && (first > 0 || after < 0)) return undefined;
    phases.push({ taps, before: -first, after });
  }
  return phases;
}

/** Some places of a filter in blocks. */
function partOf(graph: PendingGraph, filter: Source, places: readonly number[], window: readonly number[]): Source {
  const [outputs, inputs, rows, columns] = filter.shape as [number, number, number, number];
  const b = graph.blockSize;
  const grouped = reshape(graph, filter, [(outputs * inputs) / (b * b), rows * columns, b * b]);
  const shape = [grouped.shape[0]!, places.length, b * b];
  const part = graph.add('Gather', [grouped, graph.ints(places)], 'float32', shape, { axis: 1 });
  return reshape(graph, part, [outputs, inputs, ...window]);
}

/** Images in blocks become one: part a · across + c has the rows a, a + down, … and the columns c, c + across, … */
function interleave(graph: PendingGraph, parts: readonly Source[], [down, across]: readonly [number, number]): Source {
  const [batch, channels, height, width] = parts[0]!.shape as [number, number, number, number];
  const b = graph.blockSize;
  const planes = (batch * channels) / b;
  const stacked = reshape(graph, concat(graph, parts, 0), [down, across, planes, height, width, b]);
  const ordered = transpose(graph, stacked, [2, 3, 0, 4, 1, 5]);
  return reshape(graph, ordered, [batch, channels, height * down, width * across]);
}
