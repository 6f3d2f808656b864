import type { SparseFunctions } from '@southwell/numerics/expressions';
import { choleskyInPlace, symmetricEigen } from '@southwell/numerics/linalg';
import { dot } from '../../vectors.ts';

/** Least eigenvalue, relative to the largest entry, of a matrix that counts as positive definite; the least one set. */
const [DEFINITE, FLOOR] = [1e-9, 1e-6];
/** Weights of active constraints, relative to the largest entry, that are tried in turn. */
const WEIGHTS = [1, 30, 1000, 30_000];
/** Length of what is left of a unit normal, below which it depends on others. */
const DEPENDENT = 1e-8;

/** A constraint aᵀd = b that is taken to be active. */
export interface ActiveRow {
  readonly a: Float64Array;
  readonly b: number;
}

/** The quadratic part of a subproblem, and what is added to its linear part. */
export interface Curvature {
  /** By rows, positive definite. */
  readonly P: Float64Array;
  readonly shift: Float64Array;
  /** Whether the terms of active constraints made it positive definite. */
  readonly convexified: boolean;
}

/** The dense Hessian of f − yᵀc. */
export function lagrangianHessian(functions: SparseFunctions, x: Float64Array, y: Float64Array): Float64Array {
  const { variables: n, hessian } = functions;
  const { colPointers, rowIndices } = hessian!;
  const values = new Float64Array(rowIndices.length);
  functions.hessianValues!(
    x,
    1,
    y.map((v) => -v),
    values,
  );
  const H = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      H[i * n + j] += values[k];
      if (i !== j) H[j * n + i] += values[k];
    }
  }
  return H;
}

/**
 * A positive definite matrix in place of H. Where H has negative curvature across active constraints only, the terms
 * ½w(aᵀd − b)² leave the solution and its multipliers as they are; otherwise negative eigenvalues change their signs.
 * O(n³).
 * @param active Undefined if no such terms may be added.
 */
export function positiveDefinite(H: Float64Array, n: number, active: readonly ActiveRow[] | undefined): Curvature {
  let size = 0;
  for (const v of H) size = Math.max(size, Math.abs(v));
  if (size === 0) size = 1;
  const shift = new Float64Array(n);
  if (isDefinite(H, n, size)) return { P: H, shift, convexified: false };
  const independent = orthonormal(active ?? []);
  for (const weight of independent.length > 0 ? WEIGHTS : []) {
    const P = H.slice();
    shift.fill(0);
    for (const { a, b } of independent) addSquare(P, shift, a, b, weight * size);
    if (isDefinite(P, n, size)) return { P, shift, convexified: true };
  }
  const { values, vectors } = symmetricEigen(H, n);
  const P = new Float64Array(n * n);
  for (let e = 0; e < n; e++) {
    const value = Math.max(Math.abs(values[e]), FLOOR * size);
    for (let i = 0; i < n; i++) {
      const factor = value * vectors[i * n + e];
      for (let j = 0; j <= i; j++) P[i * n + j] += factor * vectors[j * n + e];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) P[j * n + i] = P[i * n + j];
  return { P, shift: new Float64Array(n), convexified: false };
}

/** Constraints with the same solutions and orthonormal normals, so that small weights suffice (Gram and Schmidt). */
function orthonormal(rows: readonly ActiveRow[]): ActiveRow[] {
  const found: ActiveRow[] = [];
  for (const row of rows) {
    const norm = Math.sqrt(dot(row.a, row.a));
    if (norm === 0) continue;
    const a = row.a.map((v) => v / norm);
    let b = row.b / norm;
    // Twice is enough.
    for (let turn = 0; turn < 2; turn++) {
      for (const other of found) {
        const share = dot(a, other.a);
        for (let j = 0; j < a.length; j++) a[j] -= share * other.a[j];
        b -= share * other.b;
      }
    }
    const left = Math.sqrt(dot(a, a));
    if (left > DEPENDENT) found.push({ a: a.map((v) => v / left), b: b / left });
  }
  return found;
}

const isDefinite = (H: Float64Array, n: number, size: number): boolean =>
  choleskyInPlace(H.slice(), n, -DEFINITE * size);

/** P ← P + w·aaᵀ, shift ← shift − w·b·a. */
function addSquare(P: Float64Array, shift: Float64Array, a: Float64Array, b: number, w: number): void {
  const n = a.length;
  for (let i = 0; i < n; i++) {
    if (a[i] === 0) continue;
    shift[i] -= w * b * a[i];
    // The products are the same in both triangles, to the last bit.
    for (let j = 0; j < n; j++) P[i * n + j] += w * (a[i] * a[j]);
  }
}

/** Least share of the curvature along a step that a damped update keeps (Powell 1978). */
const DAMPED = 0.2;

/** A BFGS matrix by rows, updated so that it stays positive definite. */
export class DampedBfgs {
  readonly matrix: Float64Array;
  private fresh = true;

  constructor(private readonly n: number) {
    this.matrix = new Float64Array(n * n);
    this.reset(1);
  }

  get isFresh(): boolean {
    return this.fresh;
  }

  reset(diagonal = 1): void {
    this.matrix.fill(0);
    for (let j = 0; j < this.n; j++) this.matrix[j * this.n + j] = diagonal;
    this.fresh = true;
  }

  /** @param y The change of the gradient of the Lagrangian along the step s. */
  update(s: Float64Array, y: Float64Array): void {
    const { n, matrix } = this;
    let [sy, ss] = [0, 0];
    for (let j = 0; j < n; j++) [sy, ss] = [sy + s[j] * y[j], ss + s[j] * s[j]];
    if (ss === 0 || !Number.isFinite(sy)) return;
    if (this.fresh && sy > 0) this.reset(Math.min(Math.max(sy / ss, 1e-4), 1e4));
    this.fresh = false;
    const Bs = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) Bs[i] += matrix[i * n + j] * s[j];
    let sBs = 0;
    for (let j = 0; j < n; j++) sBs += s[j] * Bs[j];
    const theta = sy >= DAMPED * sBs ? 1 : ((1 - DAMPED) * sBs) / (sBs - sy);
    const r = y.map((v, j) => theta * v + (1 - theta) * Bs[j]);
    const sr = theta * sy + (1 - theta) * sBs;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * n + j] += (r[i] * r[j]) / sr - (Bs[i] * Bs[j]) / sBs;
    }
  }
}
