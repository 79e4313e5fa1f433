import * as tfjs from '@tensorflow/tfjs-core';

/** The part of tf.js that the normalisation needs. */
export type LayerNormTensorFlow = Pick<
  typeof tfjs,
  | 'add'
  | 'customGrad'
  | 'engine'
  | 'getBackend'
  | 'getKernel'
  | 'mean'
  | 'mul'
  | 'reshape'
  | 'rsqrt'
  | 'square'
  | 'sub'
  | 'sum'
  | 'zeros'
>;

export interface LayerNormOptions {
  /** The first of the axes that are normalised over; all behind it belong to them. Default: the last. */
  readonly axis?: number;
  /** Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * `(x − mean) / √(variance + ε) · scale + offset` over the last axes, with a gradient of its own. On any backend; one
 * kernel each way on this one.
 *
 * @param scale in the shape of the axes that are normalised over, and so is the offset
 * @throws Error where the shapes do not fit
 */
export function layerNorm(
  x: tfjs.Tensor,
  scale: tfjs.Tensor,
  offset?: tfjs.Tensor,
  { axis = -1, epsilon = 1e-5 }: LayerNormOptions = {},
  tf: LayerNormTensorFlow = tfjs,
): tfjs.Tensor {
  const first = axis < 0 ? axis + x.rank : axis;
  const shape = x.shape.slice(first);
  const fits = ({ shape: own }: tfjs.Tensor) => own.join() === shape.join();
  if (first < 0 || first >= x.rank || !fits(scale) || (offset !== undefined && !fits(offset))) {
    throw new Error(
      `layerNorm: x [${x.shape}] has no axis ${axis}, or scale [${scale.shape}] and offset [${offset?.shape ?? ''}] do not have the shape of the axes from there on`,
    );
  }
  if (tf.getKernel(kernelName, tf.getBackend()) != null) {
    const inputs = offset === undefined ? { x, scale } : { x, scale, offset };
    return tf.engine().runKernel<tfjs.Tensor[]>(kernelName, inputs, { axis: first, epsilon })[0]!;
  }
  return composed(tf, x, scale, offset ?? tf.zeros(shape), first, epsilon);
}

const kernelName = 'LayerNormalization';

function composed(
  tf: LayerNormTensorFlow,
  x: tfjs.Tensor,
  scale: tfjs.Tensor,
  offset: tfjs.Tensor,
  first: number,
  epsilon: number,
): tfjs.Tensor {
  const columns = x.shape.map((_, axis) => axis).slice(first);
  const rows = x.shape.map((_, axis) => axis).slice(0, first);
  const overRows = (of: tfjs.Tensor) => tf.reshape(tf.sum(of, rows), scale.shape);
  const normalize = tf.customGrad((...args) => {
    const [image, gain, shift] = args as tfjs.Tensor[];
    const save = args.at(-1) as tfjs.GradSaveFunc;
    const centred = tf.sub(image!, tf.mean(image!, columns, true));
    const k = tf.rsqrt(tf.add(tf.mean(tf.square(centred), columns, true), epsilon));
    const normal = tf.mul(centred, k);
    save([normal, k, gain!]);
    return {
      value: tf.add(tf.mul(normal, gain!), shift!),
      gradFunc: (dy: tfjs.Tensor, saved: tfjs.Tensor[]) => {
        const [n, slope, weights] = saved as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
        const products = tf.mul(dy, n);
        const errors = tf.mul(dy, weights);
        const along = tf.mul(n, tf.mean(tf.mul(products, weights), columns, true));
        const ofX = tf.mul(tf.sub(tf.sub(errors, tf.mean(errors, columns, true)), along), slope);
        return [ofX, overRows(products), overRows(dy)];
      },
    };
  });
  return normalize(x, scale, offset);
}
