import { dataErrors } from '../../errors/dataErrors.js';
import type { ElementType } from './decodeNumbers.js';

/** What the header of a `.npy` file tells. */
export interface NpyHeader {
  readonly type: ElementType;
  readonly bigEndian: boolean;
  /** Column-major: the first index runs fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Position of the first element. */
  readonly dataStart: number;
}

const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['b1', 'bool'],
  ['u1', 'uint8'],
  ['i1', 'int8'],
  ['u2', 'uint16'],
  ['i2', 'int16'],
  ['u4', 'uint32'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/**
 * Reads the header of a `.npy` file, versions 1 to 3 (numpy.lib.format). The header is a Python literal; it is matched
 * as text and never evaluated.
 * @throws DATA_NOT_NPY, DATA_NPY_DTYPE
 */
export function readNpyHeader(bytes: Uint8Array, where: string): NpyHeader {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw dataErrors.notNpy(where, 'it does not begin with \\x93NUMPY');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = view.getUint8(6);
  if (major < 1 || major > 3) throw dataErrors.notNpy(where, `its version is ${major}, not 1 to 3`);
  const textStart = major === 1 ? 10 : 12;
  if (bytes.length < textStart) throw dataErrors.notNpy(where, 'it ends within its header');
  const dataStart = textStart + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > bytes.length) throw dataErrors.notNpy(where, 'it ends within its header');
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(textStart, dataStart));
  const order = /'fortran_order'\s*:\s*(True|False)\b/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\sL,]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined) {
    throw dataErrors.notNpy(where, `its header ${excerpt(text)} does not tell fortran_order and shape`);
  }
  return { ...readDtype(text, where), fortranOrder: order === 'True', shape: readShape(shape, where), dataStart };
}

function readDtype(text: string, where: string): Pick<NpyHeader, 'type' | 'bigEndian'> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const type = descr === undefined ? undefined : ELEMENT_TYPES.get(descr.slice(1));
  const order = descr?.[0];
  if (type === undefined || order === undefined || !'<>|'.includes(order)) {
    throw dataErrors.npyDtype(where, excerpt(descr ?? text));
  }
  return { type, bigEndian: order === '>' };
}

function readShape(text: string, where: string): readonly number[] {
  const sizes = text.split(',').map((size) => size.trim());
  // (3,) ends in a comma, and () is empty.
  if (sizes.at(-1) === '') sizes.pop();
  if (sizes.some((size) => !/^\d+L?$/.test(size))) throw dataErrors.notNpy(where, `its shape is (${excerpt(text)})`);
  return sizes.map((size) => Number.parseInt(size, 10));
}

/** At most 80 characters of a hostile text, as one readable line. */
function excerpt(text: string): string {
  const short = text.trim().slice(0, 80);
  return JSON.stringify(short);
}
