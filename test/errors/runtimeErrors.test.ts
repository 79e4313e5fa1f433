import { expect, test } from 'vitest';
import type { MorphError } from '../../src/errors/morphError.js';
import { runtimeErrors } from '../../src/errors/runtimeErrors.js';

const CASES: Readonly<Record<keyof typeof runtimeErrors, readonly [MorphError, string, number, string]>> = {
  rejected: [
    runtimeErrors.rejected('a.onnx', ' Type Error: w is int64\n   at model.cc:12'),
    'RUNTIME_REJECTED',
    3,
    'a.onnx: ONNX Runtime does not accept the model: Type Error: w is int64; check that the file runs in onnxruntime by itself at these sizes (--input says others), or export it again',
  ],
  unheldType: [
    runtimeErrors.unheldType('a.onnx', 'bfloat16'),
    'RUNTIME_UNHELD_TYPE',
    3,
    'a.onnx: it calculates in bfloat16, which onnxruntime-node cannot hold; export the model again in float32 or float16; weights alone may be stored so, where a Cast reads them',
  ],
  runFailed: [
    runtimeErrors.runFailed('a.onnx', 'Got invalid dimensions for input: x'),
    'RUNTIME_RUN_FAILED',
    3,
    'a.onnx: ONNX Runtime could not run the model: Got invalid dimensions for input: x; try other input shapes, perhaps smaller ones (--input NAME=1x3x224x224)',
  ],
  foreignRun: [
    runtimeErrors.foreignRun("node 'm' (com.example.Mystery)"),
    'RUNTIME_FOREIGN_RUN',
    3,
    "node 'm' (com.example.Mystery): ONNX Runtime does not have this operator, so the model cannot be run on data; leave out --calibrate",
  ],
  noProvider: [
    runtimeErrors.noProvider('CoreML', ['cpu', 'webgpu']),
    'RUNTIME_NO_PROVIDER',
    2,
    '--provider CoreML: the installed build of onnxruntime-node has no such execution provider; use one of those it has (cpu, webgpu), or install a build that has it',
  ],
  providerFails: [
    runtimeErrors.providerFails(
      'webgpu',
      '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters.',
    ),
    'RUNTIME_PROVIDER_FAILS',
    2,
    '--provider webgpu: the execution provider is in ONNX Runtime, but does not work on this machine: adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters; install its driver and libraries, or leave out --provider to run on the CPU',
  ],
  unreadableOutput: [
    runtimeErrors.unreadableOutput('q', 'a tensor of int4'),
    'RUNTIME_UNREADABLE_OUTPUT',
    3,
    "output 'q': it is a tensor of int4, which onnxruntime-node cannot hand over; let the model give a tensor of another type: what it is made of, or a Cast of it",
  ],
  unfedInput: [
    runtimeErrors.unfedInput('x', 'int4'),
    'RUNTIME_UNFED_INPUT',
    3,
    "input 'x': it is a tensor of int4, which onnxruntime-node cannot be given; let the model take another type, and Cast it",
  ],
  inputNotTensor: [
    runtimeErrors.inputNotTensor('seq'),
    'RUNTIME_INPUT_NOT_TENSOR',
    3,
    "input 'seq': it is no tensor (a sequence, map or optional); only models whose inputs are tensors can be used: export the model again",
  ],
};

test.each(Object.entries(CASES))('%s says where, what and what to do', (_, [error, code, exitCode, message]) => {
  expect(error.code).toBe(code);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toBe(message);
});

test('what ONNX Runtime says comes without the place in its source', () => {
  const detail =
    'Exception during initialization: /onnxruntime_src/onnxruntime/core/providers/cpu/rnn/rnn.h:48 onnxruntime::RNN<T>::RNN(const onnxruntime::OpKernelInfo&) [with T = float] layout_ == 0 was false. Batchwise recurrent operations (layout == 1) are not supported.';
  expect(runtimeErrors.rejected('a.onnx', detail.replace(' [with T = float]', '')).message).toContain(
    'does not accept the model: Exception during initialization: layout_ == 0 was false. Batchwise recurrent operations (layout == 1) are not supported; check',
  );
  expect(runtimeErrors.rejected('a.onnx', detail).message).toContain('initialization: layout_ == 0 was false.');
});
