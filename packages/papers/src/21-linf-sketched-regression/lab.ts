import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Random, SouthwellError } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import { createSketch, leverageScores, type SketchKind } from '@southwell/numerics/sketches';
import { type Refinement, sketchedLeastSquares, sketchedLeastSquaresIterates } from 'southwell/linear-systems';

/** The sketches that are compared, by name. */
export const SKETCHED = {
  SRHT: 'srht',
  pooled: 'gaussian-pooled',
  Gaussian: 'gaussian',
  OSNAP: 'osnap',
  CountSketch: 'count-sketch',
  'rows by leverage': 'leverage-rows',
  'uniform rows': 'uniform-rows',
} as const satisfies Record<string, SketchKind>;
export type SketchedName = keyof typeof SKETCHED;

/** The solution x′ of a sketched problem. */
export type Solve = (
  kind: Exclude<SketchKind, 'tensor-srht'>,
  A: DenseMatrix,
  b: Float64Array,
  rows: number,
  seed: number,
) => Float64Array;

/**
 * (SA)⁺Sb by the library, or by singular values if it refuses: if a sketch loses a column of A, the pseudoinverse is
 * still defined, and the paper defines x′ by it.
 */
export const librarySolve: Solve = (kind, A, b, rows, seed) => {
  try {
    return sketchedLeastSquares(A, b, { refine: 'none', sketch: kind, rows, seed }).x;
  } catch (error) {
    if (!(error instanceof SouthwellError && error.code === 'SINGULAR')) throw error;
    return pseudoSolution(kind, A, b, rows, seed);
  }
};

function pseudoSolution(kind: SketchKind, A: DenseMatrix, b: Float64Array, rows: number, seed: number): Float64Array {
  // As in sketchedLeastSquares.
  const options = {
    ...(kind === 'osnap' && { entries: Math.min(rows, rows >= 16 * A.cols ? 4 : 8) }),
    ...(kind === 'leverage-rows' && { scores: leverageScores(A, { seed: seed + 1 }) }),
  };
  const sketch = createSketch(kind, A.rows, rows, seed, options);
  const SA = sketch.apply(A);
  const Sb = sketch.applyVector(b);
  const { U, singularValues: s, V } = svd(SA);
  const x = new Float64Array(A.cols);
  for (let k = 0; k < s.length && s[k] > 1e-10 * s[0]; k++) {
    const u = U.column(k);
    let by = 0;
    for (let i = 0; i < rows; i++) by += u[i] * Sb[i];
    const v = V.column(k);
    for (let j = 0; j < x.length; j++) x[j] += (by / s[k]) * v[j];
  }
  for (const M of [SA, U, V]) M.free();
  return x;
}

/** A problem whose solution x* is drawn, with a residual of norm 1, orthogonal to the orthonormal columns of A. */
export interface Instance {
  readonly A: DenseMatrix;
  readonly b: Float64Array;
  readonly x: Float64Array;
  /** ε/√d for ε = √(d/m). */
  readonly unit: number;
}

/** b = Ax* + r for normal x*. */
function drawnSolution(A: DenseMatrix, residual: Float64Array, rows: number, random: Random): Instance {
  const x = Float64Array.from({ length: A.cols }, () => random.normal());
  const b = residual.slice();
  for (let j = 0; j < A.cols; j++) {
    const column = A.column(j);
    for (let i = 0; i < A.rows; i++) b[i] += x[j] * column[i];
  }
  return { A, b, x, unit: 1 / Math.sqrt(rows) };
}

/**
 * A = [I; 0], and a residual of norm 1 on the next `spread` rows. CountSketch puts 1/√spread on single coefficients,
 * about twice at spread = 2m/d; a sketch of s signs per row does at 2m/(s²d).
 */
export function spreadResidual(n: number, d: number, rows: number, spread: number, random: Random): Instance {
  const A = DenseMatrix.create(n, d);
  for (let j = 0; j < d; j++) A.set(j, j, 1);
  const residual = new Float64Array(n);
  residual.fill(1 / Math.sqrt(spread), d, d + spread);
  return drawnSolution(A, residual, rows, random);
}

/** Pairs of rows per column in {@link lightRows}. */
const PAIRS = 4;

/**
 * For samples by leverage: the residual is on rows of little leverage, in pairs of equal rows and opposite residuals, and
 * about two of these rows are sampled, with large weights.
 */
export function lightRows(n: number, d: number, rows: number, random: Random): Instance {
  const A = DenseMatrix.create(n, d);
  const residual = new Float64Array(n);
  const light = Math.sqrt(1 / (PAIRS * rows));
  const size = 1 / Math.sqrt(2 * PAIRS * d);
  for (let j = 0; j < d; j++) {
    A.set(j, j, Math.sqrt(1 - 2 * PAIRS * light ** 2));
    for (let k = 0; k < 2 * PAIRS; k++) {
      const i = d + 2 * PAIRS * j + k;
      A.set(i, j, light);
      residual[i] = k % 2 === 0 ? size : -size;
    }
  }
  return drawnSolution(A, residual, rows, random);
}

/** Instances on which CountSketch, OSNAP with four signs per row, and samples by leverage have uneven errors. */
export function hardInstances(
  n: number,
  d: number,
  rows: number,
  random: Random,
): Readonly<Record<'spread residual' | 'two large residuals' | 'light rows', Instance>> {
  return {
    'spread residual': spreadResidual(n, d, rows, Math.round((2 * rows) / d), random.split(0)),
    'two large residuals': spreadResidual(n, d, rows, Math.round((2 * rows) / (16 * d)), random.split(1)),
    'light rows': lightRows(n, d, rows, random.split(2)),
  };
}

/** The largest error of a coefficient. */
export const worstError = (x: Float64Array, truth: Float64Array): number => largest(x.map((v, j) => v - truth[j]));

/** The solution of a sketched problem by SRHT, and what it costs. */
export function sketchedSolve(
  A: DenseMatrix,
  b: Float64Array,
  rows: number,
  seed: number,
): { readonly x: Float64Array; readonly operations: number } {
  return { x: librarySolve('srht', A, b, rows, seed), operations: operations('srht', A.rows, A.cols, rows) };
}

/** Refinement steps by the library, or by a control. */
export type Refine = ({ A, b }: Known, refine: Refinement, rows: number, seed: number) => Iterable<RefinementStep>;
export interface RefinementStep {
  readonly iteration: number;
  snapshot(): Float64Array;
}

export const libraryRefine: Refine = ({ A, b }, refine, rows, seed) =>
  sketchedLeastSquaresIterates(A, b, { refine, rows, seed });

export const largest = (x: Float64Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The slope of log y over log x by least squares. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mu, mv] = [mean(u), mean(v)];
  return u.reduce((s, a, i) => s + (a - mu) * (v[i] - mv), 0) / u.reduce((s, a) => s + (a - mu) ** 2, 0);
}

export interface Known {
  readonly A: DenseMatrix;
  readonly b: Float64Array;
  readonly x: Float64Array;
}

/**
 * A = [B; B], b = [Bx + e; Bx − e], so that Aᵀ(b − Ax) = 0 to the last bit: B is a multiple of 2⁻⁴⁰, x of 2⁻³, e of
 * 2⁻⁴³, and all sums of them are exact. Singular values of B decrease geometrically, and a reflection mixes its
 * columns.
 */
export function knownSolution(n: number, d: number, condition: number, noise: number, random: Random): Known {
  const half = n / 2;
  const A = DenseMatrix.create(n, d);
  const v = Float64Array.from({ length: d }, () => random.normal());
  const x = Float64Array.from({ length: d }, () => Math.round(8 * random.normal()) / 8);
  const scales = Float64Array.from({ length: d }, (_, j) => condition ** (-j / (d - 1)));
  const size = v.reduce((s, t) => s + t * t, 0);
  const b = new Float64Array(n);
  const row = new Float64Array(d);
  for (let i = 0; i < half; i++) {
    let along = 0;
    for (let j = 0; j < d; j++) {
      row[j] = random.normal() * scales[j];
      along += row[j] * v[j];
    }
    let fit = 0;
    for (let j = 0; j < d; j++) {
      const a = Math.round((row[j] - ((2 * along) / size) * v[j]) * 2 ** 40) / 2 ** 40;
      A.set(i, j, a);
      A.set(half + i, j, a);
      fit += a * x[j];
    }
    const e = Math.round(random.normal() * noise * 2 ** 43) / 2 ** 43;
    [b[i], b[half + i]] = [fit + e, fit - e];
  }
  return { A, b, x };
}

export function relativeError(x: Float64Array, truth: Float64Array): number {
  let [error, size] = [0, 0];
  for (let j = 0; j < x.length; j++) {
    error += (x[j] - truth[j]) ** 2;
    size += truth[j] ** 2;
  }
  return Math.sqrt(error / size);
}

/** Number of additions and multiplications for sketching n × d to m rows, and for Householder QR of m × d. */
export function operations(kind: SketchKind, n: number, d: number, m: number): number {
  const N = 2 ** Math.ceil(Math.log2(n));
  const sketch =
    kind === 'gaussian' ? 2 * m * n * d : kind === 'srht' ? (n + N * Math.log2(N) + m) * d : Number.POSITIVE_INFINITY;
  return sketch + qrOperations(m, d);
}

export const qrOperations = (m: number, d: number): number => 2 * m * d * d - (2 / 3) * d ** 3;
