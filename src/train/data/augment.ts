import { dataErrors } from '../../errors/dataErrors.js';
import type { Rng } from '../../random/rng.js';
import type { Batch, DataSet } from './dataSet.js';
import { type ImageLayout, imageLayout } from './imageLayout.js';
import { cropImages } from './randomCrop.js';

/** How training images are changed, each time they are seen. */
export interface Augmentation {
  /** Least share of an image's area that is seen: a random window of it, brought to its size. Comes before the others. */
  readonly crop?: number;
  /** Pixels that an image is moved by at most, up or down and left or right; its edge is repeated. */
  readonly shift?: number;
  /** Whether every other image, by chance, is mirrored left to right. */
  readonly flip?: boolean;
}

/**
 * Reads `--augment`, e.g. `crop=0.5,shift=2,flip`.
 * @throws DATA_AUGMENT_SYNTAX
 */
export function parseAugmentation(text: string): Augmentation {
  let augmentation: Augmentation = {};
  for (const part of text.split(',').map((item) => item.trim())) {
    const [, crop] = /^crop=(\d*\.?\d+)$/.exec(part) ?? [];
    const [, shift] = /^shift=([1-9]\d{0,3})$/.exec(part) ?? [];
    if (shift !== undefined) augmentation = { ...augmentation, shift: Number(shift) };
    else if (Number(crop) > 0 && Number(crop) <= 1) augmentation = { ...augmentation, crop: Number(crop) };
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

/** A row of pixels from right to left. */
function mirrored(line: Float32Array, inner: number, into: Float32Array): Float32Array {
  const last = line.length - inner;
  for (let at = 0; at < line.length; at += inner) {
    for (let k = 0; k < inner; k++) into[at + k] = line[last - at + k]!;
  }
  return into;
}

/** A row of pixels, moved to the right by so many of them; the edge that is left is repeated. */
function copyMoved(line: Float32Array, inner: number, right: number, into: Float32Array): void {
  const { length } = line;
  const by = Math.min(length, Math.max(-length, right * inner));
  if (by >= 0) into.set(line.subarray(0, length - by), by);
  else into.set(line.subarray(-by), 0);
  for (let at = 0; at < by; at++) into[at] = line[at % inner]!;
  for (let at = length + by; at < length; at++) into[at] = line[length - inner + (at % inner)]!;
}

function changeImages(
  given: Float32Array,
  layout: ImageLayout,
  { crop, shift = 0, flip = false }: Augmentation,
  rng: Rng,
): Float32Array {
  const { outer, height, width, inner } = layout;
  const data = crop === undefined ? given : cropImages(given, layout, crop, rng.fork('crop'));
  const result = new Float32Array(data.length);
  const size = outer * height * width * inner;
  const clamp = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
  const scratch = new Float32Array(width * inner);
  for (let start = 0; start < data.length; start += size) {
    const isMirrored = flip && rng.int(2) === 1;
    const down = rng.int(2 * shift + 1) - shift;
    const right = rng.int(2 * shift + 1) - shift;
    for (let row = 0; row < outer * height; row++) {
      const plane = Math.floor(row / height);
      const from = start + (plane * height + clamp((row % height) - down, height)) * width * inner;
      const line = data.subarray(from, from + width * inner);
      const to = start + row * width * inner;
      copyMoved(
        isMirrored ? mirrored(line, inner, scratch) : line,
        inner,
        right,
        result.subarray(to, to + width * inner),
      );
    }
  }
  return result;
}
