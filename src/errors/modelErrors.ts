/** @file Errors about the model file: what it holds, where its bytes are, and how it is written. */
import { MorphError } from './morphError.js';

type ModelParts = Readonly<{ code: string; what: string; fix: string; cause?: unknown }>;

/** Names come from the file, so they may hold anything: line breaks are escaped, long ones cut. */
function quoted(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 99)}…` : name);
}

function inFile(path: string, { cause, ...parts }: ModelParts): MorphError {
  return new MorphError({ category: 'model', where: path, ...parts }, { cause });
}

function inTensor(tensor: string, { cause, ...parts }: ModelParts): MorphError {
  return new MorphError({ category: 'model', where: `tensor ${quoted(tensor)}`, ...parts }, { cause });
}

function writing(path: string, { cause, ...parts }: ModelParts): MorphError {
  return new MorphError({ category: 'output', where: path, ...parts }, { cause });
}

const EXPORT_AGAIN = 'the file is damaged: export or download the model again';

export const modelErrors = {
  // The file.

  missing: (path: string) =>
    inFile(path, { code: 'MODEL_MISSING', what: 'there is no such file', fix: 'check the path of the model' }),

  folder: (path: string) =>
    inFile(path, { code: 'MODEL_FOLDER', what: 'is a folder', fix: 'name the .onnx file inside it' }),

  notRegular: (path: string) =>
    inFile(path, {
      code: 'MODEL_NOT_REGULAR',
      what: 'is a pipe or a device, not a regular file',
      fix: 'save the model as a file first',
    }),

  unreadable: (path: string, detail: string, cause?: unknown) =>
    inFile(path, {
      code: 'MODEL_UNREADABLE',
      what: `cannot be read (${detail})`,
      fix: 'check the permissions of the file and its folder',
      cause,
    }),

  changed: (path: string) =>
    inFile(path, {
      code: 'MODEL_CHANGED',
      what: 'was changed or replaced while it was in use',
      fix: 'run again when nothing else writes to it',
    }),

  empty: (path: string) =>
    inFile(path, { code: 'MODEL_EMPTY', what: 'the file is empty', fix: 'export or download the model again' }),

  tooLarge: (path: string, bytes: number) =>
    inFile(path, {
      code: 'MODEL_TOO_LARGE',
      what: `has ${bytes} bytes, and an ONNX file must be smaller than 2 GiB (2147483648 bytes)`,
      fix: 'save the model with its weights as external data',
    }),

  foreign: (path: string, found: string, fix: string) =>
    inFile(path, { code: 'MODEL_FOREIGN', what: `is ${found}, not an ONNX model`, fix }),

  truncated: (path: string, needed: number, size: number) =>
    inFile(path, {
      code: 'MODEL_TRUNCATED',
      what: `a field reaches to byte ${needed}, but the file ends at byte ${size}`,
      fix: 'the file is cut short, or no ONNX model: export or download it again',
    }),

  notProtobuf: (path: string, detail: string, cause?: unknown) =>
    inFile(path, {
      code: 'MODEL_NOT_PROTOBUF',
      what: `is not an ONNX model: ${detail}`,
      fix: 'give an .onnx file, or export or download it again',
      cause,
    }),

  text: (path: string, field: string, position: number, cause?: unknown) =>
    inFile(path, {
      code: 'MODEL_TEXT',
      what: `the text of ${field} at byte ${position} is not UTF-8`,
      fix: EXPORT_AGAIN,
      cause,
    }),

  tooDeep: (path: string, limit: number) =>
    inFile(path, {
      code: 'MODEL_TOO_DEEP',
      what: `messages are nested deeper than ${limit}, which is more than protobuf allows`,
      fix: 'flatten the nested subgraphs (If, Loop, Scan)',
    }),

  noIrVersion: (path: string) =>
    inFile(path, {
      code: 'MODEL_NO_IR_VERSION',
      what: 'has no ir_version, which every ONNX model must have',
      fix: 'give an .onnx file, or export or download it again',
    }),

  irVersion: (path: string, got: bigint, oldest: bigint, newest: bigint) =>
    inFile(path, {
      code: 'MODEL_IR_VERSION',
      what: `has ir_version ${got}, and ${oldest} to ${newest} are supported`,
      fix:
        got > newest
          ? 'export it for an older ONNX version, or look for a newer onnx-morph'
          : 'bring it up to date with onnx.version_converter',
    }),

  noGraph: (path: string) => inFile(path, { code: 'MODEL_NO_GRAPH', what: 'has no graph', fix: EXPORT_AGAIN }),

  noOpset: (path: string) =>
    inFile(path, {
      code: 'MODEL_NO_OPSET',
      what: 'has no opset_import, so the meaning of its operators is unknown',
      fix: EXPORT_AGAIN,
    }),

  // Tensors.

  dataType: (tensor: string, dataType: number) =>
    inTensor(tensor, {
      code: 'MODEL_DATA_TYPE',
      what: `has data type ${dataType}, which ONNX does not define`,
      fix: 'export the model for ONNX 1.23 or older',
    }),

  dims: (tensor: string, dims: readonly bigint[]) =>
    inTensor(tensor, {
      code: 'MODEL_TENSOR_DIMS',
      what: `has the impossible shape [${dims.slice(0, 16).join(', ')}${dims.length > 16 ? ', …' : ''}]`,
      fix: EXPORT_AGAIN,
    }),

  payloadCount: (tensor: string, got: number, field: string, expected: number, dims: readonly bigint[]) =>
    inTensor(tensor, {
      code: 'MODEL_TENSOR_COUNT',
      what: `holds ${got} values in ${field}, but its shape [${dims.join(', ')}] needs ${expected}`,
      fix: EXPORT_AGAIN,
    }),

  payloadBytes: (tensor: string, got: number, expected: number, dataType: string, dims: readonly bigint[]) =>
    inTensor(tensor, {
      code: 'MODEL_TENSOR_BYTES',
      what: `holds ${got} bytes, but ${dataType} [${dims.join(', ')}] needs ${expected}`,
      fix: EXPORT_AGAIN,
    }),

  twoPayloads: (tensor: string, field: string) =>
    inTensor(tensor, {
      code: 'MODEL_TENSOR_TWO_PAYLOADS',
      what: `holds values in raw_data and in ${field} at once`,
      fix: EXPORT_AGAIN,
    }),

  segment: (tensor: string) =>
    inTensor(tensor, {
      code: 'MODEL_TENSOR_SEGMENT',
      what: 'is stored in segments, which no runtime reads',
      fix: 'export the model with whole tensors',
    }),

  noNumbers: (tensor: string, dataType: string, wanted: string) =>
    inTensor(tensor, {
      code: 'MODEL_TENSOR_TYPE',
      what: `has data type ${dataType}, and here only ${wanted} can be read`,
      fix: 'convert the tensor before',
    }),

  // External data.

  externalFolderless: (tensor: string) =>
    inTensor(tensor, {
      code: 'MODEL_EXTERNAL_NO_FOLDER',
      what: 'has its data in another file, but the model was not read from a folder',
      fix: 'give the folder of the model',
    }),

  externalOutside: (tensor: string, location: string, reason: string) =>
    inTensor(tensor, {
      code: 'MODEL_EXTERNAL_OUTSIDE',
      what: `has its data at ${quoted(location)}, which ${reason}`,
      fix: "put the data file into the model's folder and name it by a relative path",
    }),

  externalMissing: (tensor: string, location: string) =>
    inTensor(tensor, {
      code: 'MODEL_EXTERNAL_MISSING',
      what: `has its data in ${quoted(location)}, and there is no such file in the model's folder`,
      fix: 'put the data file beside the model',
    }),

  externalUnreadable: (tensor: string, location: string, detail: string, cause?: unknown) =>
    inTensor(tensor, {
      code: 'MODEL_EXTERNAL_UNREADABLE',
      what: `has its data in ${quoted(location)}, which cannot be read (${detail})`,
      fix: 'check that it is a regular file with read permission',
      cause,
    }),

  externalRange: (tensor: string, key: string, value: string) =>
    inTensor(tensor, {
      code: 'MODEL_EXTERNAL_RANGE',
      what: `has the external ${key} ${quoted(value)}, which is not a byte count`,
      fix: EXPORT_AGAIN,
    }),

  externalShort: (tensor: string, location: string, needed: number, size: number) =>
    inTensor(tensor, {
      code: 'MODEL_EXTERNAL_SHORT',
      what: `needs ${quoted(location)} up to byte ${needed}, but that file has ${size} bytes`,
      fix: 'the data file is cut short, or belongs to another model: export or download it again',
    }),

  // Writing.

  outputNoFolder: (path: string) =>
    writing(path, { code: 'OUTPUT_NO_FOLDER', what: 'its folder does not exist', fix: 'make the folder first' }),

  outputIsInput: (path: string) =>
    new MorphError({
      code: 'OUTPUT_IS_INPUT',
      category: 'output',
      where: path,
      what: 'the result would replace the model that it is made from',
      fix: 'give another path to --out',
    }),

  outputFolder: (path: string) =>
    writing(path, {
      code: 'OUTPUT_IS_FOLDER',
      what: 'is a folder',
      fix: 'name a file to write the model to',
    }),

  outputNotFolder: (path: string) =>
    writing(path, {
      code: 'OUTPUT_NOT_FOLDER',
      what: 'is a file',
      fix: 'name a folder, which is made where there is none',
    }),

  outputDenied: (path: string, detail: string, cause?: unknown) =>
    writing(path, {
      code: 'OUTPUT_DENIED',
      what: `may not be written (${detail})`,
      fix: 'check the permissions of the folder, or choose another',
      cause,
    }),

  outputNoSpace: (path: string, detail: string, cause?: unknown) =>
    writing(path, {
      code: 'OUTPUT_NO_SPACE',
      what: `there is no space left to write it (${detail})`,
      fix: 'free some space, or choose another disk',
      cause,
    }),

  outputFailed: (path: string, detail: string, cause?: unknown) =>
    writing(path, {
      code: 'OUTPUT_FAILED',
      what: `could not be written (${detail})`,
      fix: 'nothing was left behind: try again, or choose another folder',
      cause,
    }),

  outputTooLarge: (bytes: number) =>
    new MorphError({
      code: 'OUTPUT_TOO_LARGE',
      category: 'output',
      what: `the model takes ${bytes} bytes, and an ONNX file must be smaller than 2 GiB (2147483648 bytes)`,
      fix: 'write its weights as external data',
    }),

  outputAborted: (path: string) =>
    new MorphError({
      code: 'OUTPUT_ABORTED',
      category: 'aborted',
      where: path,
      what: 'writing was interrupted',
      fix: 'nothing was left behind: run again to get the file',
    }),
};
