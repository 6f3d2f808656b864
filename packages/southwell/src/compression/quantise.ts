import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys, wholeNumber } from '@southwell/numerics/core';
import { kmeans1d, nearestCodeword } from './kmeans1d.ts';
import { checkMoments, type InputMoments } from './moments.ts';
import { checkWeights } from './prune.ts';
import { sweepColumns } from './sweep.ts';

/** Weights as whole numbers times a scale for each row (output). */
export interface ScaledRows {
  readonly rows: number;
  readonly columns: number;
  /** Row after row, from −127 to 127. */
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Weights in eight bits, symmetrically: each row has the scale max |w|/127, and numbers are rounded to nearest. Rows of
 * zeros have the scale 0. O(size).
 * @throws NON_FINITE for weights that are NaN or infinite.
 */
export function quantiseRows(W: DenseMatrix): ScaledRows {
  checkWeights('quantiseRows', W);
  const { rows, cols: columns, data } = W;
  const scales = new Float32Array(rows);
  for (let at = 0; at < data.length; at++) scales[at % rows] = Math.max(scales[at % rows], Math.abs(data[at]) / 127);
  const values = new Int8Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const scaled = scales[i] === 0 ? 0 : Math.round(data[j * rows + i] / scales[i]);
      // A scale that was rounded down to single precision may lead to 128.
      values[i * columns + j] = Math.max(-127, Math.min(127, scaled));
    }
  return { rows, columns, values, scales };
}

/** The weights that scaled rows stand for. */
export function fromScaledRows({ rows, columns, values, scales }: ScaledRows): DenseMatrix {
  const W = DenseMatrix.create(rows, columns, { fill: false });
  const { data } = W;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) data[j * rows + i] = values[i * columns + j] * scales[i];
  return W;
}

/** Weights as places in codebooks, one for each group of consecutive rows. */
export interface CodedWeights {
  readonly rows: number;
  readonly columns: number;
  /** Bits of a place. */
  readonly bits: number;
  /** The first row of each group. */
  readonly boundaries: Int32Array;
  /** 2^bits codewords for each group, ascending; unused ones repeat the last. */
  readonly codebooks: Float32Array;
  /** A factor for each row; none is 1. */
  readonly scales?: Float32Array;
  /** Places, row after row. */
  readonly indices: Uint8Array;
}

/** Options of {@link quantiseToCodebooks}. */
export interface CodebookOptions {
  /** Bits of a weight, from 1 to 8. */
  readonly bits: number;
  /** Codebooks; each has a run of rows of about equal number. Default 1. */
  readonly groups?: number;
  /**
   * `nearest`: every weight has the codeword nearest to it (the default without moments). `sweep`: column by column, where the
   * columns to the right make up for the error (Frantar et al., GPTQ, 2023).
   */
  readonly rounding?: 'nearest' | 'sweep';
  /** Of `sweep`: added to the diagonal of the moments, as a share of its mean. Default 0.01. */
  readonly damping?: number;
}

/**
 * Weights as codewords: k-means of the weights of each group of rows on the line, exactly, and the codeword of each weight.
 * O(k·n·log n) for n weights, and O(rows·columns² + columns³) with `sweep`.
 * @throws INVALID_PARAMETER for unknown options or values out of range, and for `sweep` without full moments; NON_FINITE for
 * weights that are NaN or infinite; INVALID_SHAPE if the moments are those of other inputs.
 */
export function quantiseToCodebooks(W: DenseMatrix, options: CodebookOptions, moments?: InputMoments): CodedWeights {
  knownKeys('quantiseToCodebooks', options, { bits: true, groups: true, rounding: true, damping: true });
  const { bits, groups = 1, rounding = moments?.full ? 'sweep' : 'nearest', damping = 0.01 } = options;
  wholeNumber('bits', bits, 1, 8);
  wholeNumber('groups', groups, 1, Math.max(1, W.rows));
  checkWeights('quantiseToCodebooks', W);
  if (rounding !== 'nearest' && rounding !== 'sweep')
    fail('INVALID_PARAMETER', `quantiseToCodebooks: rounding must be nearest or sweep, not ${String(rounding)}.`);
  const { rows, cols: columns } = W;
  const k = 2 ** bits;
  const boundaries = Int32Array.from({ length: groups }, (_, g) => Math.round((g * rows) / groups));
  const codebooks = new Float32Array(groups * k);
  const groupOf = new Int32Array(rows);
  for (let g = 0; g < groups; g++) {
    const end = g + 1 < groups ? boundaries[g + 1] : rows;
    groupOf.fill(g, boundaries[g], end);
    const found = kmeans1d(rowsOf(W, boundaries[g], end), k).codewords;
    for (let q = 0; q < k; q++) codebooks[g * k + q] = found[Math.min(q, found.length - 1)];
  }
  const books = Array.from({ length: groups }, (_, g) => Float64Array.from(codebooks.subarray(g * k, (g + 1) * k)));
  const indices = new Uint8Array(rows * columns);
  const round = (column: Float64Array, j: number): void => {
    for (let i = 0; i < rows; i++) {
      const book = books[groupOf[i]];
      const place = nearestCodeword(column[i], book);
      indices[i * columns + j] = place;
      column[i] = book[place];
    }
  };
  const work = DenseMatrix.fromColumnMajor(W.data, rows, columns);
  if (rounding === 'nearest') for (let j = 0; j < columns; j++) round(work.column(j), j);
  else {
    if (!moments) return fail('INVALID_PARAMETER', 'quantiseToCodebooks: rounding sweep needs moments of the inputs.');
    checkMoments('quantiseToCodebooks', W, moments);
    sweepColumns('quantiseToCodebooks with rounding sweep', work, moments, damping, { round });
  }
  work.free();
  return { rows, columns, bits, boundaries, codebooks, indices };
}

function rowsOf(W: DenseMatrix, from: number, to: number): Float64Array {
  const out = new Float64Array((to - from) * W.cols);
  for (let j = 0; j < W.cols; j++) out.set(W.column(j).subarray(from, to), j * (to - from));
  return out;
}

/** The weights that places in codebooks stand for. */
export function fromCodes({ rows, columns, bits, boundaries, codebooks, scales, indices }: CodedWeights): DenseMatrix {
  const W = DenseMatrix.create(rows, columns, { fill: false });
  const { data } = W;
  for (let i = 0, g = 0; i < rows; i++) {
    while (g + 1 < boundaries.length && boundaries[g + 1] <= i) g++;
    const scale = scales ? scales[i] : 1;
    for (let j = 0; j < columns; j++) data[j * rows + i] = codebooks[g * 2 ** bits + indices[i * columns + j]] * scale;
  }
  return W;
}

/**
 * Numbers below 2^bits one after the other without gaps, the first in the lowest bits; ⌈n·bits/8⌉ bytes.
 * @throws INVALID_PARAMETER unless bits are from 1 to 8 and all numbers below 2^bits.
 */
export function packIndices(indices: Uint8Array, bits: number): Uint8Array {
  wholeNumber('bits', bits, 1, 8);
  const out = new Uint8Array(Math.ceil((indices.length * bits) / 8));
  for (let i = 0, bit = 0; i < indices.length; i++, bit += bits) {
    const value = indices[i];
    if (value >= 2 ** bits) fail('INVALID_PARAMETER', `packIndices: ${value} at ${i} does not fit into ${bits} bits.`);
    const shifted = value << (bit & 7);
    out[bit >> 3] |= shifted;
    if (shifted > 255) out[(bit >> 3) + 1] |= shifted >> 8;
  }
  return out;
}

/**
 * The inverse of {@link packIndices}.
 * @throws INVALID_PARAMETER unless bits are from 1 to 8; INVALID_SHAPE if there are fewer bytes than `count` numbers take.
 */
export function unpackIndices(packed: Uint8Array, bits: number, count: number): Uint8Array {
  wholeNumber('bits', bits, 1, 8);
  const bytes = Math.ceil((count * bits) / 8);
  if (packed.length < bytes)
    fail('INVALID_SHAPE', `unpackIndices: ${count} numbers of ${bits} bits take ${bytes} bytes, not ${packed.length}.`);
  const out = new Uint8Array(count);
  const mask = 2 ** bits - 1;
  for (let i = 0, bit = 0; i < count; i++, bit += bits) {
    const pair = packed[bit >> 3] | ((packed[(bit >> 3) + 1] ?? 0) << 8);
    out[i] = (pair >> (bit & 7)) & mask;
  }
  return out;
}
