import { checkPacked, extentOf, groupBlocks, type PackedMatrix, paddedExtent } from './matrix.ts';

// The plain functions with which the kernels are compared: the numbers of each form, row after row.

type Arrays<Name extends PackedMatrix['form']> = Extract<PackedMatrix, { form: Name }>['arrays'];

function groupRows({ values, places }: Arrays<'groups'>, out: number, inner: number): Float32Array {
  const y = new Float32Array(out * inner);
  const [, across] = groupBlocks(out, inner);
  for (let row = 0; row < out; row++) {
    const pair = (row >> 1) & 3;
    for (let group = 0; 4 * group < inner; group++) {
      const block = (row >> 3) * across + (group >> 2);
      const g = group & 3;
      for (let k = 0; k < 2; k++) {
        const l = 2 * (row & 1) + k;
        const column = 4 * group + ((places[4 * block + g] >>> (8 * pair + 2 * l)) & 3);
        if (column < inner) y[row * inner + column] += values[64 * block + (4 * g + pair) * 4 + l];
      }
    }
  }
  return y;
}

function bitmapRows({ values, bits }: Arrays<'bitmap'>, out: number, inner: number): Float32Array {
  const y = new Float32Array(out * inner);
  const words = Math.ceil(inner / 32);
  let at = 0;
  for (let row = 0; row < out; row++)
    for (let j = 0; j < inner; j++)
      if ((bits[row * words + (j >> 5)] >>> (j & 31)) & 1) y[row * inner + j] = values[at++];
  return y;
}

/** The place of `bits` bits that begins at bit `at` of words. */
export function codeAt(words: ArrayLike<number>, first: number, at: number, bits: number): number {
  const [word, shift] = [first + (at >> 5), at & 31];
  const low = words[word] >>> shift;
  const code = shift + bits > 32 ? low | (words[word + 1] << (32 - shift)) : low;
  return code & (2 ** bits - 1);
}

function codedRows(
  { codes, codebooks, boundaries, scales }: Arrays<'codebooks'>,
  bits: number,
  out: number,
  inner: number,
): Float32Array {
  const y = new Float32Array(out * inner);
  const words = Math.ceil((inner * bits) / 32);
  for (let row = 0, g = 0; row < out; row++) {
    while (g + 1 < boundaries.length && boundaries[g + 1] <= row) g++;
    const scale = scales ? scales[row] : 1;
    for (let j = 0; j < inner; j++)
      y[row * inner + j] = scale * codebooks[g * 2 ** bits + codeAt(codes, row * words, j * bits, bits)];
  }
  return y;
}

function int8Rows({ codes, scales }: Arrays<'int8'>, out: number, inner: number): Float32Array {
  const y = new Float32Array(out * inner);
  const words = Math.ceil(inner / 4);
  for (let row = 0; row < out; row++)
    for (let j = 0; j < inner; j++) {
      const code = (codes[row * words + (j >> 2)] << (24 - 8 * (j & 3))) >> 24;
      y[row * inner + j] = scales[row] * code;
    }
  return y;
}

function wrappedMatrix(packed: Extract<PackedMatrix, { form: 'wrapped' }>): Float32Array {
  const { left, right, ...core } = packed.arrays;
  const b = packed.block;
  const [out, inner] = extentOf(packed);
  const [m, n] = paddedExtent(packed);
  const S = groupRows(core, m, n);
  const result = new Float32Array(out * inner);
  const half = new Float64Array(n);
  for (let i = 0; i < out; i++) {
    const first = i - (i % b);
    half.fill(0);
    for (let p = 0; p < b; p++) {
      const a = left[(first + p) * b + (i % b)];
      for (let j = 0; j < n; j++) half[j] += a * S[(first + p) * n + j];
    }
    for (let j = 0; j < inner; j++) {
      const start = j - (j % b);
      let sum = 0;
      for (let p = 0; p < b; p++) sum += half[start + p] * right[j * b + p];
      result[i * inner + j] = sum;
    }
  }
  return result;
}

/**
 * The numbers for which a packed matrix stands, row after row. O(size), of the form `wrapped` O(size · block).
 * @throws INVALID_FORMAT for damaged matrices.
 */
export function unpackMatrix(packed: PackedMatrix): Float32Array {
  checkPacked('unpackMatrix', packed);
  const [out, inner] = extentOf(packed);
  switch (packed.form) {
    case 'groups':
      return groupRows(packed.arrays, out, inner);
    case 'bitmap':
      return bitmapRows(packed.arrays, out, inner);
    case 'codebooks':
      return codedRows(packed.arrays, packed.bits, out, inner);
    case 'int8':
      return int8Rows(packed.arrays, out, inner);
    case 'wrapped':
      return wrappedMatrix(packed);
  }
}
