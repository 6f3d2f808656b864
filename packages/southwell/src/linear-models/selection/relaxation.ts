import type { AnyMatrix, Matrix } from '@southwell/numerics/arrays';
import { fail, flagOption, numbersOption, type OptionsOf, type Status } from '@southwell/numerics/core';
import { choleskyInPlace } from '@southwell/numerics/linalg';
import type { Loss } from '../../losses/index.ts';
import { type FitOptions, LinearProblem } from '../fit.ts';
import type { FitReport, Relaxed, SparsePoint } from '../model.ts';
import { product } from '../product.ts';
import type { LinearOptions } from '../records.ts';
import type { LinearPoint } from '../solvers/state.ts';
import { SparseVector } from '../sparseVector.ts';

/**
 * The relaxed lasso (Meinshausen 2007, as simplified by Hastie, Tibshirani & Tibshirani 2017): gamma·penalised + (1 −
 * gamma)· unpenalised fit on the active columns of the penalised one.
 */
export interface RelaxOptions extends OptionsOf<typeof relaxRecords> {}

export const relaxRecords = {
  /** Blend every fit with the unpenalised one on its active columns; glmnet's `relax`. Default false. */
  relax: flagOption({
    title: 'relaxed lasso',
    about: 'relaxed lasso: blend each fit with the unpenalised fit on its active features',
    form: { advanced: true },
  }),
  /**
   * Weights of the penalised fit, from 0 to 1. Cross-validation chooses among them, by default 0, ¼, ½, ¾ and 1; `fit`
   * and `path` use the smallest, by default 0.
   */
  gammas: numbersOption(
    { min: 0, max: 1 },
    {
      title: 'Blending weights',
      about: 'weights of the penalised fit in the blend, from 1 (no relaxation) to 0; several require cross-validation',
      argument: 'weights',
      otherwise: '0,0.25,0.5,0.75,1 with cross-validation, else 0',
      only: { relax: true },
      form: false,
    },
  ),
};

const GAMMAS = [0, 0.25, 0.5, 0.75, 1];

/**
 * The gammas ascending and without duplicates; undefined without relaxation.
 * @throws INVALID_PARAMETER.
 */
export function checkedGammas({ relax = false, gammas }: RelaxOptions): readonly number[] | undefined {
  if (!relax) {
    if (gammas !== undefined) fail('INVALID_PARAMETER', 'gammas requires the option relax.');
    return undefined;
  }
  if (gammas === undefined) return GAMMAS;
  const given = [...new Set(Array.from(gammas))].sort((a, b) => a - b);
  if (given.length === 0) fail('INVALID_PARAMETER', 'gammas is empty: give at least one.');
  for (const gamma of given) {
    if (!(gamma >= 0 && gamma <= 1)) {
      fail('INVALID_PARAMETER', `gammas must lie between 0 (no penalty) and 1 (no relaxation), but one is ${gamma}.`);
    }
  }
  return given;
}

/** An unpenalised fit, or the reason why it does not exist. */
export interface Unpenalised {
  readonly point?: LinearPoint;
  readonly status: Status;
  /** A sentence without its full stop. */
  readonly about: string;
}

/** A point or direction in coefficient space, and its linear predictor. */
interface Predicted {
  readonly eta: Float64Array;
  readonly coef: Float64Array;
}

/** The number of columns stays at least this far below the number of rows, as by glmnet's `maxp`. */
const SPARE_ROWS = 3;
/**
 * Relative to the tolerance of penalised fits: unpenalised fits are cheap, and on a flat loss their coefficients need
 * more digits.
 */
const FINER = 1e-4;
/** If the linear predictor can move this far without increasing the loss, the loss has no minimum. */
const FAR = 100;

/**
 * Fits without a penalty on listed columns of a problem, with the same bounds, offset, weights and intercept as the
 * penalised fits.
 */
export class Relaxer {
  private readonly problem: LinearProblem;
  private readonly rows: number;
  /** Columns for which no unpenalised fit exists; then none exists for a superset of them either. */
  private endless?: readonly number[];
  private last?: { readonly columns: string; readonly found: Unpenalised };

  constructor(
    X: AnyMatrix,
    y: unknown,
    loss: Loss<never>,
    private readonly options: Omit<LinearOptions, 'penaltyFactor' | 'maxIter'>,
    fit: FitOptions,
  ) {
    const { lower, upper, fitIntercept, standardize, tol } = options;
    const { sampleWeight, offset, pool, products } = fit;
    const own = { lower, upper, fitIntercept, standardize, tol };
    this.problem = new LinearProblem(X, y, loss, { type: 'elastic-net' }, own, {
      sampleWeight,
      offset,
      pool,
      products,
    });
    this.rows = this.problem.weights.reduce((sum, w) => sum + (w > 0 ? 1 : 0), 0);
  }

  plan(points: number): void {
    this.problem.plan(points);
  }

  /** The fit on the columns where a point is non-zero, starting from that point. */
  at({ coef, intercept }: LinearPoint, watch: Pick<FitOptions, 'signal' | 'timeLimit'> = {}): Unpenalised {
    const columns: number[] = [];
    for (let j = 0; j < coef.length; j++) if (coef[j] !== 0) columns.push(j);
    if (columns.length === 0) return { point: { coef, intercept }, status: 'converged', about: '' };
    const { signal, timeLimit } = watch;
    return this.on(columns, { signal, timeLimit, from: { coef, intercept } });
  }

  /** The fit on the listed columns. The last result is cached. */
  on(columns: readonly number[], watch: FitOptions): Unpenalised {
    const key = columns.join();
    if (this.last?.columns !== key) this.last = { columns: key, found: this.solve(columns, watch) };
    return this.last.found;
  }

  private solve(columns: readonly number[], watch: FitOptions): Unpenalised {
    const { problem, rows } = this;
    const count = `${columns.length} column${columns.length === 1 ? '' : 's'}`;
    if (columns.length > rows - SPARE_ROWS) {
      const about = `${count} are too many for an unpenalised fit of ${rows} rows, which takes up to ${Math.max(0, rows - SPARE_ROWS)}`;
      return { status: 'converged', about };
    }
    const nowhere = {
      status: 'converged',
      about: `an unpenalised fit of ${count} does not exist, since the loss keeps decreasing as coefficients grow (separable data)`,
    } as const;
    const all = new Set(columns);
    if (this.endless?.every((j) => all.has(j))) return nowhere;
    const { tol, bound, state } = problem;
    let solution = problem.solveOn(columns, watch, bound.quadratic ? tol * FINER : tol);
    if (!bound.quadratic && solution.status !== 'aborted' && solution.status !== 'time-limit') {
      // If all rows are separated, the point itself is the direction of descent; otherwise further steps show it.
      const first = { eta: state.predictor(), coef: solution.point.coef };
      const { offset } = state;
      const whole = { eta: offset ? first.eta.map((v, i) => v - offset[i]) : first.eta, coef: first.coef };
      if (this.fallsForEver(first, whole)) {
        this.endless = columns;
        return nowhere;
      }
      const { from: _, ...rest } = watch;
      solution = problem.solveOn(columns, rest, tol * FINER);
      const second = { eta: state.predictor(), coef: solution.point.coef };
      const step = {
        eta: second.eta.map((v, i) => v - first.eta[i]),
        coef: second.coef.map((b, j) => b - first.coef[j]),
      };
      if (this.fallsForEver(second, step)) {
        this.endless = columns;
        return nowhere;
      }
    }
    const { point, certificate } = solution;
    const how = certificate ? `, gap ${certificate.relative.toExponential(1)}` : '';
    const about = `the unpenalised fit of ${count}${how}`;
    const cut = solution.status === 'aborted' || solution.status === 'time-limit';
    if (cut) return { point, status: solution.status, about };
    // Rounding may end a fit that is finer than requested; that is no failure.
    if (solution.status === 'converged' || (certificate && certificate.relative <= tol)) {
      return { point, status: 'converged', about };
    }
    return { status: 'converged', about: `${about}, did not reach the tolerance: it may not exist` };
  }

  /**
   * Whether the loss is unchanged or lower after the predictor has moved far along a direction within the bounds. As
   * the loss is convex, it has not increased in between; if a fit exists, it minimises the loss along all directions.
   */
  private fallsForEver({ eta, coef }: Predicted, along: Predicted): boolean {
    const { problem, options } = this;
    const { weights, bound, state, tol } = problem;
    let size = 0;
    for (let i = 0; i < eta.length; i++) if (weights[i] > 0) size = Math.max(size, Math.abs(along.eta[i]));
    if (!(size > 0)) return false;
    const steps = FAR / size;
    for (let j = 0; j < coef.length; j++) {
      const b = coef[j] + steps * along.coef[j];
      if (
        b < boundAt(options.lower, j, Number.NEGATIVE_INFINITY) ||
        b > boundAt(options.upper, j, Number.POSITIVE_INFINITY)
      ) {
        return false;
      }
    }
    const far = bound.value(eta.map((v, i) => v + steps * along.eta[i]));
    return far <= bound.value(eta) + tol * state.nullValue;
  }

  /** Linear predictor of the last fit, for the listed rows or for all. */
  predictor(rows?: ArrayLike<number>): Float64Array {
    return this.problem.linearPredictor(rows);
  }

  /**
   * The columns that may have a non-zero coefficient: those not excluded by a factor, bounds or a constant value.
   * O(np).
   */
  movable(penaltyFactor: ArrayLike<number> | undefined): number[] {
    const { X, state, weights } = this.problem;
    const { lower, upper } = this.options;
    const own = X.kind === 'parts' ? X.own : X;
    const here = () => Float64Array.from({ length: own.cols }, (_, j) => (varies(own, j, weights) ? 1 : 0));
    const varying = state.centred ? (X.kind === 'parts' ? X.exchange.gather(here()) : here()) : undefined;
    const out: number[] = [];
    for (let j = 0; j < X.cols; j++) {
      const fixed = boundAt(lower, j, -1) === 0 && boundAt(upper, j, 1) === 0;
      if (fixed || penaltyFactor?.[j] === Number.POSITIVE_INFINITY) continue;
      if (!varying || varying[j] === 1) out.push(j);
    }
    return out;
  }

  /**
   * Whether the listed columns are linearly independent, to ten digits of their variances, so that the unpenalised fit
   * is unique. O(np² + p³).
   */
  independent(columns: readonly number[]): boolean {
    const { state, weights } = this.problem;
    const { design } = state;
    const { arena, n } = design;
    const m = columns.length;
    const scratch = arena.scratch();
    try {
      const [list, d, means, G] = [scratch.i32(m), scratch.f64(n), scratch.f64(m), scratch.f64(m * m)];
      list.view.set(columns);
      d.view.set(weights);
      design.gram(list, m, 0, d, state.centred, means, G, m);
      const g = G.view;
      const unit = Float64Array.from({ length: m }, (_, t) => 1 / Math.sqrt(g[t * m + t]));
      const correlations = Float64Array.from(
        { length: m * m },
        (_, at) => g[at] * unit[Math.floor(at / m)] * unit[at % m],
      );
      return choleskyInPlace(correlations, m, -1e-10);
    } finally {
      scratch.release();
    }
  }

  release(): void {
    this.problem.release();
  }
}

const boundAt = (bounds: number | ArrayLike<number> | undefined, j: number, open: number): number =>
  bounds === undefined ? open : typeof bounds === 'number' ? bounds : bounds[j];

/** Whether a column has two different values in rows with weight. */
function varies(X: Matrix, j: number, weights: Float64Array): boolean {
  let first = Number.NaN;
  const differs = (value: number) => {
    if (Number.isNaN(first)) first = value;
    return value !== first;
  };
  if (X.kind === 'dense') return X.column(j).some((value, i) => weights[i] > 0 && differs(value));
  let stored = 0;
  for (let q = X.colPointers[j]; q < X.colPointers[j + 1]; q++) {
    if (!(weights[X.rowIndices[q]] > 0)) continue;
    stored++;
    if (differs(X.values[q])) return true;
  }
  return stored > 0 && first !== 0 && stored < weights.reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
}

/** gamma·a + (1 − gamma)·b; for gamma 0 and 1 the respective point unchanged. */
export function blendOf(gamma: number, { penalised, unpenalised }: Omit<Relaxed, 'gamma'>): LinearPoint {
  if (!unpenalised || gamma === 1) return { coef: penalised.coef.dense, intercept: penalised.intercept };
  if (gamma === 0) return { coef: unpenalised.coef.dense, intercept: unpenalised.intercept };
  const coef = new Float64Array(penalised.coef.length);
  const add = (share: number, { indices, values }: SparseVector) => {
    for (let k = 0; k < indices.length; k++) coef[indices[k]] += share * values[k];
  };
  add(gamma, penalised.coef);
  add(1 - gamma, unpenalised.coef);
  return { coef, intercept: gamma * penalised.intercept + (1 - gamma) * unpenalised.intercept };
}

/** A penalised point with its unpenalised counterpart. */
export const relaxedOf = (gamma: number, penalised: LinearPoint, { point }: Unpenalised): Relaxed => {
  const sparse = ({ coef, intercept }: LinearPoint): SparsePoint => ({ coef: new SparseVector(coef), intercept });
  return point
    ? { gamma, penalised: sparse(penalised), unpenalised: sparse(point) }
    : { gamma: 1, penalised: sparse(penalised) };
};

/** The report on both fits, with the certificate of the penalised one. */
export function relaxedReport(report: FitReport, { point, status, about }: Unpenalised): FitReport {
  const worse = report.status === 'converged' ? status : report.status;
  if (about === '') return report;
  const message = point ? `${report.message} Relaxed by ${about}.` : `${report.message} Not relaxed: ${about}.`;
  return { ...report, status: worse, message };
}

/** Xb + intercept + offset. */
export function predictorOf(X: AnyMatrix, { coef, intercept }: LinearPoint, offset?: ArrayLike<number>): Float64Array {
  const eta = new Float64Array(X.rows);
  product(X, coef, eta);
  for (let i = 0; i < eta.length; i++) eta[i] += intercept + (offset ? offset[i] : 0);
  return eta;
}
