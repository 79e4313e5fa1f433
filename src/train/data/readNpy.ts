import { dataErrors } from '../../errors/dataErrors.js';
import { decodeNumbers, ELEMENT_BYTES } from './decodeNumbers.js';
import { readNpyHeader } from './npyHeader.js';
import { type DataArray, elementCount, type NumericArray } from './numericArray.js';

/**
 * The array in the bytes of a `.npy` file, in row-major order. The bytes are taken over (see {@link decodeNumbers}).
 * Objects (pickles), records, strings, complex numbers and uint64 are refused; nothing in the file is ever run.
 * @throws DATA_NOT_NPY, DATA_NPY_DTYPE, DATA_DAMAGED, DATA_INTEGER_TOO_LARGE
 */
export function readNpy(bytes: Uint8Array, where: string): DataArray {
  const header = readNpyHeader(bytes, where);
  const found = bytes.length - header.dataStart;
  const expected = elementCount(header.shape) * ELEMENT_BYTES[header.type];
  if (found !== expected) {
    const shape = `[${header.shape.join(', ')}]`;
    throw dataErrors.damaged(where, `it holds ${found} bytes, not the ${expected} of ${header.type} ${shape}`);
  }
  const data = decodeNumbers(bytes.subarray(header.dataStart), header.type, header.bigEndian, where);
  return { data: header.fortranOrder ? toRowMajor(data, header.shape) : data, shape: header.shape };
}

/** Column-major to row-major. */
function toRowMajor(data: NumericArray, shape: readonly number[]): NumericArray {
  const strides: number[] = [];
  shape.reduce((stride, size) => {
    strides.push(stride);
    return stride * size;
  }, 1);
  const result = data.slice();
  const index = shape.map(() => 0);
  let source = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[source] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      const stride = strides[axis] as number;
      const next = (index[axis] as number) + 1;
      source += stride;
      if (next < size) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      source -= stride * size;
    }
  }
  return result;
}
