import { dataErrors } from '../../errors/dataErrors.js';

/** `x' = (x · scale − mean) / std`; mean and std have one value for all, or one per channel. */
export interface Normalisation {
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Takes the data as they are. */
export const NO_NORMALISATION: Normalisation = { scale: 1, mean: [0], std: [1] };

/** The texts of the command's options. */
export interface NormalisationTexts {
  readonly scale?: string;
  readonly mean?: string;
  readonly std?: string;
}

/**
 * Reads `--scale`, `--mean` and `--std`, e.g. `{ scale: '1/255', mean: '0.485, 0.456, 0.406' }`.
 * @throws DATA_NORMALISATION_SYNTAX, DATA_NORMALISATION_ZERO
 */
export function parseNormalisation(texts: NormalisationTexts): Normalisation {
  const { scale: scaleText, mean: meanText, std: stdText } = texts;
  const scales = scaleText === undefined ? [1] : parseNumberList(scaleText, '--scale');
  const std = stdText === undefined ? NO_NORMALISATION.std : parseNumberList(stdText, '--std');
  const [scale, ...more] = scales;
  if (scale === undefined || more.length > 0) throw dataErrors.normalisationSyntax('--scale', scaleText ?? '');
  if (scale === 0) throw dataErrors.normalisationZero('--scale');
  if (std.some((value) => value <= 0)) throw dataErrors.normalisationZero('--std');
  return { scale, mean: meanText === undefined ? NO_NORMALISATION.mean : parseNumberList(meanText, '--mean'), std };
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Numbers and fractions between commas: `0.5`, `1/16`, `0.485,0.456,0.406`.
 * @param option name for the message, e.g. `--mean`
 * @throws DATA_NORMALISATION_SYNTAX
 */
export function parseNumberList(text: string, option: string): readonly number[] {
  return text.split(',').map((item) => {
    const parts = item.split('/').map((part) => part.trim());
    const [numerator, denominator = 1] = parts.map((part) => (DECIMAL.test(part) ? Number(part) : Number.NaN));
    const value = parts.length > 2 ? Number.NaN : (numerator as number) / denominator;
    if (!Number.isFinite(Math.fround(value))) throw dataErrors.normalisationSyntax(option, text);
    return value;
  });
}

/** Normalisation as `x' = x · factor[c] + offset[c]`, where c is the channel. */
export interface Affine {
  /** One value for all channels, or one per channel. */
  readonly factor: Float64Array;
  readonly offset: Float64Array;
  /** Elements of one channel of one sample; of the whole sample where one value serves all. */
  readonly channelSize: number;
}

/**
 * The normalisation of samples of one shape. The channels are the first axis of a sample: axis 1 of [N, C, …] and of
 * [N, F].
 * @throws DATA_NORMALISATION_CHANNELS
 */
export function affineOf(normalisation: Normalisation, sampleShape: readonly number[], where: string): Affine {
  const { scale, mean, std } = normalisation;
  const channels = sampleShape[0] ?? 1;
  for (const [option, values] of [['--mean', mean] as const, ['--std', std] as const]) {
    if (values.length !== 1 && values.length !== channels) {
      throw dataErrors.normalisationChannels(where, option, values.length, sampleShape);
    }
  }
  const length = Math.max(mean.length, std.length);
  const at = (values: readonly number[], c: number): number => (values.length === 1 ? values[0] : values[c]) as number;
  const size = sampleShape.reduce((product, axis) => product * axis, 1);
  return {
    factor: Float64Array.from({ length }, (_, c) => scale / at(std, c)),
    // 0 − m rather than −m: a mean of 0 must not give −0.
    offset: Float64Array.from({ length }, (_, c) => (0 - at(mean, c)) / at(std, c)),
    channelSize: length === 1 ? size : size / channels,
  };
}
