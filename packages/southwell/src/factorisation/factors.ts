import type { Random } from '../core/index.ts';
import { choleskyInPlace, symmetricEigen } from '../linalg/index.ts';
import type { Lines, Observed } from './observed.ts';

/** Factors are stored by rows: row i of an n × k factor is `f[i * k … i * k + k − 1]`. */

/** Σ_a x[xa + a] y[ya + a] over k entries. */
export function rowDot(x: Float64Array, xa: number, y: Float64Array, ya: number, k: number): number {
  let sum = 0;
  for (let a = 0; a < k; a++) sum += x[xa + a] * y[ya + a];
  return sum;
}

/**
 * Makes the columns orthonormal in place, by Cholesky factors of the Gram matrix where they are far from dependent, else by
 * Gram–Schmidt; each done twice. A column that depends on those before it becomes a random one: the directions beyond
 * the rank of the data are free. O(n k²).
 */
export function orthonormalise(f: Float64Array, k: number, random: Random): void {
  if (choleskyPass(f, k) && choleskyPass(f, k)) return;
  const n = f.length / k;
  const norm = (a: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += f[i * k + a] ** 2;
    return Math.sqrt(sum);
  };
  for (let a = 0; a < k; a++) {
    for (let attempt = 0; ; attempt++) {
      const before = norm(a);
      for (let pass = 0; pass < 2; pass++) {
        for (let b = 0; b < a; b++) {
          let dot = 0;
          for (let i = 0; i < n; i++) dot += f[i * k + a] * f[i * k + b];
          for (let i = 0; i < n; i++) f[i * k + a] -= dot * f[i * k + b];
        }
      }
      const after = norm(a);
      if (after > 1e-12 * before) {
        for (let i = 0; i < n; i++) f[i * k + a] /= after;
        break;
      }
      // No direction is left where k > n.
      if (attempt === 3) {
        for (let i = 0; i < n; i++) f[i * k + a] = 0;
        break;
      }
      for (let i = 0; i < n; i++) f[i * k + a] = random.normal();
    }
  }
}

/** Pivots below this share of their diagonal leave too little precision for a second pass to mend. */
const DEPENDENT = 1e-9;

/** f ← f L⁻ᵀ for fᵀf = L Lᵀ; false, with f as it was, where columns are nearly dependent. */
function choleskyPass(f: Float64Array, k: number): boolean {
  const L = new Float64Array(k * k);
  for (let at = 0; at < f.length; at += k) {
    for (let a = 0; a < k; a++) {
      const v = f[at + a];
      const row = a * k;
      for (let b = 0; b <= a; b++) L[row + b] += v * f[at + b];
    }
  }
  const diagonal = Float64Array.from({ length: k }, (_, a) => L[a * k + a]);
  if (!choleskyInPlace(L, k)) return false;
  for (let a = 0; a < k; a++) if (!(L[a * k + a] ** 2 > DEPENDENT * diagonal[a])) return false;
  for (let at = 0; at < f.length; at += k) {
    for (let a = 0; a < k; a++) {
      const row = a * k;
      let v = f[at + a];
      for (let b = 0; b < a; b++) v -= L[row + b] * f[at + b];
      f[at + a] = v / L[row + a];
    }
  }
  return true;
}

/** out ← S f, for lines of S: out[j] = Σ values[e] f[indices[e]], added to what `out` holds. O(entries · k). */
export function addProduct(lines: Lines, values: Float64Array, f: Float64Array, k: number, out: Float64Array): void {
  const { pointers, indices, count } = lines;
  for (let j = 0; j < count; j++) {
    for (let e = pointers[j]; e < pointers[j + 1]; e++) {
      const from = indices[e] * k;
      const v = values[e];
      for (let a = 0; a < k; a++) out[j * k + a] += v * f[from + a];
    }
  }
}

/** How far rows may stick out of a spectral start, in units of √(k/rows): 2μ with incoherence μ = 2. */
const LONGEST = 4;
/** Of subspace iteration: what follows improves the subspace faster. */
const START_STEPS = 4;

/**
 * The leading left singular vectors of the observed entries, the rest taken as zero, by subspace iteration; rows that
 * are too long, of a matrix with spikes, are set to zero. `sizes` estimates the singular values of the whole matrix.
 * O(entries · k · steps).
 */
export function spectralStart(observed: Observed, k: number, random: Random): { U: Float64Array; sizes: Float64Array } {
  const { rows, cols, byCol, byRow } = observed;
  const U = Float64Array.from({ length: rows * k }, () => random.normal());
  orthonormalise(U, k, random);
  const V = new Float64Array(cols * k);
  for (let step = 0; step < START_STEPS; step++) {
    V.fill(0);
    addProduct(byCol, byCol.values, U, k, V);
    orthonormalise(V, k, random);
    U.fill(0);
    addProduct(byRow, byRow.values, V, k, U);
    if (step < START_STEPS - 1) orthonormalise(U, k, random);
  }
  const share = Math.max(1, byCol.values.length) / (rows * cols);
  const sizes = new Float64Array(k);
  for (let i = 0; i < rows; i++) for (let a = 0; a < k; a++) sizes[a] += U[i * k + a] ** 2;
  for (let a = 0; a < k; a++) sizes[a] = Math.sqrt(sizes[a]) / share;
  orthonormalise(U, k, random);
  const limit = (LONGEST * LONGEST * k) / rows;
  for (let i = 0; i < rows; i++) if (rowDot(U, i * k, U, i * k, k) > limit) U.fill(0, i * k, i * k + k);
  orthonormalise(U, k, random);
  return { U, sizes };
}

/** T = W diag(s) Zᵀ of a tall T, n × k, by the eigenvectors of TᵀT; W overwrites T, columns of size 0 are zero. */
export function tallSvd(T: Float64Array, k: number): { sizes: Float64Array; Z: Float64Array } {
  const n = T.length / k;
  const gram = new Float64Array(k * k);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) gram[a * k + b] += T[i * k + a] * T[i * k + b];
  }
  const { values, vectors } = symmetricEigen(gram, k);
  const sizes = values.map((v) => Math.sqrt(Math.max(0, v)));
  const least = 1e-12 * sizes.reduce((x, y) => Math.max(x, y), 0);
  rotate(T, k, vectors);
  for (let a = 0; a < k; a++) {
    if (!(sizes[a] > least)) sizes[a] = 0;
    const scale = sizes[a] > 0 ? 1 / sizes[a] : 0;
    for (let i = 0; i < n; i++) T[i * k + a] *= scale;
  }
  return { sizes, Z: vectors };
}

/** f ← f Z for a k × k Z with `Z[b * k + a]` in row b, column a. */
export function rotate(f: Float64Array, k: number, Z: Float64Array): void {
  const row = new Float64Array(k);
  for (let at = 0; at < f.length; at += k) {
    row.fill(0);
    for (let b = 0; b < k; b++) for (let a = 0; a < k; a++) row[a] += f[at + b] * Z[b * k + a];
    f.set(row, at);
  }
}

/** The residual of each entry by columns: value − u·v; gives Σ w r². O(entries · k). */
export function residuals(
  { byCol }: Observed,
  U: Float64Array,
  V: Float64Array,
  k: number,
  out: Float64Array = new Float64Array(byCol.values.length),
): { readonly r: Float64Array; readonly squares: number } {
  const { pointers, indices, values, weights, count } = byCol;
  let squares = 0;
  for (let j = 0; j < count; j++) {
    for (let e = pointers[j]; e < pointers[j + 1]; e++) {
      const r = values[e] - rowDot(U, indices[e] * k, V, j * k, k);
      out[e] = r;
      squares += (weights ? weights[e] : 1) * r * r;
    }
  }
  return { r: out, squares };
}

export function sumOfSquares(x: Float64Array): number {
  let sum = 0;
  for (const v of x) sum += v * v;
  return sum;
}
