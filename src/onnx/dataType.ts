import { modelErrors } from '../errors/modelErrors.js';

/** Element types of tensors, with the numbers they have in the file. */
export const DataType = {
  UNDEFINED: 0,
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  COMPLEX64: 14,
  COMPLEX128: 15,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 17,
  FLOAT8E4M3FNUZ: 18,
  FLOAT8E5M2: 19,
  FLOAT8E5M2FNUZ: 20,
  UINT4: 21,
  INT4: 22,
  FLOAT4E2M1: 23,
  FLOAT8E8M0: 24,
  UINT2: 25,
  INT2: 26,
} as const;

export type DataTypeName = keyof typeof DataType;
export type DataType = (typeof DataType)[DataTypeName];

/** What kind of number an element is. */
export type DataTypeKind = 'float' | 'int' | 'uint' | 'bool' | 'complex' | 'string' | 'undefined';

/** What is known of one element type. */
export interface DataTypeInfo {
  readonly dataType: DataType;
  readonly name: DataTypeName;
  readonly kind: DataTypeKind;
  /** Size of one element; 2 and 4 where several share a byte, 0 where elements have no fixed size (strings). */
  readonly bits: number;
}

const BITS: Readonly<Record<DataTypeName, number>> = {
  UNDEFINED: 0,
  FLOAT: 32,
  UINT8: 8,
  INT8: 8,
  UINT16: 16,
  INT16: 16,
  INT32: 32,
  INT64: 64,
  STRING: 0,
  BOOL: 8,
  FLOAT16: 16,
  DOUBLE: 64,
  UINT32: 32,
  UINT64: 64,
  COMPLEX64: 64,
  COMPLEX128: 128,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 8,
  FLOAT8E4M3FNUZ: 8,
  FLOAT8E5M2: 8,
  FLOAT8E5M2FNUZ: 8,
  UINT4: 4,
  INT4: 4,
  FLOAT4E2M1: 4,
  FLOAT8E8M0: 8,
  UINT2: 2,
  INT2: 2,
};

function kindOf(name: DataTypeName): DataTypeKind {
  if (name === 'DOUBLE' || name.includes('FLOAT')) return 'float';
  if (name.startsWith('UINT')) return 'uint';
  if (name.startsWith('INT')) return 'int';
  if (name.startsWith('COMPLEX')) return 'complex';
  return name === 'BOOL' ? 'bool' : name === 'STRING' ? 'string' : 'undefined';
}

const INFOS: ReadonlyMap<number, DataTypeInfo> = new Map(
  (Object.keys(DataType) as DataTypeName[]).map((name) => [
    DataType[name],
    { dataType: DataType[name], name, kind: kindOf(name), bits: BITS[name] },
  ]),
);

/** Name, kind and size of the element type with this number, or undefined where the standard has none. */
export function dataTypeInfo(dataType: number): DataTypeInfo | undefined {
  return INFOS.get(dataType);
}

/** As people read it: `FLOAT16`, or `data type 99` where the standard has no such type. */
export function dataTypeName(dataType: number): string {
  return INFOS.get(dataType)?.name ?? `data type ${dataType}`;
}

/**
 * Name, kind and size of the element type of a tensor.
 *
 * @throws MODEL_DATA_TYPE where the number is unknown, or is UNDEFINED
 */
export function requireDataType(tensor: { readonly name?: string; readonly dataType?: number }): DataTypeInfo {
  const info = INFOS.get(tensor.dataType ?? DataType.UNDEFINED);
  if (info === undefined || info.dataType === DataType.UNDEFINED) {
    throw modelErrors.dataType(tensor.name ?? '', tensor.dataType ?? 0);
  }
  return info;
}
