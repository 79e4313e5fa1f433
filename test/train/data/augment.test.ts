import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/random/rng.js';
import { type Augmentation, augmentData, parseAugmentation } from '../../../src/train/data/augment.js';
import type { Batch, DataSet } from '../../../src/train/data/index.js';

/** Batches of equal images, with all their pixels told apart. */
function imagesOf(sampleShape: readonly number[], count = 200): DataSet {
  const size = sampleShape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: count * size }, (_, i) => i % size);
  async function* batches(): AsyncGenerator<Batch> {
    for (let i = 0; i < 2; i++) yield { x: { data, shape: [count, ...sampleShape] }, y: new Int32Array(count) };
  }
  const common = { source: 'images', sampleShape, labelled: true, hasTest: true, trainBatches: () => 2 };
  return { ...common, train: batches, test: batches };
}

async function imagesSeen(shape: readonly number[], augmentation: Augmentation, epoch = 0, seed = 1) {
  const size = shape.reduce((a, b) => a * b, 1);
  const images: string[] = [];
  for await (const { x } of augmentData(imagesOf(shape), augmentation).train(epoch, 200, createRng(seed))) {
    for (let at = 0; at < x.data.length; at += size) images.push([...x.data.subarray(at, at + size)].join(' '));
  }
  return images;
}

describe('augmentData', () => {
  it('mirrors half of the images, left to right, all channels alike', async () => {
    const seen = await imagesSeen([2, 2, 3], { flip: true });
    const counts = ['0 1 2 3 4 5 6 7 8 9 10 11', '2 1 0 5 4 3 8 7 6 11 10 9'].map(
      (image) => seen.filter((other) => other === image).length,
    );
    expect(counts[0]! + counts[1]!).toBe(400);
    expect(Math.abs(counts[0]! - 200)).toBeLessThan(50);
  });

  it('moves images by up to so many pixels, and repeats their edges', async () => {
    const seen = await imagesSeen([1, 3, 3], { shift: 1 });
    const expected = [-1, 0, 1].flatMap((down) =>
      [-1, 0, 1].map((right) => {
        const at = (y: number, x: number) =>
          3 * Math.min(2, Math.max(0, y - down)) + Math.min(2, Math.max(0, x - right));
        return [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => at(y, x))).join(' ');
      }),
    );
    expect([...new Set(seen)].sort()).toEqual(expected.sort());
  });

  it('repeats edges across the whole image where it is moved out of sight', async () => {
    const seen = new Set(await imagesSeen([1, 2, 3], { shift: 4, flip: true }));
    const moves = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
    const expected = moves.flatMap((down) =>
      moves.flatMap((right) =>
        [false, true].map((isMirrored) => {
          const at = (y: number, x: number) => {
            const column = Math.min(2, Math.max(0, x - right));
            return 3 * Math.min(1, Math.max(0, y - down)) + (isMirrored ? 2 - column : column);
          };
          return [0, 1].flatMap((y) => [0, 1, 2].map((x) => at(y, x))).join(' ');
        }),
      ),
    );
    expect([...seen].filter((image) => !expected.includes(image))).toEqual([]);
    expect(seen.size).toBeGreaterThan(15);
  });

  it('does the same with channels that come last', async () => {
    const [first, last] = [
      await imagesSeen([1, 4, 5], { shift: 2, flip: true }),
      await imagesSeen([4, 5, 2], { shift: 2, flip: true }),
    ];
    const channel = (image: string) =>
      image
        .split(' ')
        .map(Number)
        .filter((_, i) => i % 2 === 0)
        .map((n) => n / 2)
        .join(' ');
    expect(last.map(channel)).toEqual(first);
  });

  it('depends on seed, epoch and batch, and on nothing else', async () => {
    const both = { crop: 0.5, shift: 1, flip: true };
    const seen = await imagesSeen([1, 3, 3], both);
    expect(await imagesSeen([1, 3, 3], both)).toEqual(seen);
    expect(await imagesSeen([1, 3, 3], both, 1)).not.toEqual(seen);
    expect(await imagesSeen([1, 3, 3], both, 0, 2)).not.toEqual(seen);
    expect(seen.slice(200)).not.toEqual(seen.slice(0, 200));
  });

  it('crops windows of the share and aspect that are asked for, anywhere', async () => {
    // Pixels that are their own coordinates: what is seen is a line from one edge of the window to the other.
    const side = 40;
    const window = (image: string, step: number) => {
      const at = image.split(' ').map(Number);
      const middle = (side / 2) * side + side / 2;
      // A pixel's value is row · side + column, of which one step shows the scale.
      return (at[middle + step]! - at[middle]!) * side;
    };
    const seen = await imagesSeen([1, side, side], { crop: 0.25 });
    const sizes = seen.map((image) => [window(image, side) / side, window(image, 1)] as const);
    const areas = sizes.map(([height, width]) => (height * width) / side ** 2);
    expect(Math.min(...areas)).toBeGreaterThan(0.23);
    expect(Math.min(...areas)).toBeLessThan(0.3);
    expect(Math.max(...areas)).toBeGreaterThan(0.9);
    const aspects = sizes.map(([height, width]) => width / height);
    expect(Math.min(...aspects)).toBeGreaterThan(0.7);
    expect(Math.max(...aspects)).toBeLessThan(1.42);
    expect(Math.max(...aspects) - Math.min(...aspects)).toBeGreaterThan(0.4);
    const corners = seen.map((image) => Number(image.split(' ')[0]));
    expect(new Set(corners.map((corner) => Math.floor(corner / side))).size).toBeGreaterThan(8);
    expect(new Set(corners.map((corner) => corner % side)).size).toBeGreaterThan(8);
  });

  it('interpolates between the centres of pixels, and leaves the whole image as it is', async () => {
    const whole = Array.from({ length: 16 }, (_, i) => i).join(' ');
    const seen = await imagesSeen([1, 4, 4], { crop: 0.2 });
    expect(seen).toContain(whole);
    // The window of 2 × 2 pixels from the corner on, drawn to 4 × 4.
    const line = (from: number) => [0, 0.25, 0.75, 1].map((x) => from + x).join(' ');
    expect(seen).toContain([0, 1, 3, 4].map(line).join(' '));
    const [first, last] = [
      await imagesSeen([1, 4, 5], { crop: 0.3, shift: 1 }),
      await imagesSeen([4, 5, 2], { crop: 0.3, shift: 1 }),
    ];
    const half = (image: string) => image.split(' ').flatMap((n, i) => (i % 2 === 0 ? [Number(n) / 2] : []));
    for (const [i, image] of last.entries()) {
      const wanted = first[i]!.split(' ').map(Number);
      for (const [at, value] of half(image).entries()) expect(value).toBeCloseTo(wanted[at]!, 4);
    }
  });

  it('leaves test images and the originals alone', async () => {
    const data = imagesOf([1, 3, 3], 20);
    const original = [...(await data.test(20)[Symbol.asyncIterator]().next()).value.x.data];
    const augmented = augmentData(data, { shift: 2, flip: true });
    for await (const { x } of augmented.train(0, 20, createRng(0))) expect([...x.data]).not.toEqual(original);
    for await (const { x } of augmented.test(20)) expect([...x.data]).toEqual(original);
  });

  it('takes images alone', () => {
    expect(() => augmentData(imagesOf([64]), { flip: true })).toThrow(
      expect.objectContaining({ code: 'DATA_AUGMENT_SHAPE' }),
    );
  });
});

describe('parseAugmentation', () => {
  it.each([
    ['flip', { flip: true }],
    ['shift=2', { shift: 2 }],
    ['shift=12, flip', { shift: 12, flip: true }],
    ['crop=0.08,flip', { crop: 0.08, flip: true }],
    ['crop=1', { crop: 1 }],
    ['crop=.5,shift=1', { crop: 0.5, shift: 1 }],
  ])('reads %s', (text, expected) => {
    expect(parseAugmentation(text)).toEqual(expected);
  });

  it.each([
    '',
    'flip,',
    'shift',
    'shift=0',
    'shift=-1',
    'shift=1.5',
    'turn',
    'crop',
    'crop=0',
    'crop=1.1',
    'crop=-0.5',
  ])('refuses %j', (text) => {
    expect(() => parseAugmentation(text)).toThrow(expect.objectContaining({ code: 'DATA_AUGMENT_SYNTAX' }));
  });
});
