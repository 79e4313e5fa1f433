import { expect, test } from 'vitest';
import { modelErrors } from '../../src/errors/modelErrors.js';
import type { MorphError } from '../../src/errors/morphError.js';

const CASES: Readonly<Record<keyof typeof modelErrors, readonly [MorphError, string, string]>> = {
  missing: [
    modelErrors.missing('a.onnx'),
    'MODEL_MISSING',
    'a.onnx: there is no such file; check the path of the model',
  ],
  folder: [modelErrors.folder('models'), 'MODEL_FOLDER', 'models: is a folder; name the .onnx file inside it'],
  notRegular: [
    modelErrors.notRegular('pipe'),
    'MODEL_NOT_REGULAR',
    'pipe: is a pipe or a device, not a regular file; save the model as a file first',
  ],
  unreadable: [
    modelErrors.unreadable('a.onnx', 'EACCES'),
    'MODEL_UNREADABLE',
    'a.onnx: cannot be read (EACCES); check the permissions of the file and its folder',
  ],
  changed: [
    modelErrors.changed('a.onnx'),
    'MODEL_CHANGED',
    'a.onnx: was changed or replaced while it was in use; run again when nothing else writes to it',
  ],
  empty: [modelErrors.empty('a.onnx'), 'MODEL_EMPTY', 'a.onnx: the file is empty; export or download the model again'],
  tooLarge: [
    modelErrors.tooLarge('a.onnx', 3e9),
    'MODEL_TOO_LARGE',
    'a.onnx: has 3000000000 bytes, and an ONNX file must be smaller than 2 GiB (2147483648 bytes); save the model with its weights as external data',
  ],
  foreign: [
    modelErrors.foreign('a.onnx', 'a Git LFS pointer', 'fetch the file itself with git lfs pull'),
    'MODEL_FOREIGN',
    'a.onnx: is a Git LFS pointer, not an ONNX model; fetch the file itself with git lfs pull',
  ],
  truncated: [
    modelErrors.truncated('a.onnx', 100, 90),
    'MODEL_TRUNCATED',
    'a.onnx: a field reaches to byte 100, but the file ends at byte 90; the file is cut short, or no ONNX model: export or download it again',
  ],
  notProtobuf: [
    modelErrors.notProtobuf('a.onnx', 'invalid wire type 7 (byte 3)'),
    'MODEL_NOT_PROTOBUF',
    'a.onnx: is not an ONNX model: invalid wire type 7 (byte 3); give an .onnx file, or export or download it again',
  ],
  text: [
    modelErrors.text('a.onnx', 'NodeProto.name', 12),
    'MODEL_TEXT',
    'a.onnx: the text of NodeProto.name at byte 12 is not UTF-8; the file is damaged: export or download the model again',
  ],
  tooDeep: [
    modelErrors.tooDeep('a.onnx', 100),
    'MODEL_TOO_DEEP',
    'a.onnx: messages are nested deeper than 100, which is more than protobuf allows; flatten the nested subgraphs (If, Loop, Scan)',
  ],
  noIrVersion: [
    modelErrors.noIrVersion('a.onnx'),
    'MODEL_NO_IR_VERSION',
    'a.onnx: has no ir_version, which every ONNX model must have; give an .onnx file, or export or download it again',
  ],
  irVersion: [
    modelErrors.irVersion('a.onnx', 14n, 3n, 13n),
    'MODEL_IR_VERSION',
    'a.onnx: has ir_version 14, and 3 to 13 are supported; export it for an older ONNX version, or look for a newer onnx-morph',
  ],
  noGraph: [
    modelErrors.noGraph('a.onnx'),
    'MODEL_NO_GRAPH',
    'a.onnx: has no graph; the file is damaged: export or download the model again',
  ],
  noOpset: [
    modelErrors.noOpset('a.onnx'),
    'MODEL_NO_OPSET',
    'a.onnx: has no opset_import, so the meaning of its operators is unknown; the file is damaged: export or download the model again',
  ],
  dataType: [
    modelErrors.dataType('w', 99),
    'MODEL_DATA_TYPE',
    'tensor "w": has data type 99, which ONNX does not define; export the model for ONNX 1.23 or older',
  ],
  dims: [
    modelErrors.dims('w', [2n, -1n]),
    'MODEL_TENSOR_DIMS',
    'tensor "w": has the impossible shape [2, -1]; the file is damaged: export or download the model again',
  ],
  payloadCount: [
    modelErrors.payloadCount('w', 3, 'float_data', 4, [2n, 2n]),
    'MODEL_TENSOR_COUNT',
    'tensor "w": holds 3 values in float_data, but its shape [2, 2] needs 4; the file is damaged: export or download the model again',
  ],
  payloadBytes: [
    modelErrors.payloadBytes('w', 12, 16, 'FLOAT', [2n, 2n]),
    'MODEL_TENSOR_BYTES',
    'tensor "w": holds 12 bytes, but FLOAT [2, 2] needs 16; the file is damaged: export or download the model again',
  ],
  twoPayloads: [
    modelErrors.twoPayloads('w', 'float_data'),
    'MODEL_TENSOR_TWO_PAYLOADS',
    'tensor "w": holds values in raw_data and in float_data at once; the file is damaged: export or download the model again',
  ],
  segment: [
    modelErrors.segment('w'),
    'MODEL_TENSOR_SEGMENT',
    'tensor "w": is stored in segments, which no runtime reads; export the model with whole tensors',
  ],
  noNumbers: [
    modelErrors.noNumbers('w', 'STRING', 'numbers'),
    'MODEL_TENSOR_TYPE',
    'tensor "w": has data type STRING, and here only numbers can be read; convert the tensor before',
  ],
  externalFolderless: [
    modelErrors.externalFolderless('w'),
    'MODEL_EXTERNAL_NO_FOLDER',
    'tensor "w": has its data in another file, but the model was not read from a folder; give the folder of the model',
  ],
  externalOutside: [
    modelErrors.externalOutside('w', '/etc/passwd', 'is not relative to the model'),
    'MODEL_EXTERNAL_OUTSIDE',
    'tensor "w": has its data at "/etc/passwd", which is not relative to the model; put the data file into the model\'s folder and name it by a relative path',
  ],
  externalMissing: [
    modelErrors.externalMissing('w', 'a.data'),
    'MODEL_EXTERNAL_MISSING',
    'tensor "w": has its data in "a.data", and there is no such file in the model\'s folder; put the data file beside the model',
  ],
  externalUnreadable: [
    modelErrors.externalUnreadable('w', 'a.data', 'EACCES'),
    'MODEL_EXTERNAL_UNREADABLE',
    'tensor "w": has its data in "a.data", which cannot be read (EACCES); check that it is a regular file with read permission',
  ],
  externalRange: [
    modelErrors.externalRange('w', 'offset', '-4'),
    'MODEL_EXTERNAL_RANGE',
    'tensor "w": has the external offset "-4", which is not a byte count; the file is damaged: export or download the model again',
  ],
  externalShort: [
    modelErrors.externalShort('w', 'a.data', 100, 90),
    'MODEL_EXTERNAL_SHORT',
    'tensor "w": needs "a.data" up to byte 100, but that file has 90 bytes; the data file is cut short, or belongs to another model: export or download it again',
  ],
  outputNoFolder: [
    modelErrors.outputNoFolder('out/a.onnx'),
    'OUTPUT_NO_FOLDER',
    'out/a.onnx: its folder does not exist; make the folder first',
  ],
  outputFolder: [
    modelErrors.outputFolder('out'),
    'OUTPUT_IS_FOLDER',
    'out: is a folder; name a file to write the model to',
  ],
  outputNotFolder: [
    modelErrors.outputNotFolder('log'),
    'OUTPUT_NOT_FOLDER',
    'log: is a file; name a folder, which is made where there is none',
  ],
  outputIsInput: [
    modelErrors.outputIsInput('a.onnx'),
    'OUTPUT_IS_INPUT',
    'a.onnx: the result would replace the model that it is made from; give another path to --out',
  ],
  outputDenied: [
    modelErrors.outputDenied('a.onnx', 'EACCES'),
    'OUTPUT_DENIED',
    'a.onnx: may not be written (EACCES); check the permissions of the folder, or choose another',
  ],
  outputNoSpace: [
    modelErrors.outputNoSpace('a.onnx', 'ENOSPC'),
    'OUTPUT_NO_SPACE',
    'a.onnx: there is no space left to write it (ENOSPC); free some space, or choose another disk',
  ],
  outputFailed: [
    modelErrors.outputFailed('a.onnx', 'EIO'),
    'OUTPUT_FAILED',
    'a.onnx: could not be written (EIO); nothing was left behind: try again, or choose another folder',
  ],
  outputTooLarge: [
    modelErrors.outputTooLarge(3e9),
    'OUTPUT_TOO_LARGE',
    'the model takes 3000000000 bytes, and an ONNX file must be smaller than 2 GiB (2147483648 bytes); write its weights as external data',
  ],
  outputAborted: [
    modelErrors.outputAborted('a.onnx'),
    'OUTPUT_ABORTED',
    'a.onnx: writing was interrupted; nothing was left behind: run again to get the file',
  ],
};

test.each(Object.entries(CASES))('%s', (name, [error, code, message]) => {
  expect(error.message).toBe(message);
  expect(error.code).toBe(code);
  const category = name === 'outputAborted' ? 'aborted' : name.startsWith('output') ? 'output' : 'model';
  expect(error.category).toBe(category);
});

test('the advice for an old model is another than for a new one', () => {
  expect(modelErrors.irVersion('a.onnx', 1n, 3n, 13n).message).toBe(
    'a.onnx: has ir_version 1, and 3 to 13 are supported; bring it up to date with onnx.version_converter',
  );
});

test('names from the file cannot break the line, and long ones are cut', () => {
  expect(modelErrors.segment('a\nb').message).toMatch(/^tensor "a\\nb": /);
  expect(modelErrors.segment('x'.repeat(1e6)).message.length).toBeLessThan(250);
  expect(modelErrors.dims('w', Array<bigint>(1e5).fill(-1n)).message.length).toBeLessThan(250);
});

test('codes are unique', () => {
  const codes = Object.values(CASES).map(([, code]) => code);
  expect(new Set(codes).size).toBe(codes.length);
});
