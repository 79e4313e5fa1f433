/** Bytes that are still in the file where they were found. */
export interface StoredBytes {
  readonly length: number;
  /** Reads them anew at every call. @throws MODEL_CHANGED, MODEL_UNREADABLE */
  read(): Uint8Array;
}

/** Bytes in memory, or in a file. */
export type Bytes = Uint8Array | StoredBytes;

export function bytesOf(bytes: Bytes): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : bytes.read();
}
