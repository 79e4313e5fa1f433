import { dataErrors } from '../../errors/dataErrors.js';
import type { Rng } from '../../random/rng.js';
import type { Batch, DataSet } from './dataSet.js';

/** How training images are changed, each time they are seen. */
export interface Augmentation {
  /** Pixels that an image is moved by at most, up or down and left or right; its edge is repeated. */
  readonly shift?: number;
  /** Whether every other image, by chance, is mirrored left to right. */
  readonly flip?: boolean;
}

/**
 * Reads `--augment`, e.g. `shift=2,flip`.
 * @throws DATA_AUGMENT_SYNTAX
 */
export function parseAugmentation(text: string): Augmentation {
  let augmentation: Augmentation = {};
  for (const part of text.split(',').map((item) => item.trim())) {
    const [, shift] = /^shift=([1-9]\d{0,3})$/.exec(part) ?? [];
    if (shift !== undefined) augmentation = { ...augmentation, shift: Number(shift) };
    else if (part === 'flip') augmentation = { ...augmentation, flip: true };
    else throw dataErrors.augmentSyntax(text);
  }
  return augmentation;
}

/**
 * The data set with its training images changed: by the rng, the epoch, the batch and the place in it alone. Images are
 * [C, H, W], or [H, W, C] where that has fewer channels.
 *
 * @throws DATA_AUGMENT_SHAPE where samples are no images
 */
export function augmentData(dataSet: DataSet, augmentation: Augmentation): DataSet {
  const { source, sampleShape } = dataSet;
  const layout = imageLayout(sampleShape);
  if (layout === undefined) throw dataErrors.augmentShape(source, sampleShape);
  async function* changed(batches: AsyncIterable<Batch>, rng: Rng): AsyncGenerator<Batch> {
    let index = 0;
    for await (const batch of batches) {
      const data = changeImages(batch.x.data, layout!, augmentation, rng.fork(`batch ${index++}`));
      yield { ...batch, x: { ...batch.x, data } };
    }
  }
  return {
    ...dataSet,
    train: (epoch, batchSize, rng) =>
      changed(dataSet.train(epoch, batchSize, rng), rng.fork(`augmentation of epoch ${epoch}`)),
  };
}

/** Rows of pixels, `inner` numbers each: [outer, height, width, inner]. */
interface ImageLayout {
  readonly outer: number;
  readonly height: number;
  readonly width: number;
  readonly inner: number;
}

function imageLayout(shape: readonly number[]): ImageLayout | undefined {
  const [a, b, c] = shape;
  if (a === undefined || b === undefined || c === undefined || shape.length !== 3) return undefined;
  return c < a ? { outer: 1, height: a, width: b, inner: c } : { outer: a, height: b, width: c, inner: 1 };
}

function changeImages(
  data: Float32Array,
  { outer, height, width, inner }: ImageLayout,
  { shift = 0, flip = false }: Augmentation,
  rng: Rng,
): Float32Array {
  const result = new Float32Array(data.length);
  const size = outer * height * width * inner;
  const clamp = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
  for (let start = 0; start < data.length; start += size) {
    const isMirrored = flip && rng.int(2) === 1;
    const down = rng.int(2 * shift + 1) - shift;
    const right = rng.int(2 * shift + 1) - shift;
    for (let row = 0; row < outer * height; row++) {
      const plane = Math.floor(row / height);
      const from = start + (plane * height + clamp((row % height) - down, height)) * width * inner;
      const to = start + row * width * inner;
      for (let x = 0; x < width; x++) {
        const seen = clamp(x - right, width);
        const pixel = from + (isMirrored ? width - 1 - seen : seen) * inner;
        for (let k = 0; k < inner; k++) result[to + x * inner + k] = data[pixel + k]!;
      }
    }
  }
  return result;
}
