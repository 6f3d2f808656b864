import { fail, knownKeys, type OptionKeys, type Random, wholeNumber } from '@southwell/numerics/core';
import { failFormat, readVarint, varint } from './bits.ts';
import type { Compressor } from './compressor.ts';
import { coimage, expand, image, type Matrix, orthonormalise } from './factors.ts';
import { exponentOf, timesPower } from './half.ts';
import {
  fitsFloat,
  joined,
  largestMagnitude,
  nothing,
  type Precision,
  readTag,
  readValues,
  roundedShare,
  tagOf,
  valueBytes,
} from './message.ts';
import { checkPrecision, suffixes } from './settings.ts';
import { type Block, blocksOf, checkShapes, misfit, type Shapes, spelledShapes } from './shapes.ts';

export interface LowRankOptions {
  /** Rows and columns of the matrix whose rows, one after the other, the vector holds. Default: nearly a square. */
  readonly shape?: readonly [rows: number, columns: number];
  /** In place of one matrix, the shapes of arrays that the vector holds one after the other; those of more than two dimensions are read as matrices. */
  readonly shapes?: Shapes;
  /** Precision of the factors in messages. Default `f32`; factors that leave the range of 32 bits have `f64`. */
  readonly values?: Precision;
}
const lowRankKeys: OptionKeys<LowRankOptions> = { shape: true, shapes: true, values: true };

/** Draws each row of Q anew that is zero: at the start, and where a direction was lost. */
function fillEmpty(Q: Float64Array, rank: number, columns: number, random: Random): void {
  for (let k = 0; k < rank; k++) {
    const row = Q.subarray(k * columns, (k + 1) * columns);
    if (row.every((x) => x === 0)) for (let j = 0; j < columns; j++) row[j] = random.normal();
  }
}

/** P̂ and MᵀP̂ of a block, scaled back. */
interface Factors {
  readonly kept: number;
  readonly basis: Float64Array;
  readonly factor: Float64Array;
}

/** Exponents up to which squares and sums of products are far from overflow and underflow. */
const MODERATE = 200;

/** Whether all are finite, and the largest is between 2⁻ᵉ and 2ᵉ; not if all are zero. */
function moderate(values: Float64Array, e: number): boolean {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (Number.isNaN(size)) return false;
    if (size > largest) largest = size;
  }
  return largest >= 2 ** -e && largest <= 2 ** e;
}

/** The second half of a power iteration: an orthonormal basis of the columns of P = M Q, rounded as it is sent, and its products with M. */
function projected(M: Matrix, P: Float64Array, most: number, wanted: Precision): Factors {
  const kept = orthonormalise(P, most, M.rows);
  const basis = P.slice(0, kept * M.rows);
  if (wanted === 'f32') basis.set(Float32Array.from(basis));
  return { kept, basis, factor: coimage(M, basis, kept) };
}

/** One power iteration on a block of the vector; reads and updates the memory of the block. */
function factorsOf(
  whole: Float64Array,
  { at, length, rows, columns, most }: Block,
  wanted: Precision,
  random: Random,
  memory: Float64Array | undefined,
): Factors {
  const data = whole.subarray(at, at + length);
  let M: Matrix = { data, rows, columns, power: 0 };
  const Q = memory ? memory.slice() : new Float64Array(most * columns);
  fillEmpty(Q, most, columns, random);
  const P = image(M, Q, most);
  // An entry that is not finite makes its row of P so: entries are looked at one by one only if P or the factor is unusual.
  let found = moderate(P, 2 * MODERATE) ? projected(M, P, most, wanted) : undefined;
  if (!found || !moderate(found.factor, MODERATE)) {
    // Names the first entry of all that is not finite.
    largestMagnitude(whole);
    const largest = largestMagnitude(data);
    if (largest === 0) return { kept: 0, basis: new Float64Array(0), factor: new Float64Array(0) };
    const exponent = exponentOf(largest);
    M = { ...M, power: Math.abs(exponent) <= MODERATE ? 0 : -exponent };
    found = projected(M, image(M, Q, most), most, wanted);
    if (found.kept === 0) {
      // M vanishes on what the memory holds.
      fillEmpty(Q.fill(0), most, columns, random);
      found = projected(M, image(M, Q, most), most, wanted);
    }
  }
  const { factor } = found;
  if (memory) {
    memory.fill(0);
    memory.set(factor);
  }
  if (M.power !== 0) for (let i = 0; i < factor.length; i++) factor[i] = timesPower(factor[i], -M.power);
  return found;
}

/** @throws INVALID_PARAMETER. */
function checkOptions({ shape, shapes, values = 'f32' }: LowRankOptions): void {
  checkPrecision('low-rank', values);
  if (shape && !(Array.isArray(shape) && shape.length === 2))
    fail('INVALID_PARAMETER', `The shape of low-rank must be [rows, columns], not ${shape}.`);
  for (const side of shape ?? []) wholeNumber('The rows and columns of low-rank', side, 1);
  if (shapes) checkShapes('low-rank', shapes);
  if (shape && shapes)
    fail('INVALID_PARAMETER', 'low-rank takes the shape of one matrix or the shapes of several arrays, not both.');
}

/** The blocks of vectors of a length; errors for lengths that the shapes do not have. */
function divided(rank: number, { shape, shapes = shape && [shape] }: LowRankOptions): (length: number) => Block[] {
  if (!shapes)
    return (length) => {
      if (length === 0) return [];
      const rows = Math.ceil(Math.sqrt(length));
      const columns = Math.ceil(length / rows);
      return [{ at: 0, length, rows, columns, most: Math.min(rank, rows, columns) }];
    };
  const blocks = blocksOf(shapes, rank);
  const total = blocks.reduce((sum, { length }) => sum + length, 0);
  return (length) => {
    if (length !== total)
      fail(
        'INVALID_SHAPE',
        shapes.length === 1
          ? `low-rank takes matrices of ${spelledShapes(shapes).replace('x', ' × ')}, ${total} entries, but the vector has ${length}.`
          : `low-rank takes ${shapes.length} arrays of ${total} entries together, but the vector has ${length}: ${misfit(shapes, length)}.`,
      );
    return blocks;
  };
}

const remembered = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, { most, columns }) => sum + most * columns, 0);

/**
 * Low rank (PowerSGD, Vogels, Karimireddy & Jaggi 2019, algorithm 1): the vector is a matrix M, and C(M) = P̂ P̂ᵀ M, where P̂ is
 * an orthonormal basis of M Q. With a memory, Q is PᵀM of the last message, so that messages follow the leading singular
 * directions of a sequence of matrices; without it, or at first, Q is drawn from the normal distribution. Then δ = rank /
 * min(rows, columns) less 2⁻²¹ √rank for the rounding of 32 bits (the Rayleigh quotients of a random subspace do not fall in
 * a power iteration); for a given memory no δ above 0 holds for all matrices. Biased. With `shapes` the vector holds several
 * arrays, each matrix has factors of its own, δ is the least of them, and vectors are sent as they are, and so are matrices that are not longer than their factors.
 *
 * The message holds both factors, since ranks do not share a basis: a byte that names the precision, the rank of each matrix (7 bits a byte;
 * below that of the settings if M has a lower one), then of each array its entries, or rank · rows numbers of P̂ and rank · columns of MᵀP̂. O(rank · length).
 * @param rank a whole number of at least 1; more than the lesser side of the matrix is the same as that.
 * @throws INVALID_PARAMETER for other ranks, shapes or options. `compress` and `restore` throw INVALID_SHAPE for vectors that
 * do not have the shape.
 */
export function lowRank(rank: number, options: LowRankOptions = {}): Compressor {
  knownKeys('lowRank', options, lowRankKeys);
  wholeNumber('The rank of low-rank', rank, 1);
  checkOptions(options);
  const { shape, shapes = shape && [shape], values: wanted = 'f32' } = options;
  const blocksFor = divided(rank, options);
  return {
    name: `low-rank=${rank}${shapes ? `:${spelledShapes(shapes)}` : ''}${suffixes(wanted)}`,
    delta: (length) =>
      blocksFor(length).reduce((least, { rows, columns, most }) => {
        const rounding = wanted === 'f32' ? 2 ** -21 * Math.sqrt(most) : 0;
        const own = most === 0 ? roundedShare(wanted) : most / Math.min(rows, columns) - rounding;
        return Math.max(0, Math.min(least, own));
      }, 1),
    secondMoment: () => undefined,
    memory: (length) => remembered(blocksFor(length)),
    ...(!shapes && { forShapes: (given: Shapes) => lowRank(rank, { ...options, shapes: given }) }),
    compress(v, random, memory) {
      const blocks = blocksFor(v.length);
      const numbers = remembered(blocks);
      if (memory && memory.length !== numbers)
        fail('INVALID_SHAPE', `The memory of low-rank has ${memory.length} numbers in place of ${numbers}.`);
      let at = 0;
      const [ranks, values]: [Uint8Array[], Float64Array[]] = [[], []];
      for (const block of blocks) {
        if (block.most === 0) {
          const part = v.subarray(block.at, block.at + block.length);
          if (!part.every(Number.isFinite)) largestMagnitude(v);
          values.push(part);
          continue;
        }
        const size = block.most * block.columns;
        const { kept, basis, factor } = factorsOf(v, block, wanted, random, memory?.subarray(at, at + size));
        at += size;
        ranks.push(Uint8Array.from(varint(kept)));
        values.push(basis, factor);
      }
      // Small entries beside larger ones need no relative precision of their own.
      const largest = values.reduce((most, part) => Math.max(most, largestMagnitude(part)), 0);
      if (largest === 0) return nothing();
      const precision = fitsFloat(largest) ? wanted : 'f64';
      return joined([tagOf('low-rank', 0, precision)], ...ranks, ...values.map((part) => valueBytes(part, precision)));
    },
    restore(message, into) {
      const blocks = blocksFor(into.length);
      if (message.length === 0) {
        into.fill(0);
        return;
      }
      const { precision } = readTag('low-rank', message);
      let [from, count] = [1, 0];
      const ranks = blocks.map(({ length, rows, columns, most }) => {
        if (most === 0) {
          count += length;
          return 0;
        }
        const [kept, next] = readVarint(message, from);
        if (kept > most) failFormat(`it has rank ${kept}, above ${most}`);
        from = next;
        count += kept * (rows + columns);
        return kept;
      });
      const values = readValues(message, from, count, precision);
      let at = 0;
      const taken = (n: number) => values.subarray(at, (at += n));
      for (const [b, block] of blocks.entries()) {
        const part = into.subarray(block.at, block.at + block.length);
        const kept = ranks[b];
        if (block.most === 0) part.set(taken(block.length));
        else if (kept > 0) expand(taken(kept * block.rows), taken(kept * block.columns), kept, block, part);
        else part.fill(0);
      }
    },
  };
}
