import type { ResizeBilinearAttrs } from '@tensorflow/tfjs-core';
import { matMul } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import { type Traced, tracedInOrder } from '../traced.js';
import { fed } from './creationKernels.js';
import { castTraced } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

type Shape = readonly number[];

interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Fills row `r` of a matrix [output, input] with what output pixel `r` takes from each input pixel. */
type RowFiller = (matrix: Float32Array, r: number, ratio: number, input: number, sampling: Sampling) => void;

const bilinearRow: RowFiller = (matrix, r, ratio, input, { halfPixelCenters }) => {
  const at = halfPixelCenters ? ratio * (r + 0.5) - 0.5 : ratio * r;
  const low = Math.max(0, Math.floor(at));
  const high = Math.min(input - 1, Math.max(0, Math.ceil(at)));
  const share = high === low ? 0 : at - low;
  matrix[r * input + low]! += 1 - share;
  matrix[r * input + high]! += share;
};

const nearestRow: RowFiller = (matrix, r, ratio, input, { alignCorners, halfPixelCenters }) => {
  const at = halfPixelCenters ? ratio * (r + 0.5) : ratio * r;
  matrix[r * input + Math.min(input - 1, alignCorners ? Math.round(at) : Math.floor(at))] = 1;
};

/** Resizing one axis as a matrix [output, input]; its transpose is the gradient. */
function samplingMatrix(input: number, output: number, sampling: Sampling, fillRow: RowFiller) {
  const isAligned = sampling.alignCorners && output > 1;
  const ratio = isAligned ? (input - 1) / (output - 1) : input / output;
  const matrix = new Float32Array(output * input);
  for (let r = 0; r < output; r++) fillRow(matrix, r, ratio, input, sampling);
  return fed(matrix, [output, input]);
}

const imageOrder = [0, 3, 1, 2];

// rows · image · columnsᵀ for every channel; the gradient is rowsᵀ · dy · columns.
function resample(
  graph: PendingGraph,
  image: Traced,
  small: Shape,
  large: Shape,
  sampling: Sampling,
  fillRow: RowFiller,
  isGradient: boolean,
): Traced {
  const rows = samplingMatrix(small[1]!, large[1]!, sampling, fillRow);
  const columns = samplingMatrix(small[2]!, large[2]!, sampling, fillRow);
  const planes = inOrder(graph, castTraced(graph, image, 'float32'), imageOrder);
  const vertical = matMul(graph, rows, planes, isGradient, false);
  return tracedInOrder(matMul(graph, vertical, columns, false, !isGradient), imageOrder);
}

function resize(name: string, fillRow: RowFiller): readonly Kernel[] {
  return [
    kernel<ResizeBilinearAttrs>(name, (graph, inputs, { size, ...sampling }) => {
      const images = inputs.get('images');
      const [batch, , , channels] = images.shape;
      const target = [batch!, size[0], size[1], channels!];
      const resized = resample(graph, images, images.shape, target, sampling, fillRow, false);
      // Bilinear results are always float32; nearest ones keep the type of the image.
      return name === 'ResizeBilinear' ? resized : castTraced(graph, resized, images.type);
    }),
    kernel<ResizeBilinearAttrs>(`${name}Grad`, (graph, inputs, { size: _size, ...sampling }) => {
      const dy = inputs.get('dy');
      return resample(graph, dy, inputs.get('images').shape, dy.shape, sampling, fillRow, true);
    }),
  ];
}

/** Resizing of NHWC images, and its gradients. */
export const resizeKernels: readonly Kernel[] = [
  ...resize('ResizeBilinear', bilinearRow),
  ...resize('ResizeNearestNeighbor', nearestRow),
];
