import { fail } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';

/** A column that is a linear combination of earlier columns: Σ coefficient · column + constant. */
export interface DependentColumn {
  readonly column: number;
  readonly on: ReadonlyArray<{ readonly column: number; readonly coefficient: number }>;
  readonly constant: number;
}

/** Linear dependences among the columns of a view, and how close the other columns are to being dependent. */
export interface ViewStructure {
  /** Indices of the linearly independent columns, ascending. */
  readonly independent: readonly number[];
  readonly constant: readonly number[];
  readonly dependent: readonly DependentColumn[];
  /** Condition number of the standardised independent columns; from about 10⁴ on weights become very large. */
  readonly condition: number;
}

/**
 * Fraction of its variance that a column must have beyond the earlier columns to be independent: 3e-6 of its standard
 * deviation.
 */
const DEPENDENT = 1e-11;
/** Coefficients below this fraction of the largest, in units of standard deviations, are rounding errors. */
const NOTHING = 1e-8;
const POWER_STEPS = 40;

/**
 * The structure of a view from its p × p covariances: a Cholesky factorisation of the correlations, column by column,
 * which skips columns that are explained by earlier ones. Yields after each column. O(p³/3).
 * @param most Upper bound of the rank.
 */
export function* viewStructure(
  C: Float64Array,
  means: Float64Array,
  most: number,
): Generator<void, ViewStructure, undefined> {
  const p = means.length;
  const width = Math.min(p, most);
  const sd = Float64Array.from(means, (_, j) => Math.sqrt(Math.max(0, C[j * p + j])));
  const L = new Float64Array(p * width);
  const independent: number[] = [];
  const [constant, dependent]: [number[], DependentColumn[]] = [[], []];
  for (let j = 0; j < p; j++) {
    // The variance of a constant column, up to rounding.
    if (!(C[j * p + j] > 1e-24 * means[j] ** 2)) {
      constant.push(j);
      continue;
    }
    const own = L.subarray(j * width, j * width + width);
    let left = 1;
    independent.forEach((i, t) => {
      let sum = C[j * p + i] / sd[j] / sd[i];
      for (let s = 0; s < t; s++) sum -= own[s] * L[i * width + s];
      own[t] = sum / L[i * width + t];
      left -= own[t] * own[t];
    });
    if (left > DEPENDENT && independent.length < width) {
      own[independent.length] = Math.sqrt(left);
      independent.push(j);
    } else dependent.push(combination(j, independent, L, width, sd, means));
    yield;
  }
  return { independent, constant, dependent, condition: conditionOf(independent, L, width) };
}

/** The linear combination of the independent columns that equals column j. */
function combination(
  j: number,
  independent: readonly number[],
  L: Float64Array,
  width: number,
  sd: Float64Array,
  means: Float64Array,
): DependentColumn {
  const r = independent.length;
  const beta = L.slice(j * width, j * width + r);
  for (let t = r - 1; t >= 0; t--) {
    for (let s = t + 1; s < r; s++) beta[t] -= L[independent[s] * width + t] * beta[s];
    beta[t] /= L[independent[t] * width + t];
  }
  const least = NOTHING * beta.reduce((m, b) => Math.max(m, Math.abs(b)), 0);
  const on = independent.flatMap((column, t) =>
    Math.abs(beta[t]) > least ? [{ column, coefficient: (beta[t] * sd[j]) / sd[column] }] : [],
  );
  const constant = on.reduce((sum, { column, coefficient }) => sum - coefficient * means[column], means[j]);
  return { column: j, on, constant };
}

/** √(λ₁/λᵣ) of the correlations LLᵀ of the independent columns, by power iteration and inverse iteration. */
function conditionOf(independent: readonly number[], L: Float64Array, width: number): number {
  const r = independent.length;
  if (r === 0) return 1;
  const at = (t: number, s: number) => L[independent[t] * width + s];
  const start = () => Float64Array.from({ length: r }, (_, t) => 1 + ((t * 7919) % 101) / 101);
  const grow = (step: (x: Float64Array) => Float64Array): number => {
    let x: Float64Array = start();
    let size = 0;
    for (let n = 0; n < POWER_STEPS; n++) {
      x = step(x);
      size = Math.sqrt(x.reduce((s, v) => s + v * v, 0));
      x = x.map((v) => v / size);
    }
    return size;
  };
  const largest = grow((x) => {
    const y = new Float64Array(r);
    for (let t = 0; t < r; t++) for (let s = 0; s <= t; s++) y[s] += at(t, s) * x[t];
    return y.map((_, t) => {
      let sum = 0;
      for (let s = 0; s <= t; s++) sum += at(t, s) * y[s];
      return sum;
    });
  });
  const inverse = grow((x) => {
    const y = x.slice();
    for (let t = 0; t < r; t++) {
      for (let s = 0; s < t; s++) y[t] -= at(t, s) * y[s];
      y[t] /= at(t, t);
    }
    for (let t = r - 1; t >= 0; t--) {
      for (let s = t + 1; s < r; s++) y[t] -= at(s, t) * y[s];
      y[t] /= at(t, t);
    }
    return y;
  });
  return Math.sqrt(largest * inverse);
}

/**
 * The minimum-norm weights of all p columns with the same scores as given weights of the independent ones: with all
 * columns x = Kx₀ up to constants, K(KᵀK)⁻¹w₀. O(pr² + r³).
 * @throws NUMERICAL.
 */
export function shortestWeights(
  { independent, dependent }: ViewStructure,
  p: number,
  weights: readonly Float64Array[],
): Float64Array[] {
  const r = independent.length;
  const place = new Map(independent.map((column, t) => [column, t]));
  const gram = new Float64Array(r * r);
  for (let t = 0; t < r; t++) gram[t * r + t] = 1;
  for (const { on } of dependent) {
    for (const a of on) {
      const row = place.get(a.column)! * r;
      for (const b of on) gram[row + place.get(b.column)!] += a.coefficient * b.coefficient;
    }
  }
  if (!choleskyInPlace(gram, r))
    fail('NUMERICAL', 'The columns of a view have too different scales; standardise them.');
  return weights.map((given) => {
    const x = given.slice();
    choleskySolveInPlace(gram, r, x);
    const out = new Float64Array(p);
    independent.forEach((column, t) => {
      out[column] = x[t];
    });
    for (const { column, on } of dependent) {
      for (const a of on) out[column] += a.coefficient * x[place.get(a.column)!];
    }
    return out;
  });
}
