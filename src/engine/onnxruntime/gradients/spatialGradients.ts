import {
  addN,
  type BatchToSpaceNDAttrs,
  batchToSpaceND,
  type Conv3DAttrs,
  type GradConfig,
  type LRNAttrs,
  type MirrorPadAttrs,
  pad,
  reverse,
  type SpaceToBatchNDAttrs,
  slice,
  spaceToBatchND,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { checkDilation, gradient } from './gradient.js';
import { runKernel } from './runKernel.js';

/** Elements `start … start + length` of an axis. */
function part(x: Tensor, axis: number, start: number, length: number): Tensor {
  return slice(
    x,
    x.shape.map((_, a) => (a === axis ? start : 0)),
    x.shape.map((dim, a) => (a === axis ? length : dim)),
  );
}

// Each element gets back what its mirror images got; `gap` elements lie between an edge and its image.
function unmirrored(dy: Tensor, axis: number, [before, after]: readonly [number, number], gap: number): Tensor {
  const inner = dy.shape[axis]! - before - after;
  const folded = (start: number, length: number, at: number): Tensor =>
    pad(
      reverse(part(dy, axis, start, length), axis),
      dy.shape.map((_, a): [number, number] => (a === axis ? [at, inner - at - length] : [0, 0])),
    );
  return addN([
    part(dy, axis, before, inner),
    ...(before > 0 ? [folded(0, before, gap)] : []),
    ...(after > 0 ? [folded(before + inner, after, inner - gap - after)] : []),
  ]);
}

/** Gradients of kernels on images and volumes, and of what is made of their pixels. */
export const spatialGradients: readonly GradConfig[] = [
  gradient<BatchToSpaceNDAttrs>('BatchToSpaceND', {}, (dy, _saved, { blockShape, crops }) => ({
    x: () => spaceToBatchND(dy, blockShape, crops),
  })),
  gradient<Conv3DAttrs>('Conv3D', { inputs: ['x', 'filter'] }, (dy, [x, filter], { dilations, strides, pad }) => {
    checkDilation('Conv3D', dilations);
    const common = { strides, pad, dilations };
    return {
      x: () => runKernel('Conv3DBackpropInputV2', { dy, filter: filter! }, { ...common, inputShape: x!.shape }),
      filter: () => runKernel('Conv3DBackpropFilterV2', { x: x!, dy }, { ...common, filterShape: filter!.shape }),
    };
  }),
  gradient<object>('GroupedConv', { inputs: ['x', 'filter'] }, (dy, [x, filter], attributes) => ({
    x: () => runKernel('GroupedConvBackpropInput', { dy, filter: filter! }, { ...attributes, inputShape: x!.shape }),
    filter: () => runKernel('GroupedConvBackpropFilter', { x: x!, dy }, { ...attributes, filterShape: filter!.shape }),
  })),
  gradient<LRNAttrs>('LRN', { inputs: ['x'], outputs: [true] }, (dy, [x, y], attributes) => ({
    x: () => runKernel('LRNGrad', { x: x!, y: y!, dy }, attributes),
  })),
  gradient<MirrorPadAttrs>('MirrorPad', {}, (dy, _saved, { paddings, mode }) => ({
    x: () =>
      paddings.reduce((rest: Tensor, padding, axis) => unmirrored(rest, axis, padding, mode === 'reflect' ? 1 : 0), dy),
  })),
  gradient<SpaceToBatchNDAttrs>('SpaceToBatchND', {}, (dy, _saved, { blockShape, paddings }) => ({
    x: () => batchToSpaceND(dy, blockShape, paddings),
  })),
];
