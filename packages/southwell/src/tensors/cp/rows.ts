import { factorPositive } from '@southwell/numerics/linalg';
import type { Factor } from './mttkrp.ts';
import { projectedSlope } from './normalEquations.ts';

/**
 * Least squares of a factor whose rows have normal equations of their own, because they have different known values:
 * Vᵢ xᵢ = mᵢ. The entries of the matrices are stored as columns over the rows, one for each pair a ≥ b at {@link pairAt}
 * of the lower triangle, so that every step is a loop over contiguous rows.
 */
export interface RowEquations {
  /** n × r(r + 1)/2. */
  readonly V: Factor;
  /** n × r. */
  readonly M: Factor;
  readonly n: number;
  readonly r: number;
}

export const pairsOf = (rank: number): number => (rank * (rank + 1)) / 2;

/** The place of pair (a, b), in either order. */
const pairAt = (a: number, b: number): number => (a >= b ? (a * (a + 1)) / 2 + b : (b * (b + 1)) / 2 + a);

/** Passes over the entries of a row that must not be negative. */
const PASSES = 4;
/** Rows that are solved together, which stay in the cache. */
const BLOCK = 128;

/** out ← V A − M: the gradient of half the squared residual. O(n r²). */
function gradientInto(out: Factor, A: Factor, { V, M, n, r }: RowEquations): void {
  for (let a = 0; a < r; a++) {
    const at = a * n;
    for (let i = 0; i < n; i++) out[at + i] = -M[at + i];
    for (let b = 0; b < r; b++) {
      const [v, x] = [pairAt(a, b) * n, b * n];
      for (let i = 0; i < n; i++) out[at + i] += V[v + i] * A[x + i];
    }
  }
}

/** Gradient norm at a factor. */
export function rowsSlope(A: Factor, equations: RowEquations, nonNegative: boolean): number {
  const { n, r } = equations;
  const gradient = new Float64Array(n * r);
  gradientInto(gradient, A, equations);
  return projectedSlope(gradient, A, n, r, nonNegative);
}

/** ‖model‖² − 2⟨tensor, model⟩ over known values. */
export function rowsSquares(A: Factor, equations: RowEquations): number {
  const { M, n, r } = equations;
  const image = new Float64Array(n * r);
  gradientInto(image, A, equations);
  let sum = 0;
  for (let e = 0; e < n * r; e++) sum += A[e] * (image[e] - M[e]);
  return sum;
}

/** Solves all rows; the minimum-norm solution where equations are singular. O(n r³). */
export function solveRows(A: Factor, equations: RowEquations): void {
  const { n, r } = equations;
  const block = Math.min(BLOCK, n);
  const [L, scale, x] = [pairsOf(r), r, r].map((columns) => new Float64Array(columns * block));
  const sound = new Uint8Array(block);
  for (let from = 0; from < n; from += block) {
    const rows = Math.min(block, n - from);
    scaledInto(L, scale, x, equations, { from, rows });
    factorRows(L, sound, rows, r);
    substitute(L, x, rows, r);
    for (let i = 0; i < rows; i++) if (sound[i] === 0) singularRow(x, scale, equations, { from, rows, i });
    for (let a = 0; a < r; a++) {
      for (let i = 0; i < rows; i++) A[a * n + from + i] = x[a * rows + i] * scale[a * rows + i];
    }
  }
}

interface Span {
  readonly from: number;
  readonly rows: number;
}

/** Scaled to unit diagonals, so that columns of very different norms do not look dependent. */
function scaledInto(L: Factor, scale: Factor, x: Factor, { V, M, n, r }: RowEquations, { from, rows }: Span): void {
  for (let a = 0; a < r; a++) {
    const [at, d] = [a * rows, pairAt(a, a) * n + from];
    for (let i = 0; i < rows; i++) {
      const v = V[d + i];
      const s = v > 0 ? 1 / Math.sqrt(v) : 0;
      scale[at + i] = s;
      x[at + i] = M[a * n + from + i] * s;
    }
    for (let b = 0; b <= a; b++) {
      const [l, v, bt] = [pairAt(a, b) * rows, pairAt(a, b) * n + from, b * rows];
      for (let i = 0; i < rows; i++) L[l + i] = V[v + i] * scale[bt + i] * scale[at + i];
    }
  }
}

/** Cholesky factors in place; `sound` tells rows whose pivots are above rounding level. */
function factorRows(L: Factor, sound: Uint8Array, rows: number, r: number): void {
  const threshold = 8 * r * Number.EPSILON;
  sound.fill(1);
  for (let a = 0; a < r; a++) {
    for (let b = 0; b < a; b++) {
      const [l, d] = [pairAt(a, b) * rows, pairAt(b, b) * rows];
      for (let c = 0; c < b; c++) {
        const [p, q] = [pairAt(a, c) * rows, pairAt(b, c) * rows];
        for (let i = 0; i < rows; i++) L[l + i] -= L[p + i] * L[q + i];
      }
      for (let i = 0; i < rows; i++) L[l + i] /= L[d + i];
    }
    const d = pairAt(a, a) * rows;
    for (let i = 0; i < rows; i++) {
      let pivot = L[d + i];
      for (let c = 0; c < a; c++) {
        const v = L[pairAt(a, c) * rows + i];
        pivot -= v * v;
      }
      if (!(pivot > threshold * L[d + i])) sound[i] = 0;
      L[d + i] = Math.sqrt(pivot);
    }
  }
}

function substitute(L: Factor, x: Factor, rows: number, r: number): void {
  for (let a = 0; a < r; a++) {
    const [at, d] = [a * rows, pairAt(a, a) * rows];
    for (let b = 0; b < a; b++) {
      const [l, bt] = [pairAt(a, b) * rows, b * rows];
      for (let i = 0; i < rows; i++) x[at + i] -= L[l + i] * x[bt + i];
    }
    for (let i = 0; i < rows; i++) x[at + i] /= L[d + i];
  }
  for (let a = r - 1; a >= 0; a--) {
    const [at, d] = [a * rows, pairAt(a, a) * rows];
    for (let i = 0; i < rows; i++) x[at + i] /= L[d + i];
    for (let b = 0; b < a; b++) {
      const [l, bt] = [pairAt(a, b) * rows, b * rows];
      for (let i = 0; i < rows; i++) x[bt + i] -= L[l + i] * x[at + i];
    }
  }
}

/** Replaces the scaled solution of a row whose Cholesky factor is unsound. */
function singularRow(
  x: Factor,
  scale: Factor,
  { V, M, n, r }: RowEquations,
  { from, rows, i }: Span & { readonly i: number },
): void {
  const own = new Float64Array(r * r);
  const right = new Float64Array(r);
  for (let a = 0; a < r; a++) {
    const s = scale[a * rows + i];
    right[a] = M[a * n + from + i] * s;
    for (let b = 0; b < r; b++) own[a * r + b] = V[pairAt(a, b) * n + from + i] * scale[b * rows + i] * s;
  }
  factorPositive(own, r).solve(right);
  for (let a = 0; a < r; a++) x[a * rows + i] = right[a];
}

/** Entries one by one to their non-negative optimum given the others. O(n r²). */
export function descendRows(A: Factor, { V, M, n, r }: RowEquations): void {
  const g = new Float64Array(n);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let a = 0; a < r; a++) {
      const [at, d] = [a * n, pairAt(a, a) * n];
      for (let i = 0; i < n; i++) g[i] = M[at + i];
      for (let b = 0; b < r; b++) {
        const [v, x] = [pairAt(a, b) * n, b * n];
        for (let i = 0; i < n; i++) g[i] -= V[v + i] * A[x + i];
      }
      for (let i = 0; i < n; i++) A[at + i] = V[d + i] > 0 ? Math.max(0, A[at + i] + g[i] / V[d + i]) : 0;
    }
  }
}
