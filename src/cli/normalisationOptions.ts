import type { Command } from 'commander';
import type { DataOptions, NormalisationTexts } from '../train/data/index.js';

/** `--scale`, `--mean` and `--std`: how the numbers of a data file become the model's input. */
export function addNormalisationOptions(command: Command): void {
  command
    .option('--scale <number>', 'samples are multiplied by this first, as 1/255')
    .option('--mean <numbers>', 'then this is subtracted: one number, or one per channel, as 0.485,0.456,0.406')
    .option('--std <numbers>', 'then they are divided by this: one number, or one per channel');
}

/** The data options of the flags; none where nothing is said. @throws DATA_NORMALISATION */
export async function dataOptionsOf(
  flags: { readonly [Name in keyof NormalisationTexts]: NormalisationTexts[Name] | undefined },
): Promise<{ readonly dataOptions?: DataOptions }> {
  const { scale, mean, std } = flags;
  const texts = {
    ...(scale === undefined ? {} : { scale }),
    ...(mean === undefined ? {} : { mean }),
    ...(std === undefined ? {} : { std }),
  };
  if (Object.keys(texts).length === 0) return {};
  // Loaded here, so that no other command reads the code of the data sets.
  const { parseNormalisation } = await import('../train/data/index.js');
  return { dataOptions: { normalisation: parseNormalisation(texts) } };
}
