import {
  checkOptions,
  choiceOption,
  flagOption,
  limitOption,
  numberOption,
  type OptionsNeeding,
  Random,
  seedOption,
} from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import { addGram, addRows, dotRows, rowDot } from './factors.ts';
import type { ObservedRows } from './observed.ts';

export const solverTitles = {
  exact: 'normal equations',
  sketch: 'conjugate gradients on sketched variables',
  cg: 'conjugate gradients',
} as const;

export type RegressionSolver = keyof typeof solverTitles;

export const regressionRecords = {
  /**
   * `exact`: normal equations and Cholesky, O(nₗk²) for a row of nₗ entries. `cg`: conjugate gradients on the normal
   * equations, O(nₗk) a step. `sketch`: the same, preconditioned by a sparse sign sketch of the row, O(k³) more.
   */
  solver: choiceOption(solverTitles),
  /** ½λ‖x‖² is added. Default 0. */
  lambda: numberOption({ min: 0, finite: true }),
  /** Stops when the gradient norm, relative to the initial one, is at most this. Default 1e-12. */
  tol: numberOption({ min: 0 }),
  /** Maximum number of steps. Default 2k + 10. */
  maxIter: limitOption(0),
  /** Seed of the sketch. Default 0. */
  seed: seedOption(),
  /** Starts from the given `out` instead of zero. */
  warm: flagOption(),
};

export interface RegressionOptions extends OptionsNeeding<typeof regressionRecords, 'solver'> {}

/** Work counts of regressions. */
export interface RegressionWork {
  multiplyAdds: number;
  /** Conjugate-gradient steps, over all rows. */
  innerIterations: number;
}

/** Rows of a sketch per column: with 4 a Gaussian sketch has condition number 3 only as k → ∞, more for small k. */
const SKETCH_ROWS = 6;
/** Non-zeros per row of a factor in its sketch. */
const SKETCH_PLACES = 4;

/**
 * One regression for each observed row on the rows of `factor` (across × k) at its entries: the j-th row of `out`
 * (count × k) minimises ½Σ w(value − u·x)² + ½λ‖x‖². Without λ, an underdetermined row gets the minimum-norm solution
 * and an empty one zero. A row with fewer entries than the sketch has rows is solved exactly.
 */
export function solveRegressions(
  rows: ObservedRows,
  factor: Float64Array,
  k: number,
  options: RegressionOptions,
  out: Float64Array = new Float64Array(rows.count * k),
  work: RegressionWork = { multiplyAdds: 0, innerIterations: 0 },
): Float64Array {
  checkOptions('solveRegressions', regressionRecords, options);
  const { solver, lambda = 0, tol = 1e-12, maxIter = 2 * k + 10, warm = false } = options;
  const solve = new RowSolver(rows, factor, k, lambda, work);
  const height = SKETCH_ROWS * k;
  const sketch = solver === 'sketch' ? new Sketch(rows.across, height, options.seed ?? 0) : undefined;
  for (let j = 0; j < rows.count; j++) {
    const x = out.subarray(j * k, j * k + k);
    const length = rows.pointers[j + 1] - rows.pointers[j];
    if (!warm || length === 0) x.fill(0);
    if (length === 0) continue;
    if (solver === 'cg') solve.conjugateGradients(j, x, tol, maxIter);
    else if (solver === 'exact' || length <= height) solve.exactly(j, x);
    else solve.conjugateGradients(j, x, tol, maxIter, sketch!.factorOf(rows, j, factor, k, lambda, work));
  }
  return out;
}

/** Rows of a factor that are gathered at a time. */
const PIECE = 64;

class RowSolver {
  private readonly gathered: Float64Array;
  private readonly scaled: Float64Array;
  private readonly gram: Float64Array;
  private r = new Float64Array(64);
  private readonly s: Float64Array;
  private readonly p: Float64Array;
  private readonly q: Float64Array;

  constructor(
    private readonly rows: ObservedRows,
    private readonly f: Float64Array,
    private readonly k: number,
    private readonly lambda: number,
    private readonly work: RegressionWork,
  ) {
    this.gram = new Float64Array(k * k);
    this.gathered = new Float64Array(PIECE * k);
    this.scaled = new Float64Array(PIECE * k);
    this.s = new Float64Array(k);
    this.p = new Float64Array(k);
    this.q = new Float64Array(k);
  }

  exactly(j: number, x: Float64Array): void {
    const { f, k, gram, s, work, lambda } = this;
    const { pointers, indices, values, weights } = this.rows;
    gram.fill(0);
    s.fill(0);
    const [begin, end] = [pointers[j], pointers[j + 1]];
    const length = end - begin;
    // Gathered rows, in blocks that fit into the cache.
    for (let from = begin; from < end; from += PIECE) {
      const to = Math.min(end, from + PIECE);
      const { gathered, scaled } = this;
      for (let e = from; e < to; e++) {
        const at = indices[e] * k;
        const into = (e - from) * k;
        const w = weights ? weights[e] : 1;
        const b = w * values[e];
        for (let a = 0; a < k; a++) {
          const v = f[at + a];
          gathered[into + a] = v;
          if (weights) scaled[into + a] = w * v;
          s[a] += b * v;
        }
      }
      addGram(weights ? scaled : gathered, gathered, to - from, k, gram);
    }
    work.multiplyAdds += length * ((k * (k + 1)) / 2 + k) + (k * k * k) / 6 + k * k;
    if ((length >= k || lambda > 0) && choleskyInPlace(gram, k, lambda)) {
      x.set(s);
      choleskySolveInPlace(gram, k, x);
    } else {
      // From zero, conjugate gradients converge to the minimum-norm solution.
      x.fill(0);
      this.conjugateGradients(j, x, 1e-12, 4 * k + 20);
    }
  }

  /** Preconditioned CGLS (Björck), (L⁻¹AᵀWAL⁻ᵀ + …)y = …, x = L⁻ᵀy, from the given x, without forming AᵀA. */
  conjugateGradients(j: number, x: Float64Array, tol: number, maxIter: number, L?: Float64Array): void {
    const { f, k, s, p, q, lambda, work } = this;
    const { pointers, indices, values, weights } = this.rows;
    const [begin, end] = [pointers[j], pointers[j + 1]];
    const length = end - begin;
    const pass = length * k + (L ? (k * k) / 2 : 0);
    if (this.r.length < length) {
      this.r = new Float64Array(2 * length);
      this.t = new Float64Array(2 * length);
    }
    const { r } = this;
    /** s ← L⁻¹(AᵀWr − λx); returns ‖s‖². */
    const gradient = (): number => {
      s.fill(0);
      const { t } = this;
      if (weights) for (let e = 0; e < length; e++) t[e] = weights[begin + e] * r[e];
      addRows(indices, begin, end, weights ? t : r, 0, f, k, s, 0);
      for (let a = 0; a < k; a++) s[a] -= lambda * x[a];
      if (L) solveLower(L, k, s);
      work.multiplyAdds += pass;
      return rowDot(s, 0, s, 0, k);
    };
    if (x.some((v) => v !== 0)) {
      for (let e = begin; e < end; e++) r[e - begin] = values[e] - rowDot(f, indices[e] * k, x, 0, k);
      work.multiplyAdds += length * k;
    } else for (let e = begin; e < end; e++) r[e - begin] = values[e];
    let gamma = gradient();
    const reference = gamma;
    p.set(s);
    for (let step = 0; step < maxIter && gamma > tol * tol * reference; step++) {
      q.set(p);
      if (L) solveUpper(L, k, q);
      let curvature = lambda * rowDot(q, 0, q, 0, k);
      // Two passes over the row, since the step length is known only after the first.
      const t = this.along(j, q);
      for (let e = begin; e < end; e++) curvature += (weights ? weights[e] : 1) * t[e - begin] ** 2;
      if (!(curvature > 0)) break;
      const alpha = gamma / curvature;
      for (let a = 0; a < k; a++) x[a] += alpha * q[a];
      for (let e = 0; e < length; e++) r[e] -= alpha * t[e];
      work.multiplyAdds += pass;
      work.innerIterations++;
      const next = gradient();
      const beta = next / gamma;
      gamma = next;
      for (let a = 0; a < k; a++) p[a] = s[a] + beta * p[a];
    }
  }

  private t = new Float64Array(64);

  /** A q for the entries of row j. */
  private along(j: number, q: Float64Array): Float64Array {
    const { f, k } = this;
    const { pointers, indices } = this.rows;
    const begin = pointers[j];
    const length = pointers[j + 1] - begin;
    const { t } = this;
    dotRows(indices, begin, begin + length, f, k, q, t);
    return t;
  }
}

/** A sparse sign sketch of the rows of a factor, shared by all regressions: each row has a few positions and signs. */
export class Sketch {
  private readonly places: Int32Array;
  private readonly signs: Float64Array;

  constructor(
    across: number,
    private readonly height: number,
    seed: number,
  ) {
    const random = new Random(seed);
    this.places = Int32Array.from({ length: across * SKETCH_PLACES }, () => random.integer(height));
    const size = 1 / Math.sqrt(SKETCH_PLACES);
    this.signs = Float64Array.from(this.places, () => (random.bits() < 0 ? size : -size));
  }

  /** The Cholesky factor L of (SA)ᵀSA + λI for row j; undefined where it is not positive definite. */
  factorOf(
    { pointers, indices, weights }: ObservedRows,
    j: number,
    f: Float64Array,
    k: number,
    lambda: number,
    work: RegressionWork,
  ): Float64Array | undefined {
    const { height, places, signs } = this;
    const SA = new Float64Array(height * k);
    for (let e = pointers[j]; e < pointers[j + 1]; e++) {
      const i = indices[e];
      const root = weights ? Math.sqrt(weights[e]) : 1;
      for (let c = i * SKETCH_PLACES; c < (i + 1) * SKETCH_PLACES; c++) {
        const to = places[c] * k;
        const v = root * signs[c];
        for (let a = 0; a < k; a++) SA[to + a] += v * f[i * k + a];
      }
    }
    const gram = new Float64Array(k * k);
    for (let h = 0; h < height; h++) {
      for (let a = 0; a < k; a++) {
        const v = SA[h * k + a];
        for (let b = 0; b <= a; b++) gram[a * k + b] += v * SA[h * k + b];
      }
    }
    work.multiplyAdds +=
      (pointers[j + 1] - pointers[j]) * SKETCH_PLACES * k + (height * k * (k + 1)) / 2 + (k * k * k) / 6;
    return choleskyInPlace(gram, k, lambda) ? gram : undefined;
  }
}

function solveLower(L: Float64Array, k: number, x: Float64Array): void {
  for (let i = 0; i < k; i++) x[i] = (x[i] - rowDot(L, i * k, x, 0, i)) / L[i * k + i];
}

function solveUpper(L: Float64Array, k: number, x: Float64Array): void {
  for (let i = k - 1; i >= 0; i--) {
    x[i] /= L[i * k + i];
    for (let a = 0; a < i; a++) x[a] -= L[i * k + a] * x[i];
  }
}
