// Writes the URL of every module that the process loads into the file that LOADED names.
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';

register(import.meta.url);

export async function load(url, context, nextLoad) {
  appendFileSync(process.env.LOADED, `${url}\n`);
  return nextLoad(url, context);
}
