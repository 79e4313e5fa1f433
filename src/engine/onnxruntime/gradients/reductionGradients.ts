import {
  broadcastTo,
  type CumsumAttrs,
  cast,
  cumsum,
  div,
  equal,
  expandDims,
  type GradConfig,
  type MaxAttrs,
  mul,
  onesLike,
  prod,
  range,
  reshape,
  type SoftmaxAttrs,
  type SumAttrs,
  sub,
  sum,
  type Tensor,
  transpose,
  util,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { flat, gradient, repeatAlong } from './gradient.js';

function axesOf(x: Tensor, axis: number | number[] | undefined): number[] {
  return util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
}

// Every place where the extreme value stands gets the gradient.
function extreme(name: 'Max' | 'Min'): GradConfig {
  return gradient<Partial<MaxAttrs> & Partial<SumAttrs>>(
    name,
    { inputs: ['x'], outputs: [true] },
    (dy, [x, y], { reductionIndices, axis }) => ({
      x: () => {
        const axes = axesOf(x!, reductionIndices ?? axis);
        const error = repeatAlong(dy, x!.shape, axes);
        return where(equal(x!, repeatAlong(y!, x!.shape, axes)), error, zerosLike(error));
      },
    }),
  );
}

// For every element the product of the others, from a square of copies with ones on its diagonal:
// dividing by the element would fail where it is zero.
function prodGradient(dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const moved = transpose(x, order);
  const rows = reshape(moved, [...kept.map((axis) => x.shape[axis]!), -1]);
  const count = rows.shape[kept.length]!;
  const copies = broadcastTo(expandDims(rows, kept.length), [...rows.shape, count]);
  const places = range(0, count, 1, 'int32');
  const isOwn = broadcastTo(equal(reshape(places, [count, 1]), places), copies.shape);
  const others = prod(where(isOwn, onesLike(copies), copies), -1);
  const scaled = mul(others, reshape(dy, [...rows.shape.slice(0, -1), 1]));
  const back = order.map((_, axis) => order.indexOf(axis));
  return transpose(reshape(scaled, moved.shape), back);
}

/** Gradients of kernels that run over axes. */
export const reductionGradients: readonly GradConfig[] = [
  flat('ArgMax', 'x'),
  flat('ArgMin', 'x'),
  gradient<CumsumAttrs>('Cumsum', {}, (dy, _saved, { axis, exclusive, reverse }) => ({
    x: () => cumsum(dy, axis, exclusive, !reverse),
  })),
  extreme('Max'),
  gradient<SumAttrs>('Mean', { inputs: ['x'] }, (dy, [x], { axis }) => ({
    x: () => {
      const axes = axesOf(x!, axis);
      const count = axes.reduce((product, a) => product * x!.shape[a]!, 1);
      return repeatAlong(div(dy, count), x!.shape, axes);
    },
  })),
  extreme('Min'),
  gradient<SumAttrs>('Prod', { inputs: ['x'] }, (dy, [x], { axis }) => ({
    x: () => prodGradient(dy, cast(x!, 'float32'), axesOf(x!, axis)),
  })),
  gradient<SoftmaxAttrs>('Softmax', { outputs: [true] }, (dy, [y], { dim }) => ({
    logits: () => {
      const weighted = mul(dy, y!);
      return sub(weighted, mul(sum(weighted, dim, true), y!));
    },
  })),
  gradient<SumAttrs>('Sum', { inputs: ['x'] }, (dy, [x], { axis }) => ({
    x: () => repeatAlong(cast(dy, 'float32'), x!.shape, axesOf(x!, axis)),
  })),
];
