/** @file Where the elements of a resized axis come from, as ONNX defines it. */

/** How an axis is sampled. */
export interface Sampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  /** How a place of the output is mapped to one of the input. */
  readonly coordinates: string;
  /** How `nearest` rounds; 'simple' is the way of opsets before 11: up where the axis shrinks, else down. */
  readonly rounding: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
}

/** An axis of `input` elements that becomes one of `output`. */
export interface ResizedAxis {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
}

/** What an element of the output takes: elements of the input with their weights. */
export type Taps = readonly (readonly [element: number, weight: number])[];

/** For each element of the output, what it is made of; undefined where the mode is none of those known here. */
export function tapsOf(sampling: Sampling, axis: ResizedAxis): readonly Taps[] | undefined {
  const places = Array.from({ length: axis.output }, (_, out) => placeOf(sampling.coordinates, out, axis));
  if (places.some((place) => place === undefined)) return undefined;
  return places.map((place) => tapsAt(sampling, place!, axis));
}

// ONNX Runtime reckons in float32, which decides ties and borders.
const { fround } = Math;

function placeOf(coordinates: string, out: number, { input, output, scale }: ResizedAxis): number | undefined {
  const halfPixel = fround(fround(fround(out + 0.5) / scale) - 0.5);
  switch (coordinates) {
    case 'half_pixel':
      return halfPixel;
    case 'pytorch_half_pixel':
      return output > 1 ? halfPixel : 0;
    case 'half_pixel_symmetric': {
      const adjustment = fround(output / fround(scale * input));
      return fround(fround((input / 2) * fround(1 - adjustment)) + halfPixel);
    }
    case 'tf_half_pixel_for_nn':
      return fround(fround(out + 0.5) / scale);
    case 'asymmetric':
      return fround(out / scale);
    case 'align_corners':
      return output > 1 ? fround(fround(out * (input - 1)) / (output - 1)) : 0;
    default:
      return undefined;
  }
}

function tapsAt(sampling: Sampling, place: number, axis: ResizedAxis): Taps {
  switch (sampling.mode) {
    case 'nearest':
      return [[inside(rounded(sampling.rounding, place, axis.scale < 1), axis.input), 1]];
    case 'linear': {
      const at = Math.min(axis.input - 1, Math.max(0, place));
      const low = Math.floor(at);
      const share = at - low;
      return share === 0
        ? [[low, 1]]
        : [
            [low, 1 - share],
            [inside(low + 1, axis.input), share],
          ];
    }
    case 'cubic': {
      const low = Math.floor(place);
      const weights = cubicWeights(sampling.cubicCoefficient, place - low);
      const taps = weights.map((weight, i): readonly [number, number] => [low - 1 + i, weight]);
      if (!sampling.excludeOutside) return taps.map(([element, weight]) => [inside(element, axis.input), weight]);
      const present = taps.filter(([element]) => element >= 0 && element < axis.input);
      const sum = present.reduce((total, [, weight]) => total + weight, 0);
      return present.map(([element, weight]) => [element, weight / sum]);
    }
  }
}

function inside(element: number, size: number): number {
  return Math.min(size - 1, Math.max(0, element));
}

function rounded(rounding: string, place: number, shrinks: boolean): number {
  switch (rounding) {
    case 'floor':
      return Math.floor(place);
    case 'ceil':
      return Math.ceil(place);
    case 'round_prefer_ceil':
      return Math.floor(place + 0.5);
    case 'simple':
      return shrinks ? Math.ceil(place) : Math.trunc(place);
    default:
      return Math.ceil(place - 0.5);
  }
}

/** Keys, Cubic convolution interpolation (1981), for the elements at −1, 0, 1 and 2 around the place. */
function cubicWeights(a: number, share: number): readonly number[] {
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(share + 1), near(share), near(1 - share), far(2 - share)];
}
