import { CscMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  only,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace } from '@southwell/numerics/linalg';
import { maxIterRecord, tolRecord } from '../records.ts';
import type { Factors } from './alternating.ts';
import { rowDot, sumOfSquares } from './factors.ts';
import { bothWays, checkValues, type Observed, type ObservedRows } from './observed.ts';

/** How a regression is solved: by a few steps of conjugate gradients from the previous solution, or exactly. */
const solverTitles = { cg: 'conjugate gradients', cholesky: 'Cholesky' } as const;
export type ImplicitSolver = keyof typeof solverTitles;

export const implicitRecords = {
  rank: integerOption({ min: 1 }, { title: 'Rank', about: 'rank of the factorisation', form: { hint: 'chosen' } }),
  /** ½λ(‖U‖² + ‖V‖²) is added to half the weighted sum of squares; above 0. Default 10. */
  lambda: numberOption(
    { min: 0, open: true, finite: true },
    { title: 'Penalty', about: 'regularisation strength', argument: 'weight', form: { hint: 'chosen' } },
  ),
  /** Confidence weight: 1 + αr for an observed entry r, 1 for unobserved ones. Default 40, as in the paper. */
  alpha: numberOption(
    { min: 0, finite: true },
    {
      title: 'Alpha',
      about: 'confidence weight: 1 + alpha r for an observed entry r, 1 for unobserved ones',
      argument: 'weight',
      default: 40,
    },
  ),
  /** Default 'cg' (Takács, Pilászy and Tikk 2011). */
  solver: choiceOption(solverTitles),
  /** Conjugate-gradient steps per regression. Default 3. */
  innerSteps: integerOption({ min: 1 }),
  /** Relative decrease of the objective per sweep below which the run stops. Default 1e-4. */
  tol: tolRecord('stop when the relative decrease of the objective in a sweep is smaller', '1e-4'),
  /** Maximum number of sweeps. Default 100. */
  maxIter: maxIterRecord('maximum number of sweeps', '100'),
  /** Default 0. */
  seed: seedOption('seed of the initialisation and of the choice of held-out entries'),
};

export interface ImplicitOptions
  extends OptionsNeeding<typeof implicitRecords, 'rank'>,
    Omit<RunOptions<Factors>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same entries and options. */
  readonly resume?: ImplicitState;
}

/** State of the sweeps, as plain data. */
export interface ImplicitState extends Factors {
  readonly iteration: number;
  /** Objective after this sweep. */
  readonly objective: number;
}

const implicitKeys: OptionKeys<ImplicitOptions> = { ...runKeys, ...keysOf(implicitRecords), resume: true };

interface Settings {
  readonly rank: number;
  readonly alpha: number;
  readonly lambda: number;
  readonly solver: ImplicitSolver;
  readonly innerSteps: number;
}

/**
 * Factors for implicit feedback: high counts are evidence for a preference, and missing ones weak evidence against it.
 */
export class ImplicitFactors {
  constructor(
    readonly rows: number,
    readonly cols: number,
    readonly rank: number,
    readonly alpha: number,
    readonly lambda: number,
    /** rows × rank by rows, and cols × rank by rows. */
    readonly factors: Factors,
    readonly solution: Solution<Factors>,
  ) {}

  /**
   * The preference of row i for column j: near 1 if high, near 0 if low. O(rank).
   * @throws INVALID_SHAPE.
   */
  predict(i: number, j: number): number {
    const { rank: k, factors } = this;
    if (!(i >= 0 && i < this.rows && j >= 0 && j < this.cols)) {
      fail('INVALID_SHAPE', `Entry (${i}, ${j}) lies outside a ${this.rows} × ${this.cols} matrix.`);
    }
    return rowDot(factors.left, i * k, factors.right, j * k, k);
  }

  /** The columns that row i prefers, best first, except those in `except`. O(cols · rank). */
  topN(i: number, n: number, except: ReadonlySet<number> = new Set()): Array<{ col: number; value: number }> {
    const { rank: k, factors } = this;
    return bestColumns(factors.left.subarray(i * k, i * k + k), factors.right, n, except);
  }

  /** The code of a new row from its observed columns and their counts. O(cols · rank² + rank³). */
  foldIn(seen: readonly number[], values: ArrayLike<number>): Float64Array {
    const { rank, alpha, lambda, factors } = this;
    return foldInImplicit({ right: factors.right, rank, alpha, lambda }, seen, values);
  }
}

/** The columns with the largest predictions for a code, best first. O(cols · rank). */
export function bestColumns(
  code: Float64Array,
  right: Float64Array,
  n: number,
  except: ReadonlySet<number> = new Set(),
): Array<{ col: number; value: number }> {
  const k = code.length;
  const all: Array<{ col: number; value: number }> = [];
  for (let j = 0; j < right.length / k; j++) {
    if (!except.has(j)) all.push({ col: j, value: rowDot(code, 0, right, j * k, k) });
  }
  return all.sort((a, b) => b.value - a.value || a.col - b.col).slice(0, n);
}

export interface ImplicitColumns {
  /** cols × rank by rows. */
  readonly right: Float64Array;
  readonly rank: number;
  readonly alpha: number;
  readonly lambda: number;
}

const columnsKeys: OptionKeys<ImplicitColumns> = { right: true, rank: true, alpha: true, lambda: true };

/**
 * The code of a new row from its observed columns: the same regression as in the fit, solved exactly. O(cols · rank² +
 * rank³).
 * @param seen Column indices, each once.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function foldInImplicit(
  known: ImplicitColumns,
  seen: readonly number[],
  values: ArrayLike<number>,
): Float64Array {
  knownKeys('foldInImplicit', known, columnsKeys);
  const { right, rank: k, alpha, lambda } = known;
  const cols = right.length / k;
  seen.forEach((j, e) => {
    if (!(Number.isInteger(j) && j >= 0 && j < cols)) fail('INVALID_SHAPE', `There is no column ${j} of ${cols}.`);
    if (!Number.isFinite(values[e])) fail('NON_FINITE', `The entry of column ${j} is ${values[e]}.`);
    if (values[e] < 0)
      fail('INVALID_PARAMETER', `The entry of column ${j} is ${values[e]}, but counts must be at least 0.`);
  });
  const rows: ObservedRows = {
    ...{ across: cols, count: 1, pointers: Int32Array.of(0, seen.length), indices: Int32Array.from(seen) },
    ...{ values: Float64Array.from(values), order: new Int32Array(seen.length) },
  };
  const out = new Float64Array(k);
  regressions(rows, right, out, { rank: k, alpha, lambda, solver: 'cholesky', innerSteps: 0 });
  return out;
}

/**
 * Factors U, V for implicit feedback, counts of how often each row observed each column: minimises ½Σ c(p − u·v)² +
 * ½λ(‖U‖² + ‖V‖²) over all pairs, where p is 1 for positive counts r and 0 otherwise, and c = 1 + αr (Hu, Koren and
 * Volinsky 2008). Weighted alternating least squares; YᵀY + Yᵀ(C − I)Y avoids sums over unobserved pairs. Blocking.
 * O(entries · rank · innerSteps + (rows + cols) rank²) per sweep; 'cholesky' O(entries · rank² + (rows + cols) rank³).
 * @throws SouthwellError: `EMPTY` without entries, `NON_FINITE`, `INVALID_PARAMETER`.
 */
export function implicitFactors(observed: CscMatrix, options: ImplicitOptions): ImplicitFactors {
  const { entries, settings } = prepared(observed, options);
  return modelOf(entries, settings, run(sweeps(entries, settings, options), runOptions(options)));
}

/** As {@link implicitFactors}, but yields to the event loop between sweeps. */
export async function implicitFactorsAsync(observed: CscMatrix, options: ImplicitOptions): Promise<ImplicitFactors> {
  const { entries, settings } = prepared(observed, options);
  return modelOf(entries, settings, await runAsync(sweeps(entries, settings, options), runOptions(options)));
}

/** The sweeps of {@link implicitFactors} as a generator of iterates. */
export function implicitIterates(observed: CscMatrix, options: ImplicitOptions): Iterable<Iterate<Factors>> {
  const { entries, settings } = prepared(observed, options);
  return sweeps(entries, settings, options);
}

const runOptions = ({ maxIter = 100, ...options }: ImplicitOptions): RunOptions<Factors> =>
  only<RunOptions<Factors>>({ ...options, maxIter, tol: undefined }, runKeys);

const modelOf = ({ rows, cols }: Observed, { rank, alpha, lambda }: Settings, solution: Solution<Factors>) =>
  new ImplicitFactors(rows, cols, rank, alpha, lambda, solution.point, solution);

function prepared(observed: CscMatrix, options: ImplicitOptions): { entries: Observed; settings: Settings } {
  knownKeys('implicitFactors', options, implicitKeys);
  if (!(observed instanceof CscMatrix)) fail('INVALID_SHAPE', 'Observed entries must be a CscMatrix.');
  const { rank, alpha = 40, lambda = 10, solver = 'cg', innerSteps = 3 } = options;
  if (observed.nnz === 0) fail('EMPTY', 'There are no observed entries: a fit needs at least one.');
  checkValues(observed);
  for (const v of observed.values) {
    if (v < 0) fail('INVALID_PARAMETER', `An entry is ${v}, but counts must be at least 0.`);
  }
  wholeNumber('rank', rank, 1, Math.min(observed.rows, observed.cols));
  checkGiven(implicitRecords, options);
  const entries = bothWays(observed, observed.values.slice());
  return { entries, settings: { rank, alpha, lambda, solver, innerSteps } };
}

function* sweeps(
  entries: Observed,
  settings: Settings,
  { seed = 0, tol = 1e-4, resume }: ImplicitOptions,
): Generator<Iterate<Factors>, void, undefined> {
  const { rank: k } = settings;
  const { rows, cols, byRow, byCol } = entries;
  const random = new Random(seed);
  // Small, so that the initial values hardly affect the first regressions.
  const start = (n: number) => Float64Array.from({ length: n * k }, () => (0.1 * random.normal()) / Math.sqrt(k));
  const U = resume?.left.slice() ?? start(rows);
  const V = resume?.right.slice() ?? start(cols);
  let objective = resume?.objective ?? implicitObjective(entries, U, V, settings);
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    let done: Iterate<Factors>['done'];
    if (iteration > (resume?.iteration ?? 0)) {
      const before = objective;
      balance(U, V, k);
      regressions(byRow, V, U, settings);
      regressions(byCol, U, V, settings);
      objective = implicitObjective(entries, U, V, settings);
      if (!Number.isFinite(objective)) done = 'diverged';
      else if (before - objective <= tol * before) done = 'converged';
    }
    const reached = objective;
    yield {
      iteration,
      objective,
      work: { epochs: iteration },
      done,
      snapshot: () => ({ left: U.slice(), right: V.slice() }),
      checkpoint: done
        ? undefined
        : (): ImplicitState => ({ iteration, objective: reached, left: U.slice(), right: V.slice() }),
    };
    if (done) return;
  }
}

/**
 * Rescales the columns of U and V to equal norms: their products do not change, and the penalty is minimised. Without
 * it regressions need many sweeps if λ is small. O((rows + cols) k).
 */
function balance(U: Float64Array, V: Float64Array, k: number): void {
  const squares = (f: Float64Array) => {
    const out = new Float64Array(k);
    for (let at = 0; at < f.length; at++) out[at % k] += f[at] * f[at];
    return out;
  };
  const [u, v] = [squares(U), squares(V)];
  const by = u.map((s, a) => (s > 0 && v[a] > 0 ? Math.sqrt(Math.sqrt(v[a] / s)) : 1));
  for (let at = 0; at < U.length; at++) U[at] *= by[at % k];
  for (let at = 0; at < V.length; at++) V[at] /= by[at % k];
}

/** FᵀF, k × k. O(rows · k²). */
function gramOf(f: Float64Array, k: number): Float64Array {
  const gram = new Float64Array(k * k);
  for (let at = 0; at < f.length; at += k) {
    for (let a = 0; a < k; a++) {
      const v = f[at + a];
      for (let b = 0; b <= a; b++) gram[a * k + b] += v * f[at + b];
    }
  }
  for (let a = 0; a < k; a++) for (let b = 0; b < a; b++) gram[b * k + a] = gram[a * k + b];
  return gram;
}

/** The objective of {@link implicitFactors}: all pairs by the Gram matrices, corrected at the observed entries. */
function implicitObjective(
  { byRow }: Observed,
  U: Float64Array,
  V: Float64Array,
  { rank: k, alpha, lambda }: Settings,
) {
  const [left, right] = [gramOf(U, k), gramOf(V, k)];
  let twice = lambda * (sumOfSquares(U) + sumOfSquares(V));
  for (let at = 0; at < k * k; at++) twice += left[at] * right[at];
  const { pointers, indices, values, count } = byRow;
  for (let i = 0; i < count; i++) {
    for (let e = pointers[i]; e < pointers[i + 1]; e++) {
      const z = rowDot(U, i * k, V, indices[e] * k, k);
      const p = values[e] > 0 ? 1 : 0;
      twice += (1 + alpha * values[e]) * (p - z) ** 2 - z * z;
    }
  }
  return 0.5 * twice;
}

/**
 * For each row x ← (FᵀF + λI + Σ (c − 1) f fᵀ)⁻¹ Σ c p f over its entries, exactly or by a few conjugate-gradient
 * steps.
 */
function regressions(rows: ObservedRows, f: Float64Array, out: Float64Array, settings: Settings): void {
  const { rank: k, lambda } = settings;
  const gram = gramOf(f, k);
  for (let a = 0; a < k; a++) gram[a * k + a] += lambda;
  const solve = settings.solver === 'cg' ? conjugateGradients : exactly;
  solve(rows, f, gram, out, settings);
}

type Solve = (rows: ObservedRows, f: Float64Array, gram: Float64Array, out: Float64Array, settings: Settings) => void;

const exactly: Solve = ({ pointers, indices, values, count }, f, gram, out, { rank: k, alpha }) => {
  const A = new Float64Array(k * k);
  const b = new Float64Array(k);
  for (let i = 0; i < count; i++) {
    A.set(gram);
    b.fill(0);
    for (let e = pointers[i]; e < pointers[i + 1]; e++) {
      if (!(values[e] > 0)) continue;
      const at = indices[e] * k;
      const more = alpha * values[e];
      for (let r = 0; r < k; r++) {
        const v = f[at + r];
        b[r] += (1 + more) * v;
        const w = more * v;
        for (let c = 0; c <= r; c++) A[r * k + c] += w * f[at + c];
      }
    }
    // Positive definite since λ > 0, up to rounding if λ is tiny.
    if (!choleskyInPlace(A, k))
      fail('INVALID_PARAMETER', 'lambda is too small for these entries: a regression is singular.');
    choleskySolveInPlace(A, k, b);
    out.set(b, i * k);
  }
};

const conjugateGradients: Solve = ({ pointers, indices, values, count }, f, gram, out, settings) => {
  const { rank: k, alpha, innerSteps } = settings;
  const [r, p, q] = [new Float64Array(k), new Float64Array(k), new Float64Array(k)];
  for (let i = 0; i < count; i++) {
    const [begin, end, at] = [pointers[i], pointers[i + 1], i * k];
    for (let a = 0; a < k; a++) r[a] = -rowDot(gram, a * k, out, at, k);
    for (let e = begin; e < end; e++) {
      if (!(values[e] > 0)) continue;
      const row = indices[e] * k;
      const more = alpha * values[e];
      const w = 1 + more - more * rowDot(f, row, out, at, k);
      for (let a = 0; a < k; a++) r[a] += w * f[row + a];
    }
    p.set(r);
    let size = sumOfSquares(r);
    for (let step = 0; step < innerSteps && size > 1e-30; step++) {
      for (let a = 0; a < k; a++) q[a] = rowDot(gram, a * k, p, 0, k);
      for (let e = begin; e < end; e++) {
        if (!(values[e] > 0)) continue;
        const row = indices[e] * k;
        const w = alpha * values[e] * rowDot(f, row, p, 0, k);
        for (let a = 0; a < k; a++) q[a] += w * f[row + a];
      }
      const by = size / rowDot(p, 0, q, 0, k);
      for (let a = 0; a < k; a++) {
        out[at + a] += by * p[a];
        r[a] -= by * q[a];
      }
      const next = sumOfSquares(r);
      for (let a = 0; a < k; a++) p[a] = r[a] + (next / size) * p[a];
      size = next;
    }
  }
};
