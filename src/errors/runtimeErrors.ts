/** @file Errors that come from ONNX Runtime, and from the comparison of two models in it. */
import { MorphError } from './morphError.js';

export const runtimeErrors = {
  rejected: (path: string, detail: string) =>
    new MorphError({
      code: 'RUNTIME_REJECTED',
      category: 'model',
      where: path,
      what: `ONNX Runtime does not accept the model: ${firstLine(detail)}`,
      fix: 'check that the file runs in onnxruntime by itself at these sizes (--input says others), or export it again',
    }),

  unheldType: (path: string, type: string) =>
    new MorphError({
      code: 'RUNTIME_UNHELD_TYPE',
      category: 'model',
      where: path,
      what: `it calculates in ${type}, which onnxruntime-node cannot hold`,
      fix: 'export the model again in float32 or float16; weights alone may be stored so, where a Cast reads them',
    }),

  runFailed: (path: string, detail: string) =>
    new MorphError({
      code: 'RUNTIME_RUN_FAILED',
      category: 'model',
      where: path,
      what: `ONNX Runtime could not run the model: ${firstLine(detail)}`,
      fix: 'try other input shapes, perhaps smaller ones (--input NAME=1x3x224x224)',
    }),

  foreignRun: (node: string) =>
    new MorphError({
      code: 'RUNTIME_FOREIGN_RUN',
      category: 'model',
      where: node,
      what: 'ONNX Runtime does not have this operator, so the model cannot be run on data',
      fix: 'leave out --calibrate',
    }),

  noProvider: (provider: string, present: readonly string[]) =>
    new MorphError({
      code: 'RUNTIME_NO_PROVIDER',
      category: 'usage',
      where: `--provider ${provider}`,
      what: 'the installed build of onnxruntime-node has no such execution provider',
      fix: `use one of those it has (${present.join(', ')}), or install a build that has it`,
    }),

  providerFails: (provider: string, detail: string) =>
    new MorphError({
      code: 'RUNTIME_PROVIDER_FAILS',
      category: 'usage',
      where: `--provider ${provider}`,
      what: `the execution provider is in ONNX Runtime, but does not work on this machine: ${firstLine(detail)}`,
      fix: 'install its driver and libraries, or leave out --provider to run on the CPU',
    }),

  unreadableOutput: (output: string, kind: string) =>
    new MorphError({
      code: 'RUNTIME_UNREADABLE_OUTPUT',
      category: 'model',
      where: `output '${output}'`,
      what: `it is ${kind}, which onnxruntime-node cannot hand over`,
      fix: 'let the model give a tensor of another type: what it is made of, or a Cast of it',
    }),

  unfedInput: (input: string, type: string) =>
    new MorphError({
      code: 'RUNTIME_UNFED_INPUT',
      category: 'model',
      where: `input '${input}'`,
      what: `it is a tensor of ${type}, which onnxruntime-node cannot be given`,
      fix: 'let the model take another type, and Cast it',
    }),

  inputNotTensor: (input: string) =>
    new MorphError({
      code: 'RUNTIME_INPUT_NOT_TENSOR',
      category: 'model',
      where: `input '${input}'`,
      what: 'it is no tensor (a sequence, map or optional)',
      fix: 'only models whose inputs are tensors can be used: export the model again',
    }),
};

/** The first line, without the place in ONNX Runtime's source that it begins with, and without its full stop. */
function firstLine(text: string): string {
  const place = /\S+\.(?:h|cc):\d+ [^(]*\([^)]*\)(?:::<lambda\(\)>)?(?: const)?(?: \[with [^\]]*\])? /;
  return (text.split('\n')[0] ?? '').replace(place, '').trim().replace(/\.$/, '');
}
