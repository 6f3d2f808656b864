import type { Status } from '@southwell/numerics/core';
import type { Answer, Columns, Problem } from './messages.ts';

/** What a second computation, from the model alone, finds about an answer. Zero where it is exact. */
export interface Verification {
  /** The largest violation of a row by x, and of a bound; relative to 1 + the size of the bound. */
  readonly rows?: number;
  readonly bounds?: number;
  /** The largest distance of a whole variable from a whole number. */
  readonly integrality?: number;
  /** The largest entry of c + Px − Aᵀy − z, relative to the sum of the sizes of its terms. */
  readonly stationarity?: number;
  /** How far multipliers have the wrong sign, or belong to bounds that are not attained; relative to 1 + |objective|. */
  readonly complementarity?: number;
  /** Whether the ray proves that there is no feasible point (or, if unbounded, no end). */
  readonly ray?: boolean;
}

/** Relative errors up to which an answer is what it says. */
const SMALL = 1e-6;
/** Size relative to the terms of a sum below which it counts as zero. */
const ZERO = 1e-9;

/** A·x and, with `sizes`, the sums of the sizes of the terms. */
export function product(
  { starts, indices, values }: Columns,
  x: Float64Array,
  rows: number,
  sizes?: Float64Array,
): Float64Array {
  const out = new Float64Array(rows);
  for (let j = 0; j < x.length; j++) {
    for (let k = starts[j]; k < starts[j + 1]; k++) {
      const term = values[k] * x[j];
      out[indices[k]] += term;
      if (sizes) sizes[indices[k]] += Math.abs(term);
    }
  }
  return out;
}

/** Aᵀ·y likewise. */
function transposeProduct(
  { starts, indices, values }: Columns,
  y: Float64Array,
  cols: number,
  sizes: Float64Array,
): Float64Array {
  const out = new Float64Array(cols);
  for (let j = 0; j < cols; j++) {
    for (let k = starts[j]; k < starts[j + 1]; k++) {
      const term = values[k] * y[indices[k]];
      out[j] += term;
      sizes[j] += Math.abs(term);
    }
  }
  return out;
}

/** P·x from the lower triangle. */
function curvature({ starts, indices, values }: Columns, x: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let j = 0; j < x.length; j++) {
    for (let k = starts[j]; k < starts[j + 1]; k++) {
      const i = indices[k];
      out[i] += values[k] * x[j];
      if (i !== j) out[j] += values[k] * x[i];
    }
  }
  return out;
}

export function objectiveAt({ cost, offset, hessian }: Problem, x: Float64Array): number {
  const slope = hessian && curvature(hessian, x);
  let sum = offset;
  for (let j = 0; j < x.length; j++) sum += (cost[j] + (slope ? slope[j] / 2 : 0)) * x[j];
  return sum;
}

function violation(values: Float64Array, lower: Float64Array, upper: Float64Array): number {
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < lower[i]) worst = Math.max(worst, (lower[i] - values[i]) / (1 + Math.abs(lower[i])));
    if (values[i] > upper[i]) worst = Math.max(worst, (values[i] - upper[i]) / (1 + Math.abs(upper[i])));
    if (Number.isNaN(values[i])) return Number.POSITIVE_INFINITY;
  }
  return worst;
}

/** Σ |multiplier| · distance to the bound that it belongs to; the multiplier itself if there is no such bound. */
function slackness(
  multipliers: Float64Array,
  values: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  sign: number,
): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const y = sign * multipliers[i];
    const distance = y > 0 ? values[i] - lower[i] : upper[i] - values[i];
    if (y !== 0) sum += Math.abs(y) * (Number.isFinite(distance) ? Math.abs(distance) : 1);
  }
  return sum;
}

/** Whether the weighted sum of the rows, with either sign, has no value that both rows and bounds allow. */
function excludes(problem: Problem, weights: Float64Array): boolean {
  const sizes = new Float64Array(problem.variables);
  const sum = transposeProduct(problem.matrix, weights, problem.variables, sizes);
  let scale = 0;
  for (let i = 0; i < weights.length; i++) scale = Math.max(scale, Math.abs(weights[i]));
  /** The least value of Σ weights·(something between bounds). */
  const least = (by: (i: number) => number, lower: Float64Array, upper: Float64Array): number => {
    let total = 0;
    for (let i = 0; i < lower.length; i++) {
      const w = by(i);
      if (w !== 0) total += w * (w > 0 ? lower[i] : upper[i]);
    }
    return total;
  };
  for (const sign of [1, -1]) {
    const row = (i: number): number => (Math.abs(weights[i]) <= ZERO * scale ? 0 : sign * weights[i]);
    const column = (j: number): number => (Math.abs(sum[j]) <= ZERO * sizes[j] ? 0 : sign * sum[j]);
    const rows = least(row, problem.rowLower, problem.rowUpper);
    const most = -least((j) => -column(j), problem.lower, problem.upper);
    if (rows - most > ZERO * (Math.abs(rows) + Math.abs(most))) return true;
  }
  return false;
}

/** Whether the objective improves along a direction that no row and no bound ends. */
function endless(problem: Problem, direction: Float64Array): boolean {
  const sizes = new Float64Array(problem.rows);
  const rows = product(problem.matrix, direction, problem.rows, sizes);
  let size = 0;
  for (const d of direction) size = Math.max(size, Math.abs(d));
  const open = (d: number, lower: number, upper: number): boolean => (d > 0 ? upper === Infinity : lower === -Infinity);
  for (let i = 0; i < problem.rows; i++)
    if (Math.abs(rows[i]) > SMALL * sizes[i] && !open(rows[i], problem.rowLower[i], problem.rowUpper[i])) return false;
  let slope = 0;
  for (let j = 0; j < problem.variables; j++) {
    const d = direction[j];
    if (Math.abs(d) > ZERO * size && !open(d, problem.lower[j], problem.upper[j])) return false;
    slope += problem.cost[j] * d;
  }
  return problem.maximize ? slope > 0 : slope < 0;
}

/** Compares an answer with the problem. O(entries). */
export function verify(problem: Problem, { status, x, rowMultipliers: y, reducedCosts: z, ray }: Answer): Verification {
  const { matrix, variables, rows, lower, upper, rowLower, rowUpper, cost, hessian, integer, maximize } = problem;
  const certificate =
    ray &&
    (status === 'infeasible'
      ? { ray: excludes(problem, ray) }
      : status === 'unbounded'
        ? { ray: endless(problem, ray) }
        : {});
  if (!x) return { ...certificate };
  const activities = product(matrix, x, rows);
  let integrality = 0;
  for (let j = 0; integer && j < variables; j++)
    if (integer[j]) integrality = Math.max(integrality, Math.abs(x[j] - Math.round(x[j])));
  const primal = {
    rows: violation(activities, rowLower, rowUpper),
    bounds: violation(x, lower, upper),
    ...(integer && { integrality }),
  };
  if (!y || !z) return { ...certificate, ...primal };
  const sizes = new Float64Array(variables);
  const dual = transposeProduct(matrix, y, variables, sizes);
  const bent = hessian && curvature(hessian, x);
  let stationarity = 0;
  for (let j = 0; j < variables; j++) {
    const slope = cost[j] + (bent ? bent[j] : 0);
    const rest = Math.abs(slope - dual[j] - z[j]);
    stationarity = Math.max(stationarity, rest / (1 + Math.abs(slope) + sizes[j] + Math.abs(z[j])));
  }
  const sign = maximize ? -1 : 1;
  const gap = slackness(y, activities, rowLower, rowUpper, sign) + slackness(z, x, lower, upper, sign);
  const complementarity = gap / (1 + Math.abs(objectiveAt(problem, x)));
  return { ...certificate, ...primal, stationarity, complementarity };
}

/** The status of an answer after its verification, with a sentence if that is another one. */
export function judged(
  { hessian }: Problem,
  { status, ray }: Answer,
  found: Verification,
): { readonly status: Status; readonly message?: string } {
  const off = (what: string, by: number | undefined): string | undefined =>
    by !== undefined && !(by <= SMALL) ? `${what} by ${by.toExponential(1)}, more than ${SMALL}` : undefined;
  const failed = (message: string) => ({ status: 'failed', message: `HiGHS reports ${message}.` }) as const;
  if (status === 'converged') {
    const primal =
      off('rows are violated', found.rows) ??
      off('bounds are violated', found.bounds) ??
      off('whole variables differ from whole numbers', found.integrality);
    if (primal) return failed(`a solution, but ${primal}`);
    const dual =
      off('the multipliers violate stationarity', found.stationarity) ??
      off('the multipliers leave a relative gap', found.complementarity);
    if (dual && hessian) {
      const why = 'it adds 1e-7 to the diagonal of quadratic objectives';
      return { status: 'stalled', message: `The solution of HiGHS is not exact: ${dual}, since ${why}.` };
    }
    if (dual) return failed(`a solution, but ${dual}`);
  }
  if (status === 'infeasible' && ray && !found.ray)
    return failed('that no point is feasible, but its weights of the rows do not prove it');
  if (status === 'unbounded' && ray && !found.ray)
    return failed('that the objective has no bound, but its direction does not prove it');
  return { status };
}
