import { fail, wholeNumber } from '@southwell/numerics/core';
import { described } from '../given.ts';
import { type Shape, show, sizeOf } from '../shapes.ts';
import {
  checkPacked,
  groupBlocks,
  type PackedBitmap,
  type PackedCodebooks,
  type PackedGroups,
  type PackedInt8,
  type PackedWrapped,
  paddedExtent,
} from './matrix.ts';

type Floats = Float32Array<ArrayBuffer>;
type Words = Int32Array<ArrayBuffer>;
type Numbers = ArrayLike<number>;

/** @throws INVALID_PARAMETER for what is not a list of numbers; INVALID_SHAPE unless they fill a shape of at least two axes. */
function extentFor(name: string, numbers: unknown, shape: Shape): [out: number, inner: number] {
  const count = (numbers as Numbers | undefined | null)?.length;
  if (typeof numbers === 'string' || typeof count !== 'number')
    fail('INVALID_PARAMETER', `${name} takes a list of numbers, not ${described(numbers)}.`);
  if (!Array.isArray(shape) || shape.length < 2)
    fail('INVALID_SHAPE', `${name} takes a shape of at least two axes, not ${described(shape)}.`);
  if (sizeOf(shape) !== count) fail('INVALID_SHAPE', `${name}: ${count} numbers do not fill ${show(shape)}.`);
  return [shape[0], sizeOf(shape.slice(1))];
}

/**
 * Packs weights of which at most two of every four consecutive inputs are not 0, given row after row. O(size).
 * @throws INVALID_PARAMETER if a group has more, and for what is not a list of numbers; INVALID_SHAPE for other numbers than those of the shape.
 */
export function packGroups(weights: Numbers, shape: Shape): PackedGroups<Floats, Words> {
  const [out, inner] = extentFor('packGroups', weights, shape);
  return { form: 'groups', shape, arrays: groupArrays('packGroups', weights, out, inner) };
}

function groupArrays(name: string, weights: Numbers, out: number, inner: number) {
  const [down, across] = groupBlocks(out, inner);
  const [values, places] = [new Float32Array(64 * down * across), new Int32Array(4 * down * across)];
  const kept = [0, 0];
  for (let row = 0; row < out; row++) {
    const pair = (row >> 1) & 3;
    for (let group = 0; 4 * group < inner; group++) {
      let count = 0;
      for (let k = 0; k < Math.min(4, inner - 4 * group); k++) {
        if (weights[row * inner + 4 * group + k] === 0) continue;
        if (count === 2)
          fail(
            'INVALID_PARAMETER',
            `${name}: row ${row} has more than two weights other than 0 in columns ${4 * group} to ${4 * group + 3}.`,
          );
        kept[count++] = k;
      }
      const block = (row >> 3) * across + (group >> 2);
      for (let k = 0; k < count; k++) {
        const l = 2 * (row & 1) + k;
        values[64 * block + (4 * (group & 3) + pair) * 4 + l] = weights[row * inner + 4 * group + kept[k]];
        places[4 * block + (group & 3)] |= kept[k] << (8 * pair + 2 * l);
      }
    }
  }
  return { values, places };
}

/**
 * Packs the weights that are not 0, given row after row, with a bit for each weight. O(size).
 * @throws INVALID_PARAMETER for what is not a list of numbers; INVALID_SHAPE for other numbers than those of the shape.
 */
export function packBitmap(weights: Numbers, shape: Shape): PackedBitmap<Floats, Words> {
  const [out, inner] = extentFor('packBitmap', weights, shape);
  const words = Math.ceil(inner / 32);
  const [bits, starts] = [new Int32Array(out * words), new Int32Array(out + 1)];
  let count = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) count++;
  const values = new Float32Array(count);
  count = 0;
  for (let row = 0; row < out; row++) {
    for (let j = 0; j < inner; j++) {
      const w = weights[row * inner + j];
      if (w === 0) continue;
      values[count++] = w;
      bits[row * words + (j >> 5)] |= 1 << (j & 31);
    }
    starts[row + 1] = count;
  }
  return { form: 'bitmap', shape, arrays: { values, bits, starts } };
}

/** Weights as places in codebooks, one for each run of rows. */
export interface Codes {
  /** Places, row after row. */
  readonly indices: ArrayLike<number>;
  /** Bits of a place, from 1 to 8. */
  readonly bits: number;
  /** 2^bits numbers for each run of rows. */
  readonly codebooks: Numbers;
  /** The first row of each run. Default: one run. */
  readonly boundaries?: Numbers;
  /** A scale for each row. */
  readonly scales?: Numbers;
}

/**
 * Packs places in codebooks. O(size).
 * @throws INVALID_PARAMETER for places outside of the codebook; INVALID_SHAPE for other numbers than those of the shape;
 * INVALID_FORMAT for runs of rows that do not ascend, and codebooks and scales of other lengths.
 */
export function packCodes(codes: Codes, shape: Shape): PackedCodebooks<Floats, Words> {
  const { indices, bits, codebooks, boundaries = [0], scales } = codes ?? {};
  const [out, inner] = extentFor('packCodes', indices, shape);
  wholeNumber('packCodes: bits', bits, 1, 8);
  const words = Math.ceil((inner * bits) / 32);
  const packed = new Int32Array(out * words);
  for (let row = 0; row < out; row++) {
    for (let j = 0; j < inner; j++) {
      const code = indices[row * inner + j];
      if (!(Number.isInteger(code) && code >= 0 && code < 2 ** bits))
        fail(
          'INVALID_PARAMETER',
          `packCodes: ${code} in row ${row} is no place in a codebook of ${2 ** bits} numbers.`,
        );
      const [word, shift] = [row * words + ((j * bits) >> 5), (j * bits) & 31];
      packed[word] |= code << shift;
      if (shift + bits > 32) packed[word + 1] |= code >>> (32 - shift);
    }
  }
  const matrix: PackedCodebooks<Floats, Words> = {
    form: 'codebooks',
    shape,
    bits,
    arrays: {
      codes: packed,
      codebooks: Float32Array.from(codebooks),
      boundaries: Int32Array.from(boundaries),
      ...(scales && { scales: Float32Array.from(scales) }),
    },
  };
  checkPacked('packCodes', matrix);
  return matrix;
}

/**
 * Packs whole numbers from −128 to 127, row after row, and a scale for each row. O(size).
 * @throws INVALID_PARAMETER for what is not a list of numbers; INVALID_SHAPE for other numbers than those of the shape, or of the rows.
 */
export function packInt8(codes: Int8Array, scales: Numbers, shape: Shape): PackedInt8<Floats, Words> {
  const [out, inner] = extentFor('packInt8', codes, shape);
  if (scales?.length !== out)
    fail('INVALID_SHAPE', `packInt8: ${out} rows need as many scales, not ${scales?.length ?? described(scales)}.`);
  const words = Math.ceil(inner / 4);
  const packed = new Int32Array(out * words);
  for (let row = 0; row < out; row++)
    for (let j = 0; j < inner; j++) packed[row * words + (j >> 2)] |= (codes[row * inner + j] & 255) << (8 * (j & 3));
  return { form: 'int8', shape, arrays: { codes: packed, scales: Float32Array.from(scales) } };
}

/** The factors of A·S·B. */
export interface Wrapping {
  /** Rows and columns of the blocks. */
  readonly block: number;
  /** The blocks of A, one after the other, each column after column. */
  readonly left: Numbers;
  /** The blocks of B. */
  readonly right: Numbers;
  /** S, row after row, with sizes that are padded to multiples of the block; two of four consecutive inputs, as of {@link packGroups}. */
  readonly core: Numbers;
}

/**
 * Packs a product of a sparse matrix between block-diagonal ones. O(size).
 * @throws INVALID_PARAMETER if a group of S has more than two numbers other than 0; INVALID_SHAPE for other numbers than
 * those of the shape.
 */
export function packWrapped(wrapping: Wrapping, shape: Shape): PackedWrapped<Floats, Words> {
  const { block, left, right, core } = wrapping ?? {};
  wholeNumber('packWrapped: block', block, 1);
  if (!Array.isArray(shape) || shape.length < 2)
    fail('INVALID_SHAPE', `packWrapped takes a shape of at least two axes, not ${described(shape)}.`);
  const [m, n] = paddedExtent({ shape, block });
  const needed = [m * block, n * block, m * n];
  const names = ['A', 'B', 'S'];
  for (const [i, given] of [left, right, core].entries())
    if (given?.length !== needed[i])
      fail(
        'INVALID_SHAPE',
        `packWrapped: ${names[i]} of ${show(shape)} with blocks of ${block} has ${needed[i]} numbers, not ${given?.length}.`,
      );
  const arrays = {
    left: Float32Array.from(left),
    right: Float32Array.from(right),
    ...groupArrays('packWrapped', core, m, n),
  };
  return { form: 'wrapped', shape, block, arrays };
}
