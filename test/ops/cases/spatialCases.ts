import { type AttributeSketch, floats, integers, node, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

type Attributes = Readonly<Record<string, AttributeSketch>>;

const IMAGE = [1, 2, 4, 3];
const nothing = floats([], [0]);

function resizing(
  title: string,
  { scales, sizes }: { readonly scales?: readonly number[]; readonly sizes?: readonly number[] },
  attributes: Attributes = {},
  x: readonly number[] = IMAGE,
  opset = 19,
): OpCase {
  const weights: Record<string, WeightSketch> = {};
  if (scales !== undefined) weights.scales = floats(scales);
  if (sizes !== undefined) weights.sizes = integers(sizes);
  const inputs = ['x', '', scales === undefined ? '' : 'scales', ...(sizes === undefined ? [] : ['sizes'])];
  return { record: 'Resize@11', title, opset, node: node('Resize', inputs, 'y', attributes), inputs: { x }, weights };
}

const coordinates = ['half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners', 'half_pixel_symmetric'];
const roundings = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'];
const up = [1, 1, 2, 3];
const down = [1, 1, 0.6, 0.5];

const resizes: readonly OpCase[] = [
  resizing(
    'to twice the size',
    { scales: [1, 1, 2, 2] },
    { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  ),
  resizing('with no more than scales', { scales: up }),
  ...coordinates.flatMap((mode) =>
    [up, down, [1, 1, 1.7, 1]].flatMap((scales) => [
      resizing(
        `linear, ${mode}, by ${scales.join(', ')}`,
        { scales },
        { mode: 'linear', coordinate_transformation_mode: mode },
      ),
      resizing(
        `cubic, ${mode}, by ${scales.join(', ')}`,
        { scales },
        { mode: 'cubic', coordinate_transformation_mode: mode },
      ),
      ...roundings.map((nearest_mode) =>
        resizing(
          `nearest, ${mode}, ${nearest_mode}, by ${scales.join(', ')}`,
          { scales },
          { coordinate_transformation_mode: mode, nearest_mode },
        ),
      ),
    ]),
  ),
  resizing('by sizes', { sizes: [1, 2, 7, 5] }, { mode: 'linear' }),
  resizing(
    'to one element',
    { sizes: [1, 2, 1, 1] },
    { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
  ),
  resizing('by sizes of some axes', { sizes: [6, 2] }, { axes: [-1, 2] }),
  resizing('by scales of some axes', { scales: [2] }, { axes: [3], mode: 'linear' }),
  resizing('to what it is', { sizes: IMAGE }, { mode: 'linear' }),
  resizing('cubic, without what lies outside', { scales: up }, { mode: 'cubic', exclude_outside: 1 }),
  resizing('cubic of another coefficient', { scales: up }, { mode: 'cubic', cubic_coeff_a: { float: -0.5 } }),
  resizing('of one axis', { scales: [1, 1, 2] }, { mode: 'linear' }, [1, 2, 5]),
  resizing(
    'of three axes',
    { scales: [1, 1, 2, 1, 2] },
    { coordinate_transformation_mode: 'asymmetric' },
    [1, 1, 2, 2, 3],
  ),
  {
    ...resizing(
      'of opset 11 with empty inputs',
      { sizes: [1, 2, 8, 6] },
      { mode: 'linear', coordinate_transformation_mode: 'tf_half_pixel_for_nn' },
    ),
    opset: 11,
    node: node('Resize', ['x', 'none', 'none', 'sizes'], 'y', {
      mode: 'nearest',
      coordinate_transformation_mode: 'tf_half_pixel_for_nn',
    }),
    weights: { none: nothing, sizes: integers([1, 2, 8, 6]) },
  },
  {
    ...resizing('with a cropped region', { sizes: [1, 2, 3, 3] }),
    node: node('Resize', ['x', 'roi', '', 'sizes'], 'y', {
      coordinate_transformation_mode: 'tf_crop_and_resize',
      mode: 'linear',
    }),
    weights: { roi: floats([0, 0, 0.2, 0.3, 1, 1, 0.8, 0.9]), sizes: integers([1, 2, 3, 3]) },
    untrainable: "its coordinate_transformation_mode is 'tf_crop_and_resize'",
  },
  {
    ...resizing('with an antialias filter', { scales: down }, { mode: 'linear', antialias: 1 }),
    untrainable: 'its antialias filter has no form in tf.js',
  },
  {
    ...resizing(
      'that keeps the aspect ratio',
      { sizes: [8, 9] },
      { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' },
    ),
    untrainable: "its keep_aspect_ratio_policy is 'not_larger'",
  },
  ...[up, down, [1, 1, 1.5, 1]].flatMap((scales) =>
    ['nearest', 'linear'].flatMap((mode): readonly OpCase[] => [
      {
        record: 'Resize@10',
        title: `${mode} by ${scales.join(', ')}`,
        opset: 10,
        node: node('Resize', ['x', 'scales'], 'y', { mode }),
        inputs: { x: IMAGE },
        weights: { scales: floats(scales) },
      },
      ...(scales === down
        ? []
        : [
            {
              record: 'Upsample@9',
              title: `${mode} by ${scales.join(', ')}`,
              opset: 9,
              node: node('Upsample', ['x', 'scales'], 'y', { mode }),
              inputs: { x: IMAGE },
              weights: { scales: floats(scales) },
            },
            {
              record: 'Upsample@7',
              title: `${mode} by ${scales.join(', ')}`,
              opset: 7,
              node: node('Upsample', ['x'], 'y', { mode, scales: { floats: scales } }),
              inputs: { x: IMAGE },
            },
          ]),
    ]),
  ),
];

function pad(
  title: string,
  pads: readonly number[],
  attributes: Attributes = {},
  x: readonly number[] = IMAGE,
): OpCase {
  return {
    record: 'Pad@11',
    title,
    opset: 19,
    node: node('Pad', ['x', 'pads'], 'y', attributes),
    inputs: { x },
    weights: { pads: integers(pads) },
  };
}

const around = [0, 0, 1, 2, 0, 0, 2, 1];
const pads: readonly OpCase[] = [
  ...['constant', 'reflect', 'edge', 'wrap'].map((mode) => pad(mode, around, { mode })),
  ...['constant', 'reflect', 'edge'].flatMap((mode) => [
    pad(`${mode}, of channels`, [0, 1, 0, 0, 0, 1, 0, 0], { mode }),
    { ...pad(`${mode} of opset 11`, around, { mode }), opset: 11 },
    {
      ...pad(`${mode} by attributes`, around),
      record: 'Pad@2',
      opset: 10,
      node: node('Pad', ['x'], 'y', { mode, pads: around, value: { float: 0.5 } }),
      weights: {},
    },
  ]),
  pad('that crops', [0, 0, -1, 0, 0, 0, -1, -1]),
  pad('that crops and adds', [0, 0, -1, 1, 0, 0, 2, -1], { mode: 'edge' }),
  {
    ...pad('with a value', around),
    node: node('Pad', ['x', 'pads', 'value'], 'y'),
    weights: { pads: integers(around), value: floats([0.25], []) },
  },
  {
    ...pad('of some axes', around),
    node: node('Pad', ['x', 'pads', '', 'axes'], 'y', { mode: 'reflect' }),
    weights: { pads: integers([1, 2, 0, 1]), axes: integers([-1, 2]) },
  },
  {
    ...pad('with a value that is fed', around),
    node: node('Pad', ['x', 'pads', 'value'], 'y'),
    inputs: { x: IMAGE, value: [] },
    untrainable: 'its padding is calculated from the data',
  },
];

const depths: readonly OpCase[] = [
  ...['DCR', 'CRD'].map(
    (mode): OpCase => ({
      record: 'DepthToSpace@1',
      title: mode,
      opset: 17,
      node: node('DepthToSpace', ['x'], 'y', { blocksize: 2, mode }),
      inputs: { x: [2, 8, 2, 3] },
    }),
  ),
  {
    record: 'DepthToSpace@1',
    title: 'of opset 9',
    opset: 9,
    node: node('DepthToSpace', ['x'], 'y', { blocksize: 3 }),
    inputs: { x: [1, 18, 1, 2] },
  },
  {
    record: 'SpaceToDepth@1',
    title: 'of blocks of 2',
    opset: 17,
    node: node('SpaceToDepth', ['x'], 'y', { blocksize: 2 }),
    inputs: { x: [2, 3, 4, 2] },
  },
];

const norms: readonly OpCase[] = [1, 3, 5].map((size) => ({
  record: 'LRN@1',
  title: `over ${size}`,
  opset: size === 5 ? 9 : 17,
  node: node('LRN', ['x'], 'y', { size, alpha: { float: 0.9 }, bias: { float: 1.5 } }),
  inputs: { x: [1, 4, 2, 2] },
}));

const samplers: readonly OpCase[] = [
  ...[16, 20].map((opset) => ({
    record: 'GridSample@16',
    title: `of opset ${opset}`,
    opset,
    node: node('GridSample', ['x', 'grid'], 'y', { align_corners: 1 }),
    inputs: { x: [1, 2, 3, 3], grid: [1, 2, 2, 2] },
    untrainable: 'tf.js has no gradient for sampling by a grid',
  })),
  {
    record: 'AffineGrid@20',
    title: 'of an image',
    opset: 20,
    node: node('AffineGrid', ['theta', 'size'], 'y'),
    inputs: { theta: [1, 2, 3] },
    weights: { size: integers([1, 2, 3, 4]) },
    untrainable: 'tf.js has no grids of places',
  },
  {
    record: 'RoiAlign@10',
    title: 'of an image',
    opset: 16,
    node: node('RoiAlign', ['x', 'rois', 'images'], 'y', { output_height: 2, output_width: 2 }),
    inputs: { x: [1, 2, 4, 4] },
    weights: { rois: floats([0, 0, 3, 3, 1, 1, 2, 3], [2, 4]), images: integers([0, 0]) },
    untrainable: 'tf.js has no gradient for regions of interest',
  },
  {
    record: 'MaxRoiPool@1',
    title: 'of an image',
    opset: 16,
    node: node('MaxRoiPool', ['x', 'rois'], 'y', { pooled_shape: [2, 2] }),
    inputs: { x: [1, 2, 4, 4] },
    weights: { rois: floats([0, 0, 0, 3, 3], [1, 5]) },
    untrainable: 'tf.js has no gradient for regions of interest',
  },
];

export const spatialCases: readonly OpCase[] = [...resizes, ...pads, ...depths, ...norms, ...samplers];
