/**
 * Writes the protobuf wire format, as much of it as an ONNX model needs.
 *
 * Messages nest by writing the child first and adding its bytes to the parent.
 */
export class ProtoWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** Field of type int32, int64 or enum; negative numbers take ten bytes, as the format asks. */
  int(field: number, value: number): this {
    this.#varint(field << 3);
    this.#signed(value);
    return this;
  }

  /** Packed repeated int64. */
  ints(field: number, values: readonly number[]): this {
    const packed = new ProtoWriter();
    for (const value of values) packed.#signed(value);
    return this.bytes(field, packed.finish());
  }

  /** Field of type float. */
  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  /** Field of type string. */
  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  /** Field of type bytes, or an embedded message. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** The bytes written so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #signed(value: number): void {
    if (value >= 0) {
      this.#varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    this.#reserve(10);
    while (rest > 127n) {
      this.#bytes[this.#length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
