/** @file The safetensors format: length of a JSON header, the header, the tensors (github.com/huggingface/safetensors). */

/** Numbers of one type, in one dimension: shapes are known to whoever reads them. */
export type Numbers = Float32Array | Float64Array | Uint8Array;

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Numbers>;
  readonly metadata: Readonly<Record<string, string>>;
}

const TYPES = { F32: Float32Array, F64: Float64Array, U8: Uint8Array } as const;

/** As the format has it. */
const LARGEST_HEADER = 100e6;

/** The file as runs of bytes; the tensors are not copied. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): readonly Uint8Array[] {
  const header: Record<string, unknown> = { __metadata__: metadata };
  // The widest first, so that each begins at a multiple of its element.
  const ordered = [...tensors].sort(([, a], [, b]) => b.BYTES_PER_ELEMENT - a.BYTES_PER_ELEMENT);
  let offset = 0;
  for (const [name, { length, byteLength, BYTES_PER_ELEMENT }] of ordered) {
    const dtype = BYTES_PER_ELEMENT === 8 ? 'F64' : BYTES_PER_ELEMENT === 4 ? 'F32' : 'U8';
    header[name] = { dtype, shape: [length], data_offsets: [offset, offset + byteLength] };
    offset += byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8;
  const start = Buffer.alloc(8 + json.length + padding, ' ');
  start.writeBigUInt64LE(BigInt(json.length + padding));
  json.copy(start, 8);
  return [
    start,
    ...ordered.map(([, { buffer, byteOffset, byteLength }]) => new Uint8Array(buffer, byteOffset, byteLength)),
  ];
}

/** Reads a file of anyone. @throws Error that says what is wrong with it */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Number.POSITIVE_INFINITY : Number(view.getBigUint64(0, true));
  if (length > LARGEST_HEADER || 8 + length > bytes.length) throw new Error('its header is cut off');
  const header: unknown = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8'));
  const { __metadata__: metadata, ...entries } = record(header, 'the header');
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, Numbers>();
  for (const [name, entry] of Object.entries(entries)) tensors.set(name, readTensor(name, entry, data));
  const texts = record(metadata, '__metadata__');
  if (!Object.values(texts).every((text) => typeof text === 'string')) throw new Error('__metadata__ holds no texts');
  return { tensors, metadata: texts as Readonly<Record<string, string>> };
}

function readTensor(name: string, entry: unknown, data: Uint8Array): Numbers {
  const { dtype, data_offsets: offsets } = record(entry, `tensor '${name}'`);
  const type = Object.hasOwn(TYPES, String(dtype)) ? TYPES[dtype as keyof typeof TYPES] : undefined;
  if (type === undefined) throw new Error(`tensor '${name}' has the type ${String(dtype)}`);
  const [from, to] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (!isIndex(from) || !isIndex(to) || from > to || to > data.length || (to - from) % type.BYTES_PER_ELEMENT !== 0) {
    throw new Error(`tensor '${name}' lies outside of it`);
  }
  // A copy of its own, at the alignment that the type needs.
  return new type(new Uint8Array(data.subarray(from, to)).buffer);
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is no object`);
  return value as Readonly<Record<string, unknown>>;
}
