import type { Rng } from '../../random/rng.js';
import type { ImageLayout } from './imageLayout.js';

/** Of width over height, from the inverse to this; as torchvision's RandomResizedCrop has it. */
const LARGEST_ASPECT = 4 / 3;

/** Windows that are tried before the whole image is taken. */
const TRIES = 10;

/** Part of an image, in pixels. */
interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Takes a random window of each image and brings it to the size of the image, by bilinear interpolation between the
 * centres of pixels. Its area is a share of the image's between `least` and 1, each as likely as the others, its aspect
 * between 3/4 and 4/3, evenly in the logarithm, its place any; where ten such windows do not fit into the image, it
 * stays whole.
 *
 * @see Szegedy et al., Going deeper with convolutions, CVPR 2015, section 6
 */
export function cropImages(data: Float32Array, layout: ImageLayout, least: number, rng: Rng): Float32Array {
  const { outer, height, width, inner } = layout;
  const result = new Float32Array(data.length);
  const size = outer * height * width * inner;
  for (let start = 0; start < data.length; start += size) {
    const window = drawWindow(layout, least, rng);
    const rows = placesIn(window.top, window.height, height);
    const columns = placesIn(window.left, window.width, width);
    for (let plane = 0; plane < outer; plane++) {
      const base = start + plane * height * width * inner;
      for (const [y, row] of rows.entries()) {
        for (const [x, column] of columns.entries()) {
          const at = (r: number, c: number) => base + (r * width + c) * inner;
          const to = at(y, x);
          const [upLeft, upRight] = [at(row.first, column.first), at(row.first, column.second)];
          const [downLeft, downRight] = [at(row.second, column.first), at(row.second, column.second)];
          for (let k = 0; k < inner; k++) {
            const up = between(data[upLeft + k]!, data[upRight + k]!, column.share);
            const down = between(data[downLeft + k]!, data[downRight + k]!, column.share);
            result[to + k] = between(up, down, row.share);
          }
        }
      }
    }
  }
  return result;
}

function drawWindow({ height, width }: ImageLayout, least: number, rng: Rng): Window {
  for (let i = 0; i < TRIES; i++) {
    const area = height * width * (least + (1 - least) * rng.next());
    const aspect = LARGEST_ASPECT ** (2 * rng.next() - 1);
    const size = { height: Math.round(Math.sqrt(area / aspect)), width: Math.round(Math.sqrt(area * aspect)) };
    if (size.height < 1 || size.width < 1 || size.height > height || size.width > width) continue;
    return { ...size, top: rng.int(height - size.height + 1), left: rng.int(width - size.width + 1) };
  }
  return { top: 0, left: 0, height, width };
}

/** Where a pixel lies in the source: between two of its pixels, at a share of the way. */
interface Place {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** Places of `count` pixels over the `length` from `from` on. */
function placesIn(from: number, length: number, count: number): readonly Place[] {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.min(length - 1, Math.max(0, ((i + 0.5) * length) / count - 0.5));
    const first = Math.floor(at);
    return { first: from + first, second: from + Math.min(length - 1, first + 1), share: at - first };
  });
}

function between(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
