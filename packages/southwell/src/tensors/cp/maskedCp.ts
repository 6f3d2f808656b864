import type { DenseMatrix } from '@southwell/numerics/arrays';
import type { Memory } from '../memory.ts';
import { type Shape, sizeOf, type Tensor } from '../tensor.ts';
import { CANCELS, type CpProblem } from './cpProblem.ts';
import { cutOf, type Factor, Halves } from './mttkrp.ts';
import { descendRows, pairsOf, rowsSlope, rowsSquares, solveRows } from './rows.ts';

/** Where fewer than one value in so many is known, lists of the known ones take less time. */
const LISTED = 12;
/** Largest size of the products with pairs of columns, in doubles. */
const LARGEST = 2 ** 23;

/** Whether {@link MaskedCp} is preferable to lists of the known values. */
export function masksPay(shape: Shape, known: number, rank: number): boolean {
  const cut = cutOf(shape);
  const longest = Math.max(sizeOf(shape.slice(0, cut)), sizeOf(shape.slice(cut)));
  return LISTED * known >= sizeOf(shape) && longest * pairsOf(rank) <= LARGEST;
}

/**
 * Least squares over the known values of a dense tensor. The normal equations of row i of a factor have the matrix
 * Σ mask · h hᵀ, h being the product of the other factors' rows: all rows together are a matricised tensor times a
 * Khatri–Rao product, of the mask with the products of pairs of columns, so that they are matrix products as without
 * missing values. A row without known values is zero. O(rank² · values) per sweep.
 */
export class MaskedCp implements CpProblem {
  readonly shape: Shape;
  /** Squared norm. */
  private readonly own: number;
  private readonly mask: DenseMatrix;
  private readonly values: Halves;
  private readonly known: Halves;

  /** @param tensor Missing values are NaN. */
  constructor(
    { shape, data }: Tensor,
    readonly rank: number,
    private readonly nonNegative: boolean,
    memory: Memory,
  ) {
    this.shape = shape;
    this.mask = memory.room(data.length);
    const room = memory.room(data.length);
    const [mask, values] = [this.mask.data, room.data];
    let own = 0;
    for (let e = 0; e < data.length; e++) {
      const v = data[e];
      const given = !Number.isNaN(v);
      mask[e] = given ? 1 : 0;
      values[e] = given ? v : 0;
      if (given) own += v * v;
    }
    this.own = own;
    this.values = new Halves(shape, room, rank, memory);
    this.known = new Halves(shape, this.mask, pairsOf(rank), memory);
  }

  sweep(factors: readonly Factor[]): { squares: number; slope: number } {
    return this.pass(factors, true);
  }

  slope(factors: readonly Factor[]): number {
    return this.pass(factors, false).slope;
  }

  squares(factors: readonly Factor[]): number {
    return this.pass(factors, false, this.shape.length - 1).squares;
  }

  private pass(factors: readonly Factor[], update: boolean, from = 0): { squares: number; slope: number } {
    const { shape, rank, values, known, nonNegative } = this;
    // Those of the first mode are needed after its update.
    const pairs = factors.map((A, k) => (k > from || from > 0 ? pairColumns(A, shape[k], rank) : NONE));
    let [slopes, squares] = [0, 0];
    for (let mode = from; mode < shape.length; mode++) {
      if (mode === from || mode === values.cut) {
        const side = mode < values.cut ? 'left' : 'right';
        values.prepare(side, factors);
        known.prepare(side, pairs);
      }
      const [A, n] = [factors[mode], shape[mode]];
      const equations = { V: new Float64Array(n * pairsOf(rank)), M: new Float64Array(n * rank), n, r: rank };
      values.contract(mode, factors, equations.M);
      known.contract(mode, pairs, equations.V);
      slopes += rowsSlope(A, equations, nonNegative) ** 2;
      if (update) {
        if (nonNegative) descendRows(A, equations);
        else solveRows(A, equations);
      }
      if (update || mode === 0) pairs[mode] = pairColumns(A, n, rank);
      if (mode === shape.length - 1) squares = this.own + rowsSquares(A, equations);
    }
    if (!(squares > CANCELS)) squares = values.residualSquares(factors, this.mask);
    return { squares, slope: Math.sqrt(slopes) };
  }
}

const NONE = new Float64Array(0);

/** Products of each column with itself and those before it, in rows of the lower triangle. */
function pairColumns(A: Factor, n: number, rank: number): Factor {
  const out = new Float64Array(n * pairsOf(rank));
  let at = 0;
  for (let a = 0; a < rank; a++) {
    for (let b = 0; b <= a; b++) for (let i = 0; i < n; i++) out[at++] = A[a * n + i] * A[b * n + i];
  }
  return out;
}
