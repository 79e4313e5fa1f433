/** @file The 16-bit floats, as the uint16 they are stored in, to and from float32. */

const scratch = new DataView(new ArrayBuffer(4));

function float32OfBits(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

function bitsOfFloat32(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

/** IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits) to a number, exactly. */
export function float16ToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** To the nearest binary16, ties to even; beyond 65504 to infinity. */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below 2⁻¹⁴ the spacing stays at 2⁻²⁴: those are the subnormals.
  const exponent = magnitude < 2 ** -14 ? -14 : floorLog2(magnitude);
  const steps = roundHalfToEven(magnitude * 2 ** (10 - exponent));
  // A carry out of the fraction runs on into the exponent, as it should.
  return sign | (magnitude < 2 ** -14 ? steps : ((exponent + 14) << 10) + steps);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** float16 to float32, exactly. */
export function decodeFloat16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, float16ToNumber);
}

/** float32 to the nearest float16, ties to even. */
export function encodeFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, numberToFloat16);
}

/** bfloat16 (the upper half of a float32) to float32, exactly. */
export function decodeBfloat16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => float32OfBits(half << 16));
}

/** float32 to the nearest bfloat16, ties to even. */
export function encodeBfloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    if (Number.isNaN(value)) return 0x7fc0;
    const bits = bitsOfFloat32(value);
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  });
}

/** Exact at every power of two and its neighbours, where Math.log2 rounds. */
function floorLog2(magnitude: number): number {
  const exponent = Math.floor(Math.log2(magnitude));
  if (2 ** exponent > magnitude) return exponent - 1;
  return 2 ** (exponent + 1) <= magnitude ? exponent + 1 : exponent;
}
