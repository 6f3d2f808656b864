import type { Arena } from '@southwell/kernels';
import { sparseKernels } from '@southwell/kernels/sparse';
import { systemKernels } from '@southwell/kernels/systems';
import { symmetricEigen } from '../../linalg/index.ts';
import type { Aggregates } from './amgAggregates.ts';
import { Rows } from './amgRows.ts';

/** Near-null-space vectors that the coarse space must represent, over all unknowns; undefined for constants. */
export type Candidates = readonly Float64Array[] | undefined;

/** A tentative (unsmoothed) prolongator, with the coarse representation of the candidates. */
export interface Tentative {
  readonly T: Rows;
  readonly candidates: Candidates;
  /** The aggregate of each coarse unknown, if aggregates have several. */
  readonly nodes: Int32Array | undefined;
}

/** The tentative prolongator for constants: one column of ones per aggregate. O(n). */
export function constantTentative(arena: Arena, { of, count }: Aggregates): Rows {
  const n = of.length;
  let entries = 0;
  for (let i = 0; i < n; i++) if (of[i] >= 0) entries++;
  const T = Rows.create(arena, n, count, entries);
  const { pointers, indices, values } = T.views;
  values.fill(1);
  pointers[0] = 0;
  let at = 0;
  for (let i = 0; i < n; i++) {
    if (of[i] >= 0) indices[at++] = of[i];
    pointers[i + 1] = at;
  }
  return T;
}

/**
 * A column is independent if at least this fraction of it remains after orthogonalisation against the preceding ones in
 * an aggregate.
 */
const INDEPENDENT = 1e-8;

/**
 * In every aggregate, an orthonormal basis of the restricted candidates (modified Gram–Schmidt, twice), with a column
 * for each independent one; `of` is the aggregate of each unknown. T · coarse candidates = candidates wherever there is
 * an aggregate. O(n·k²).
 */
export function tentative(arena: Arena, { of, count }: Aggregates, candidates: readonly Float64Array[]): Tentative {
  const n = of.length;
  const k = candidates.length;
  const starts = new Int32Array(count + 1);
  for (let i = 0; i < n; i++) if (of[i] >= 0) starts[of[i] + 1]++;
  for (let a = 0; a < count; a++) starts[a + 1] += starts[a];
  const members = new Int32Array(starts[count]);
  const next = starts.slice(0, count);
  for (let i = 0; i < n; i++) if (of[i] >= 0) members[next[of[i]]++] = i;
  const nodes: number[] = [];
  const coarse: number[][] = candidates.map(() => []);
  const firstColumn = new Int32Array(count);
  const columnsOf = new Int32Array(count);
  /** The value of member t in column c of its aggregate is stored at t·k + c. */
  const basis = new Float64Array(members.length * k);
  for (let a = 0; a < count; a++) {
    const [from, to] = [starts[a], starts[a + 1]];
    firstColumn[a] = nodes.length;
    const coefficients: Float64Array[] = [];
    let rank = 0;
    for (let c = 0; c < k; c++) {
      const v = Float64Array.from(members.subarray(from, to), (i) => candidates[c][i]);
      const before = Math.hypot(...v);
      const r = new Float64Array(k);
      for (let pass = 0; pass < 2; pass++) {
        for (let q = 0; q < rank; q++) {
          let dot = 0;
          for (let t = 0; t < v.length; t++) dot += v[t] * basis[(from + t) * k + q];
          for (let t = 0; t < v.length; t++) v[t] -= dot * basis[(from + t) * k + q];
          r[q] += dot;
        }
      }
      const left = Math.hypot(...v);
      if (left > INDEPENDENT * before) {
        for (let t = 0; t < v.length; t++) basis[(from + t) * k + rank] = v[t] / left;
        r[rank++] = left;
      }
      coefficients.push(r);
    }
    columnsOf[a] = rank;
    for (let q = 0; q < rank; q++) {
      nodes.push(a);
      for (let c = 0; c < k; c++) coarse[c].push(coefficients[c][q]);
    }
  }
  let entries = 0;
  for (let t = 0; t < members.length; t++) entries += columnsOf[of[members[t]]];
  const T = Rows.create(arena, n, nodes.length, entries);
  const { pointers, indices, values } = T.views;
  const placeOf = new Int32Array(n);
  for (let t = 0; t < members.length; t++) placeOf[members[t]] = t;
  pointers[0] = 0;
  let at = 0;
  for (let i = 0; i < n; i++) {
    const a = of[i];
    for (let q = 0; a >= 0 && q < columnsOf[a]; q++) {
      indices[at] = firstColumn[a] + q;
      values[at++] = basis[placeOf[i] * k + q];
    }
    pointers[i + 1] = at;
  }
  return { T, candidates: coarse.map((c) => Float64Array.from(c)), nodes: Int32Array.from(nodes) };
}

/**
 * P = (I − ω·D⁻¹F)T, where D is the diagonal of F; T must have an entry in its own row wherever F·T has one. Unknowns
 * without an aggregate become weighted means of those to which they are coupled (ω = 1). O(products).
 */
export function smoothed(F: Rows, T: Rows, omega: number): Rows {
  const P = F.times(T);
  F.arena.use(systemKernels).smoothedRows(F.rows, ...F.at, ...T.at, omega, ...P.at);
  return P;
}

/** Lanczos steps; enough to find the largest eigenvalue to a few per cent. */
const STEPS = 8;

/**
 * An upper estimate of the largest eigenvalue of D⁻¹F: the Gershgorin bound or, if that exceeds 2, the smaller of it
 * and 1.1 times the estimate of some Lanczos steps. O(STEPS · entries).
 */
export function spectralRadius(F: Rows): number {
  const n = F.rows;
  const scratch = F.arena.scratch();
  try {
    const roots = scratch.f64(n);
    const bound = F.arena.use(systemKernels).scaledRowSums(n, ...F.at, roots.pointer);
    if (bound <= 2 + 1e-9) return bound;
    const root = roots.view.slice();
    const from = scratch.f64(n);
    const to = scratch.f64(n);
    const [alpha, beta]: [number[], number[]] = [[], []];
    let previous = new Float64Array(n);
    let v = new Float64Array(n);
    // An oscillating start vector, like the eigenvectors of large eigenvalues; deterministic, so that hierarchies are
    // reproducible bit for bit.
    for (let i = 0, state = 1; i < n; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      v[i] = state / 2 ** 31;
    }
    let norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    for (let i = 0; i < n; i++) v[i] /= norm;
    for (let step = 0; step < Math.min(STEPS, n); step++) {
      const x = from.view;
      for (let i = 0; i < n; i++) x[i] = root[i] * v[i];
      F.arena.use(sparseKernels).cscGemvT(n, ...F.at, from.pointer, to.pointer);
      const y = to.view;
      const last = beta.at(-1) ?? 0;
      let dot = 0;
      for (let i = 0; i < n; i++) {
        previous[i] = root[i] * y[i] - last * previous[i];
        dot += previous[i] * v[i];
      }
      norm = 0;
      for (let i = 0; i < n; i++) {
        previous[i] -= dot * v[i];
        norm += previous[i] * previous[i];
      }
      norm = Math.sqrt(norm);
      alpha.push(dot);
      beta.push(norm);
      if (!(norm > 1e-12 * Math.abs(alpha[0]))) break;
      for (let i = 0; i < n; i++) previous[i] /= norm;
      [previous, v] = [v, previous];
    }
    const m = alpha.length;
    const t = new Float64Array(m * m);
    for (let i = 0; i < m; i++) {
      t[i * m + i] = alpha[i];
      if (i > 0) t[i * m + i - 1] = t[(i - 1) * m + i] = beta[i - 1];
    }
    const top = symmetricEigen(t, m).values.reduce((a, b) => Math.max(a, b), 0);
    return top > 0 ? Math.min(bound, 1.1 * top) : bound;
  } finally {
    scratch.release();
  }
}
