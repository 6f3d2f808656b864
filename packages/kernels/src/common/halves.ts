// The bits of numbers in two bytes: half precision (IEEE 754 binary16) and, with `brain`, bfloat16.

const float = new Float32Array(1);
const word = new Int32Array(float.buffer);

/** Bits of the single-precision number next to x that rounding to odd gives: a second rounding is then as good as one. */
function oddBits(x: number): number {
  float[0] = x;
  const near = float[0];
  if (near === x || Number.isNaN(x)) return word[0];
  return (Math.abs(near) > Math.abs(x) ? word[0] - 1 : word[0]) | 1;
}

/** The bits of the half nearest to a number, ties to even; infinite beyond the largest. */
export function bitsOfHalf(x: number, brain: boolean): number {
  const bits = oddBits(x);
  const size = bits & 0x7fffffff;
  const sign = (bits >>> 16) & 0x8000;
  if (brain) return sign | (size > 0x7f800000 ? 0x7fc0 : (size + 0x7fff + ((size >>> 16) & 1)) >>> 16);
  if (size >= 0x47800000) return sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (size >= 0x38800000) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  // Subnormal: adding 1/2 leaves a unit of 2^−24 as the last bit.
  word[0] = size;
  float[0] += 0.5;
  return sign | (word[0] - 0x3f000000);
}

/** The number of these bits. */
export function numberOfHalf(bits: number, brain: boolean): number {
  if (brain) {
    word[0] = bits << 16;
    return float[0];
  }
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
