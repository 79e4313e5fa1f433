import { listSupportedBackends } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { MorphError } from '../../src/errors/morphError.js';
import { usableProviders } from '../../src/runtime/usableProviders.js';

test('the CPU is always there, and comes last and once', async () => {
  expect(await usableProviders(['cpu'])).toEqual(['cpu']);
  expect(await usableProviders([' CPU', 'cpu'])).toEqual(['cpu']);
});

test.each(['nonsense', ''])(
  'a provider that the build does not have (%j) is refused, with those that it has',
  async (name) => {
    const error = await usableProviders(['cpu', name]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RUNTIME_NO_PROVIDER', exitCode: 2 });
    expect((error as MorphError).message).toContain(`--provider ${name}: `);
    for (const backend of listSupportedBackends()) expect((error as MorphError).message).toContain(backend.name);
  },
);

test('every provider of the build works here, or says why not', async () => {
  for (const { name } of listSupportedBackends()) {
    const found = await usableProviders([name.toUpperCase()]).catch((reason: unknown) => reason);
    if (found instanceof MorphError) {
      expect(found.code).toBe('RUNTIME_PROVIDER_FAILS');
      expect(found.message).toMatch(new RegExp(`^--provider ${name.toUpperCase()}: .* on this machine: .+; install`));
    } else {
      expect(found).toEqual(name === 'cpu' ? ['cpu'] : [name, 'cpu']);
    }
  }
});
