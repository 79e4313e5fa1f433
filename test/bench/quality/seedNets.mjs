/** @file The trained networks that the methods begin with, and how one of them came about. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GraphBuilder } from '../models/graphBuilder.mjs';

const fixture = (name) => fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

/** Where Debian's package dataset-fashion-mnist puts it. */
const FASHION = '/usr/share/datasets/fashion-mnist';

/**
 * Networks by name: the file, its data, how samples are scaled, the learning rate of all methods, and what there is to
 * start the training of it with.
 */
export const SEED_NETS = {
  'fashion-resnet8': {
    path: fixture('fashion-resnet8.onnx'),
    data: FASHION,
    scale: 1 / 255,
    learningRate: 0.1,
  },
  'fashion-vgg': {
    path: fixture('fashion-vgg.onnx'),
    data: FASHION,
    scale: 1 / 255,
    learningRate: 0.02,
    build: fashionVgg,
  },
  'digits-resnet8': {
    path: fixture('digits-resnet8.onnx'),
    data: fixture('digits.npz'),
    scale: 1 / 16,
    learningRate: 0.05,
  },
};

/** @returns why a network cannot be used */
export function obstacleOf({ path, data }, folder = data) {
  if (!existsSync(folder)) {
    return `there is no ${folder}: install Debian's dataset-fashion-mnist, or name a folder of its IDX files with --data`;
  }
  return existsSync(path) ? undefined : `there is no ${path}: make it with --train-seed`;
}

/** Six 3×3 convolutions with biases and without normalisation, a pooling after each pair: 7.3 M MACs at 28×28. */
export function fashionVgg(kit) {
  const graph = new GraphBuilder(kit, [1, 28, 28]);
  let [y, from] = ['x', 1];
  for (const width of [16, 32, 64]) {
    for (let i = 0; i < 2; i++) {
      y = graph.add('Relu', [graph.conv(y, from, width, 3, { bias: true })]);
      from = width;
    }
    if (width < 64) y = graph.add('MaxPool', [y], { kernel_shape: [2, 2], strides: [2, 2] });
  }
  return graph.model(graph.head(y, from, 10));
}

/** How the samples of a network are read. */
export function dataOptionsOf({ scale }) {
  return { normalisation: { scale, mean: [0], std: [1] } };
}
