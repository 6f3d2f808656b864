import { DenseMatrix } from '@southwell/numerics/arrays';
import type { Random } from '@southwell/numerics/core';
import { orthonormaliseRows, symmetricEigen } from '@southwell/numerics/linalg';
import type { Observed, ObservedRows } from './observed.ts';
import type { PlacedEntries } from './placed.ts';
import { firstOf, sumOfEntries, wholeProduct } from './shares.ts';

/** Factors are stored by rows: row i of an n × k factor is `f[i * k … i * k + k − 1]`. */

/** Σ_a x[xa + a] y[ya + a] over k entries. */
export function rowDot(x: Float64Array, xa: number, y: Float64Array, ya: number, k: number): number {
  let sum = 0;
  for (let a = 0; a < k; a++) sum += x[xa + a] * y[ya + a];
  return sum;
}

/** Makes the columns of an n × k factor, k ≤ n, orthonormal in place: {@link orthonormaliseRows}. O(n k²). */
export function orthonormalise(f: Float64Array, k: number, random: Random): void {
  const F = DenseMatrix.fromColumnMajor(f, k, f.length / k);
  try {
    orthonormaliseRows(F, random);
    f.set(F.data);
  } finally {
    F.free();
  }
}

/**
 * out[o …] += Σ c[e] f[indices[e]] over the entries from `begin` to `end` (exclusive), whose coefficients start at
 * `at`. Unrolled by four, to reduce stores to `out`.
 */
export function addRows(
  indices: Int32Array,
  begin: number,
  end: number,
  c: Float64Array,
  at: number,
  f: Float64Array,
  k: number,
  out: Float64Array,
  o: number,
): void {
  let e = begin;
  let from = at;
  for (; e + 3 < end; e += 4, from += 4) {
    const [f0, f1, f2, f3] = [indices[e] * k, indices[e + 1] * k, indices[e + 2] * k, indices[e + 3] * k];
    const [c0, c1, c2, c3] = [c[from], c[from + 1], c[from + 2], c[from + 3]];
    for (let a = 0; a < k; a++) {
      out[o + a] += c0 * f[f0 + a] + c1 * f[f1 + a] + (c2 * f[f2 + a] + c3 * f[f3 + a]);
    }
  }
  for (; e < end; e++, from++) {
    const row = indices[e] * k;
    const v = c[from];
    for (let a = 0; a < k; a++) out[o + a] += v * f[row + a];
  }
}

/** out[e − begin] = f[indices[e]] · x for the entries from `begin` to `end` (exclusive), unrolled by four. */
export function dotRows(
  indices: Int32Array,
  begin: number,
  end: number,
  f: Float64Array,
  k: number,
  x: Float64Array,
  out: Float64Array,
): void {
  let e = begin;
  for (; e + 3 < end; e += 4) {
    const [f0, f1, f2, f3] = [indices[e] * k, indices[e + 1] * k, indices[e + 2] * k, indices[e + 3] * k];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let a = 0; a < k; a++) {
      const v = x[a];
      s0 += v * f[f0 + a];
      s1 += v * f[f1 + a];
      s2 += v * f[f2 + a];
      s3 += v * f[f3 + a];
    }
    const to = e - begin;
    out[to] = s0;
    out[to + 1] = s1;
    out[to + 2] = s2;
    out[to + 3] = s3;
  }
  for (; e < end; e++) out[e - begin] = rowDot(f, indices[e] * k, x, 0, k);
}

/** Lower triangle of `gram` += rows[a] · rows[b] over rows of f, unrolled by four; `scaled` is the left factor. */
export function addGram(scaled: Float64Array, f: Float64Array, count: number, k: number, gram: Float64Array): void {
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const [f0, f1, f2, f3] = [i * k, (i + 1) * k, (i + 2) * k, (i + 3) * k];
    for (let a = 0; a < k; a++) {
      const [v0, v1, v2, v3] = [scaled[f0 + a], scaled[f1 + a], scaled[f2 + a], scaled[f3 + a]];
      const row = a * k;
      for (let b = 0; b <= a; b++) {
        gram[row + b] += v0 * f[f0 + b] + v1 * f[f1 + b] + (v2 * f[f2 + b] + v3 * f[f3 + b]);
      }
    }
  }
  for (; i < count; i++) {
    for (let a = 0; a < k; a++) {
      const v = scaled[i * k + a];
      for (let b = 0; b <= a; b++) gram[a * k + b] += v * f[i * k + b];
    }
  }
}

/** Maximum norm of rows of a spectral initialisation, in units of √(k/rows): 2μ for incoherence μ = 2. */
const LONGEST = 4;
/** Steps of subspace iteration: the method itself then improves the subspace faster. */
const START_STEPS = 4;

/**
 * The leading left singular vectors of the observed entries, with zeros elsewhere, by subspace iteration. Rows of too
 * large norm, which matrices with spikes have, are set to zero. `sizes` estimates the singular values of the whole
 * matrix. O(entries · k · steps).
 */
export function spectralStart(
  { rows, cols, entries, byCol, byRow }: Observed,
  placed: PlacedEntries,
  k: number,
  random: Random,
): { U: Float64Array; sizes: Float64Array } {
  let U: Float64Array = Float64Array.from({ length: rows * k }, () => random.normal());
  orthonormalise(U, k, random);
  for (let step = 0; step < START_STEPS; step++) {
    const V = wholeProduct(byCol, placed.byCol, byCol.values, U);
    orthonormalise(V, k, random);
    U = wholeProduct(byRow, placed.byRow, byRow.values, V);
    if (step < START_STEPS - 1) orthonormalise(U, k, random);
  }
  const share = Math.max(1, entries) / (rows * cols);
  const sizes = new Float64Array(k);
  for (let i = 0; i < rows; i++) for (let a = 0; a < k; a++) sizes[a] += U[i * k + a] ** 2;
  for (let a = 0; a < k; a++) sizes[a] = Math.sqrt(sizes[a]) / share;
  orthonormalise(U, k, random);
  const limit = (LONGEST * LONGEST * k) / rows;
  for (let i = 0; i < rows; i++) if (rowDot(U, i * k, U, i * k, k) > limit) U.fill(0, i * k, i * k + k);
  orthonormalise(U, k, random);
  return { U, sizes };
}

/** Initialisations of a completion, each with its title. */
export const startTitles = { spectral: 'leading singular vectors', random: 'random directions' } as const;

export type CompletionStart = keyof typeof startTitles;

/**
 * The initial U of alternating minimisation. 'spectral': {@link spectralStart}; 'random': random orthonormal columns,
 * and sizes as of a matrix with equal singular values.
 */
export function startOf(
  init: CompletionStart,
  observed: Observed,
  placed: PlacedEntries,
  k: number,
  random: Random,
): { U: Float64Array; sizes: Float64Array } {
  if (init === 'spectral') return spectralStart(observed, placed, k, random);
  const { rows, cols, byCol, entries } = observed;
  const U = Float64Array.from({ length: rows * k }, () => random.normal());
  orthonormalise(U, k, random);
  const meanSquare = sumOfEntries(byCol, (e) => byCol.values[e] * byCol.values[e]) / entries;
  return { U, sizes: new Float64Array(k).fill(Math.sqrt((meanSquare * rows * cols) / k)) };
}

/**
 * T = W diag(s) Zᵀ of a tall T, n × k, from the eigenvectors of TᵀT; W overwrites T, and columns of singular value 0
 * are zero.
 */
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

/** The residuals value − u·v of the entries by columns, and Σ w r². O(entries · k). */
export function residuals(
  { byCol }: Observed,
  U: Float64Array,
  V: Float64Array,
  k: number,
  out: Float64Array = new Float64Array(byCol.values.length),
): { readonly r: Float64Array; readonly squares: number } {
  residualsOf(byCol, U, V, k, out);
  return { r: out, squares: squaresOf(byCol, out) };
}

/** The residuals of observed rows, in their order; `across` is the factor of the other side. O(entries · k). */
export function residualsOf(
  rows: ObservedRows,
  across: Float64Array,
  own: Float64Array,
  k: number,
  out: Float64Array,
): void {
  const { pointers, indices, values, count } = rows;
  const first = firstOf(rows);
  for (let j = 0; j < count; j++) {
    for (let e = pointers[j]; e < pointers[j + 1]; e++) {
      out[e] = values[e] - rowDot(across, indices[e] * k, own, (first + j) * k, k);
    }
  }
}

/** Σ w r² over the entries by columns. */
export const squaresOf = (byCol: ObservedRows, r: Float64Array): number => {
  const { weights } = byCol;
  return sumOfEntries(byCol, (e) => (weights ? weights[e] : 1) * r[e] * r[e]);
};

export function sumOfSquares(x: Float64Array): number {
  let sum = 0;
  for (const v of x) sum += v * v;
  return sum;
}
