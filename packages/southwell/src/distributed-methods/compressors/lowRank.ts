import { fail, knownKeys, type OptionKeys, type Random, wholeNumber } from '@southwell/numerics/core';
import { failFormat, readVarint, varint } from './bits.ts';
import type { Compressor } from './compressor.ts';
import { exponentOf, timesPower } from './half.ts';
import {
  fitsFloat,
  joined,
  largestMagnitude,
  nothing,
  type Precision,
  readTag,
  readValues,
  tagOf,
  valueBytes,
} from './message.ts';
import { checkPrecision, suffixes } from './settings.ts';

export interface LowRankOptions {
  /** Rows and columns of the matrix whose rows, one after the other, the vector holds. Default: nearly a square. */
  readonly shape?: readonly [rows: number, columns: number];
  /** Precision of the factors in messages. Default `f32`; factors that leave the range of 32 bits have `f64`. */
  readonly values?: Precision;
}
const lowRankKeys: OptionKeys<LowRankOptions> = { shape: true, values: true };

/** As a matrix, of which entries beyond the length are zero. */
interface Matrix {
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** M Q, rank rows one after the other in the result and in Q. */
function image({ data, rows, columns }: Matrix, Q: Float64Array, rank: number): Float64Array {
  const P = new Float64Array(rank * rows);
  for (let i = 0; i < rows; i++) {
    const from = i * columns;
    const end = Math.min(columns, data.length - from);
    for (let k = 0; k < rank; k++) {
      const q = k * columns;
      // Four sums, since each addition to one waits for the one before.
      let [a, b, c, d, j] = [0, 0, 0, 0, 0];
      for (; j + 3 < end; j += 4) {
        a += data[from + j] * Q[q + j];
        b += data[from + j + 1] * Q[q + j + 1];
        c += data[from + j + 2] * Q[q + j + 2];
        d += data[from + j + 3] * Q[q + j + 3];
      }
      for (; j < end; j++) a += data[from + j] * Q[q + j];
      P[k * rows + i] = a + b + (c + d);
    }
  }
  return P;
}

/** Mᵀ P, of the first `rank` rows of P. */
function coimage({ data, rows, columns }: Matrix, P: Float64Array, rank: number): Float64Array {
  const Q = new Float64Array(rank * columns);
  for (let i = 0; i < rows; i++) {
    const from = i * columns;
    const end = Math.min(columns, data.length - from);
    for (let k = 0; k < rank; k++) {
      const weight = P[k * rows + i];
      for (let j = 0, q = k * columns; j < end; j++) Q[q + j] += weight * data[from + j];
    }
  }
  return Q;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Orthonormalises the rows of P in place by Gram–Schmidt, twice; returns how many are left of those that depend on others. */
function orthonormalise(P: Float64Array, rank: number, rows: number): number {
  let kept = 0;
  for (let k = 0; k < rank; k++) {
    const row = P.subarray(kept * rows, (kept + 1) * rows);
    row.set(P.subarray(k * rows, (k + 1) * rows));
    const before = Math.sqrt(dot(row, row));
    for (let pass = 0; pass < 2; pass++) {
      for (let l = 0; l < kept; l++) {
        const other = P.subarray(l * rows, (l + 1) * rows);
        const along = dot(row, other);
        for (let i = 0; i < rows; i++) row[i] -= along * other[i];
      }
    }
    const size = Math.sqrt(dot(row, row));
    if (!(size > 1e-10 * before)) continue;
    for (let i = 0; i < rows; i++) row[i] /= size;
    kept++;
  }
  return kept;
}

/** v · 2ⁿ. */
function scaled(v: Float64Array, n: number): Float64Array {
  const found = new Float64Array(v.length);
  const factor = Math.abs(n) < 1000 ? 2 ** n : undefined;
  for (let i = 0; i < v.length; i++) found[i] = factor === undefined ? timesPower(v[i], n) : factor * v[i];
  return found;
}

/** Draws each row of Q anew that is zero: at the start, and where a direction was lost. */
function fillEmpty(Q: Float64Array, rank: number, columns: number, random: Random): void {
  for (let k = 0; k < rank; k++) {
    const row = Q.subarray(k * columns, (k + 1) * columns);
    if (row.every((x) => x === 0)) for (let j = 0; j < columns; j++) row[j] = random.normal();
  }
}

/**
 * Low rank (PowerSGD, Vogels, Karimireddy & Jaggi 2019, algorithm 1): the vector is a matrix M, and C(M) = P̂ P̂ᵀ M, where P̂ is
 * an orthonormal basis of M Q. With a memory, Q is PᵀM of the last message, so that messages follow the leading singular
 * directions of a sequence of matrices; without it, or at first, Q is drawn from the normal distribution. Then δ = rank /
 * min(rows, columns) less 2⁻²¹ √rank for the rounding of 32 bits (the Rayleigh quotients of a random subspace do not fall in
 * a power iteration); for a given memory no δ above 0 holds for all matrices. Biased.
 *
 * The message holds both factors, since ranks do not share a basis: a byte that names the precision, the rank (7 bits a byte;
 * below that of the settings if M has a lower one), rank · rows numbers of P̂ and rank · columns of MᵀP̂. O(rank · length).
 * @param rank a whole number of at least 1; more than the lesser side of the matrix is the same as that.
 * @throws INVALID_PARAMETER for other ranks, shapes or options. `compress` and `restore` throw INVALID_SHAPE for vectors that
 * do not have the shape.
 */
export function lowRank(rank: number, options: LowRankOptions = {}): Compressor {
  knownKeys('lowRank', options, lowRankKeys);
  wholeNumber('The rank of low-rank', rank, 1);
  const { shape, values: wanted = 'f32' } = options;
  checkPrecision('low-rank', wanted);
  for (const side of shape ?? []) wholeNumber('The rows and columns of low-rank', side, 1);
  const sizes = (length: number) => {
    if (shape && shape[0] * shape[1] !== length)
      fail(
        'INVALID_SHAPE',
        `low-rank takes matrices of ${shape[0]} × ${shape[1]}, ${shape[0] * shape[1]} entries, but the vector has ${length}.`,
      );
    const rows = shape ? shape[0] : Math.ceil(Math.sqrt(length));
    const columns = shape ? shape[1] : rows === 0 ? 0 : Math.ceil(length / rows);
    return { rows, columns, most: Math.min(rank, rows, columns) };
  };
  return {
    name: `low-rank=${rank}${shape ? `:${shape[0]}x${shape[1]}` : ''}${suffixes(wanted)}`,
    delta(length) {
      if (length === 0) return 1;
      const { rows, columns, most } = sizes(length);
      return Math.max(0, most / Math.min(rows, columns) - (wanted === 'f32' ? 2 ** -21 * Math.sqrt(most) : 0));
    },
    secondMoment: () => undefined,
    memory: (length) => sizes(length).columns * sizes(length).most,
    compress(v, random, memory) {
      const { rows, columns, most } = sizes(v.length);
      if (memory && memory.length !== most * columns)
        fail('INVALID_SHAPE', `The memory of low-rank has ${memory.length} numbers in place of ${most * columns}.`);
      const largest = largestMagnitude(v);
      if (largest === 0) return nothing();
      // Squares of the scaled matrix are far from overflow.
      const power = exponentOf(largest);
      const M = { data: scaled(v, -power), rows, columns };
      const Q = memory ? memory.slice() : new Float64Array(most * columns);
      fillEmpty(Q, most, columns, random);
      let P = image(M, Q, most);
      let kept = orthonormalise(P, most, rows);
      if (kept === 0) {
        // M vanishes on what the memory holds.
        fillEmpty(Q.fill(0), most, columns, random);
        P = image(M, Q, most);
        kept = orthonormalise(P, most, rows);
      }
      const basis = P.slice(0, kept * rows);
      if (wanted === 'f32') basis.set(Float32Array.from(basis));
      const unit = coimage(M, basis, kept);
      if (memory) {
        memory.fill(0);
        memory.set(unit);
      }
      const factor = scaled(unit, power);
      // Small entries beside larger ones need no relative precision of their own.
      const precision = fitsFloat(largestMagnitude(factor)) ? wanted : 'f64';
      return joined(
        [tagOf('low-rank', 0, precision)],
        varint(kept),
        valueBytes(basis, precision),
        valueBytes(factor, precision),
      );
    },
    restore(message, into) {
      into.fill(0);
      const { rows, columns, most } = sizes(into.length);
      if (message.length === 0) return;
      const { precision } = readTag('low-rank', message);
      const [kept, from] = readVarint(message, 1);
      if (kept > most) failFormat(`it has rank ${kept}, above ${most}`);
      const factors = readValues(message, from, kept * (rows + columns), precision);
      for (let i = 0; i < rows; i++) {
        const start = i * columns;
        const end = Math.min(columns, into.length - start);
        for (let k = 0; k < kept; k++) {
          const weight = factors[k * rows + i];
          for (let j = 0, q = kept * rows + k * columns; j < end; j++) into[start + j] += weight * factors[q + j];
        }
      }
    },
  };
}
