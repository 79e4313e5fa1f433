/** @file Errors about the structure of a graph and about the shapes of its inputs. */
import { MorphError } from './morphError.js';

export const graphErrors = {
  missingValue: (node: string, value: string) =>
    new MorphError({
      code: 'GRAPH_MISSING_VALUE',
      category: 'model',
      where: node,
      what: `reads the value '${value}', which no node, input or initializer gives`,
      fix: 'the file is broken: export the model again',
    }),

  cycle: (node: string, value: string) =>
    new MorphError({
      code: 'GRAPH_CYCLE',
      category: 'model',
      where: node,
      what: `depends on its own output through the value '${value}'`,
      fix: 'ONNX graphs must be acyclic: export the model again',
    }),

  duplicateValue: (value: string, first: string, second: string) =>
    new MorphError({
      code: 'GRAPH_DUPLICATE_VALUE',
      category: 'model',
      where: second,
      what: `gives the value '${value}', which ${first} already gives`,
      fix: 'every value must be given once: export the model again',
    }),

  widthMismatch: (node: string, first: string, firstWidth: number, second: string, secondWidth: number) =>
    new MorphError({
      code: 'GRAPH_WIDTH_MISMATCH',
      category: 'model',
      where: node,
      what: `it needs '${first}' (${firstWidth}) and '${second}' (${secondWidth}) to have the same width`,
      fix: 'the file is broken: export the model again',
    }),

  integerTooLarge: (what: string, value: bigint) =>
    new MorphError({
      code: 'GRAPH_INTEGER_TOO_LARGE',
      category: 'model',
      where: what,
      what: `the integer ${value} cannot be represented exactly`,
      fix: 'the file is broken or made to be hostile: export the model again',
    }),

  zeroGroups: (node: string, group: bigint) =>
    new MorphError({
      code: 'GRAPH_ZERO_GROUPS',
      category: 'model',
      where: node,
      what: `its attribute 'group' is ${group}, and there must be at least 1`,
      fix: 'the file is broken or made to be hostile: export the model again',
    }),

  crashesRuntime: (node: string, reason: string) =>
    new MorphError({
      code: 'GRAPH_CRASHES_RUNTIME',
      category: 'model',
      where: node,
      what: `${reason}, which makes ONNX Runtime end the process`,
      fix: 'change the node, or export the model again in another way',
    }),

  noSuchInput: (input: string, known: readonly string[]) =>
    new MorphError({
      code: 'GRAPH_NO_SUCH_INPUT',
      category: 'usage',
      where: `--input ${input}`,
      what: `the model has no input '${input}'`,
      fix: `its inputs are ${known.join(', ')}`,
    }),

  noSuchNode: (option: string, name: string, near: readonly string[]) =>
    new MorphError({
      code: 'GRAPH_NO_SUCH_NODE',
      category: 'usage',
      where: `${option} ${name}`,
      what: 'no node and no value of the model has such a name',
      fix: near.length === 0 ? 'the model has no nodes' : `names that come near: ${near.join(', ')}`,
    }),

  freeDimension: (input: string, dims: readonly string[], examples: readonly string[]) =>
    new MorphError({
      code: 'GRAPH_FREE_DIMENSION',
      category: 'usage',
      where: `input '${input}'`,
      what: `its shape [${dims.join(', ')}] has free dimensions beside the batch`,
      fix: `say what they are, for example ${examples.map((example) => `--input ${example}`).join(' ')}`,
    }),

  inputShapeMismatch: (input: string, declared: readonly string[], given: readonly number[]) =>
    new MorphError({
      code: 'GRAPH_INPUT_SHAPE',
      category: 'usage',
      where: `--input ${input}=${given.join('x')}`,
      what: `the model declares [${declared.join(', ')}]`,
      fix: 'give as many dimensions as declared, and keep those that are fixed',
    }),
};
