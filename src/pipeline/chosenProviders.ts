import { usableProviders } from '../runtime/usableProviders.js';

/** Execution providers that an option names, once it is known that they work; undefined where it names none. */
export async function chosenProviders(options: {
  readonly provider?: string | readonly string[] | undefined;
}): Promise<readonly string[] | undefined> {
  const { provider } = options;
  if (provider === undefined) return undefined;
  return usableProviders(typeof provider === 'string' ? provider.split(',') : provider);
}
