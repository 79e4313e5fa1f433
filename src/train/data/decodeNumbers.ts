import { endianness } from 'node:os';
import { dataErrors } from '../../errors/dataErrors.js';
import type { NumericArray } from './numericArray.js';

/** Element types that the file formats can hold. */
export type ElementType =
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64';

/** Bytes of one element in a file. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, 1 | 2 | 4 | 8>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

/**
 * The numbers that file bytes stand for. The bytes are taken over: they may be swapped in place, and the result may
 * be a view on them. bool gives 0 and 1, float16 gives float32, int64 gives int32 where it fits and float64 elsewhere.
 * @param bytes a whole number of elements
 * @throws DATA_INTEGER_TOO_LARGE for an int64 beyond ±2⁵³
 */
export function decodeNumbers(bytes: Uint8Array, type: ElementType, bigEndian: boolean, where: string): NumericArray {
  const width = ELEMENT_BYTES[type];
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  if (bigEndian !== (endianness() === 'BE')) swapBytes(Buffer.from(buffer, byteOffset, byteLength), width);
  const length = byteLength / width;
  switch (type) {
    case 'bool':
      return aligned.map((byte) => (byte === 0 ? 0 : 1));
    case 'uint8':
      return aligned;
    case 'int8':
      return new Int8Array(buffer, byteOffset, length);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, length);
    case 'int16':
      return new Int16Array(buffer, byteOffset, length);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length);
    case 'int64':
      return narrowInt64(new BigInt64Array(buffer, byteOffset, length), where);
    case 'float16':
      return widenHalves(new Uint16Array(buffer, byteOffset, length));
    case 'float32':
      return new Float32Array(buffer, byteOffset, length);
    case 'float64':
      return new Float64Array(buffer, byteOffset, length);
  }
}

function swapBytes(bytes: Buffer, width: 1 | 2 | 4 | 8): void {
  if (width === 2) bytes.swap16();
  else if (width === 4) bytes.swap32();
  else if (width === 8) bytes.swap64();
}

/**
 * int64 as numbers: int32 where every value fits, float64 elsewhere.
 * @throws DATA_INTEGER_TOO_LARGE for a value that a float64 cannot hold exactly
 */
export function narrowInt64(values: BigInt64Array | BigUint64Array, where: string): Int32Array | Float64Array {
  const wide = new Float64Array(values.length);
  let fits = true;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isSafeInteger(value)) throw dataErrors.integerTooLarge(where, i, String(values[i]));
    if (value !== (value | 0)) fits = false;
    wide[i] = value;
  }
  return fits ? Int32Array.from(wide) : wide;
}

/** IEEE 754 binary16 to binary32; exact. */
function widenHalves(halves: Uint16Array): Float32Array {
  const powers = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 25));
  const result = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    let magnitude: number;
    if (exponent === 31) magnitude = fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
    else if (exponent === 0) magnitude = fraction * 2 ** -24;
    else magnitude = (1024 + fraction) * (powers[exponent] as number);
    result[i] = half & 0x8000 ? -magnitude : magnitude;
  }
  return result;
}
