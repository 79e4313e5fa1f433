/**
 * @file Kernels that tf.js's WebAssembly backend lacks, or has as plain loops only, composed of those that it has. The
 * compositions are the fastest of those that were tried: the filter's gradient as a convolution takes a fifth of what
 * products of shifted slices take.
 */

/** Gives a backend of tf.js, or changes, the kernels that it needs to train convolutional networks. */
export function registerComposedKernels(tf, backendName) {
  for (const [kernelName, compose] of Object.entries(KERNELS)) {
    const own = tf.getKernel(kernelName, backendName);
    if (own != null) tf.unregisterKernel(kernelName, backendName);
    const kernelFunc = (call) => tf.tidy(() => compose(tf, call.inputs, call.attrs, () => own.kernelFunc(call)));
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}

const KERNELS = {
  // The fast product is for operands that lie as they are.
  BatchMatMul: (tf, { a, b }, { transposeA, transposeB }, own) => {
    if (!transposeA && !transposeB) return own();
    const upright = (x, isTransposed) => {
      const [row, column] = [x.shape.length - 2, x.shape.length - 1];
      return isTransposed
        ? tf.transpose(
            x,
            [...x.shape.keys()].map((axis) => (axis === row ? column : axis === column ? row : axis)),
          )
        : x;
    };
    return tf.matMul(upright(a, transposeA), upright(b, transposeB));
  },

  Conv2DBackpropInput: (tf, { dy, filter }, { inputShape, ...attributes }) => {
    const window = windowOf(tf, inputShape, filter.shape, attributes, false);
    // The flipped filter [kh, kw, C, K] takes dy's channels to those of x.
    const flipped = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(spread(tf, dy, window.strides), flipped, 1, window.gradientPadding);
  },

  Conv2DBackpropFilter: (tf, { x, dy }, { filterShape, ...attributes }) => {
    const { strides, padding } = windowOf(tf, x.shape, filterShape, attributes, false);
    // Samples become the channels that are summed over, and dy a filter as large as an image.
    const images = tf.transpose(tf.pad(x, padding), [3, 1, 2, 0]); // NHWC → CHWN
    const kernel = tf.transpose(dy, [1, 2, 0, 3]); // NHWK → HWNK
    const result = tf.conv2d(images, kernel, 1, 'valid', 'NHWC', strides);
    const [rows, columns, from, to] = filterShape;
    return tf.transpose(tf.slice(result, [0, 0, 0, 0], [from, rows, columns, to]), [1, 2, 0, 3]);
  },

  DepthwiseConv2dNativeBackpropInput: (tf, { dy, filter }, { inputShape, ...attributes }) => {
    const window = windowOf(tf, inputShape, filter.shape, attributes, true);
    const flipped = tf.reverse(filter, [0, 1]);
    return tf.depthwiseConv2d(spread(tf, dy, window.strides), flipped, 1, window.gradientPadding);
  },

  DepthwiseConv2dNativeBackpropFilter: (tf, { x, dy }, { filterShape, ...attributes }) => {
    const { strides, padding } = windowOf(tf, x.shape, filterShape, attributes, true);
    const padded = tf.pad(x, padding);
    const [batch, height, width, channels] = dy.shape;
    const parts = [];
    for (let i = 0; i < filterShape[0]; i++) {
      for (let j = 0; j < filterShape[1]; j++) {
        const end = [batch, i + (height - 1) * strides[0] + 1, j + (width - 1) * strides[1] + 1, channels];
        const met =
          strides[0] === 1 && strides[1] === 1
            ? tf.slice(padded, [0, i, j, 0], dy.shape)
            : tf.stridedSlice(padded, [0, i, j, 0], end, [1, ...strides, 1]);
        parts.push(tf.sum(tf.mul(met, dy), [0, 1, 2]));
      }
    }
    return tf.reshape(tf.stack(parts), filterShape);
  },

  /** Sums rows of x [N, …] by segmentIds [N], as a product with their one-hot rows. */
  UnsortedSegmentSum: (tf, { x, segmentIds }, { numSegments }) => {
    const rows = tf.cast(tf.oneHot(segmentIds, numSegments), 'float32');
    const sums = tf.matMul(rows, tf.reshape(x, [x.shape[0], -1]), true);
    return tf.reshape(sums, [numSegments, ...x.shape.slice(1)]);
  },
};

/** How a filter moves over x, and how it is padded: forward, and as a convolution of the spread gradient. */
function windowOf(tf, inputShape, filterShape, { strides, dilations = 1, pad, dimRoundingMode }, isDepthwise) {
  const info = tf.backend_util.computeConv2DInfo(
    ...[inputShape, filterShape, strides, dilations, pad, dimRoundingMode, isDepthwise],
  );
  if (info.dilationHeight !== 1 || info.dilationWidth !== 1) throw new Error('composed kernels know no dilation');
  if (isDepthwise && filterShape[3] !== 1) throw new Error('composed kernels know one filter per channel');
  const { top, bottom, left, right } = info.padInfo;
  const gradientPadding = [
    [0, 0],
    ...[
      [info.inHeight, info.outHeight, info.strideHeight, info.filterHeight, top],
      [info.inWidth, info.outWidth, info.strideWidth, info.filterWidth, left],
    ].map(([input, output, stride, size, before]) => [size - 1 - before, input - output * stride + before]),
    [0, 0],
  ];
  const padding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return { strides: [info.strideHeight, info.strideWidth], padding, gradientPadding };
}

/** dy [N, H, W, K] with stride − 1 zeros behind each row and column. */
function spread(tf, dy, [rows, columns]) {
  if (rows === 1 && columns === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const apart = tf.reshape(dy, [batch * height, 1, width, 1, channels]);
  const zeros = [
    [0, 0],
    [0, rows - 1],
    [0, 0],
    [0, columns - 1],
    [0, 0],
  ];
  return tf.reshape(tf.pad(apart, zeros), [batch, height * rows, width * columns, channels]);
}
