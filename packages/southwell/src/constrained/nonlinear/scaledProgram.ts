import type { SparseFunctions } from '@southwell/numerics/expressions';
import type { Pattern } from '@southwell/numerics/sparse';
import { largest } from '../vectors.ts';
import type { BarrierProblem } from './barrierProblem.ts';
import type { CheckedProgram } from './program.ts';

/** Gradients at the initial point are scaled down to at most this size, by at most 1e-8. */
const [LARGEST_GRADIENT, SMALLEST_SCALE] = [100, 1e-8];
/** Bounds are relaxed by this share of max(1, |bound|), so that the feasible set has an interior. */
const RELAXATION = 1e-10;

/**
 * A program without fixed variables and free rows, scaled as Ipopt does by gradients at the initial point, with slacks
 * for inequalities.
 */
export class ScaledProgram {
  readonly problem: BarrierProblem;
  /** The bounds of the problem without relaxation. */
  readonly exact: { readonly lower: Float64Array; readonly upper: Float64Array };
  /** Variables and rows of the original program that are kept. */
  readonly variables: Int32Array;
  readonly rows: Int32Array;
  readonly objectiveScale: number;
  readonly rowScale: Float64Array;
  private readonly full: Float64Array;

  /** @param scaling Whether large gradients at the initial point are scaled down. */
  constructor(
    private readonly program: CheckedProgram,
    scaling: boolean,
  ) {
    const { functions, lower, upper, rowLower, rowUpper, start } = program;
    this.variables = indices(lower.length, (j) => lower[j] < upper[j]);
    this.rows = indices(rowLower.length, (i) => Number.isFinite(rowLower[i]) || Number.isFinite(rowUpper[i]));
    this.full = start.slice();
    for (let j = 0; j < lower.length; j++) if (lower[j] === upper[j]) this.full[j] = lower[j];
    const jacobian = selected(functions.jacobian, this.rows, this.variables);
    const hessian = functions.hessian && selected(functions.hessian, this.variables, this.variables);
    const scales = scaling && gradientScales(functions, this.full, this.variables, this.rows, jacobian);
    this.objectiveScale = scales ? scales.objective : 1;
    this.rowScale = scales ? scales.rows : new Float64Array(this.rows.length).fill(1);
    const slackOf = indices(this.rows.length, (i) => rowLower[this.rows[i]] !== rowUpper[this.rows[i]]);
    this.exact = this.bounds(slackOf);
    this.problem = this.build(jacobian, hessian, slackOf);
  }

  private bounds(slackOf: Int32Array) {
    const { program, rows, variables, rowScale } = this;
    const { rowLower, rowUpper } = program;
    const n = variables.length;
    const lower = new Float64Array(n + slackOf.length);
    const upper = new Float64Array(n + slackOf.length);
    for (let k = 0; k < n; k++) [lower[k], upper[k]] = [program.lower[variables[k]], program.upper[variables[k]]];
    for (let a = 0; a < slackOf.length; a++) {
      const i = rows[slackOf[a]];
      const scale = rowScale[slackOf[a]];
      [lower[n + a], upper[n + a]] = [rowLower[i] * scale, rowUpper[i] * scale];
    }
    return { lower, upper };
  }

  private build(jacobian: Selected, hessian: Selected | undefined, slackOf: Int32Array): BarrierProblem {
    const { program, rows, variables, rowScale, objectiveScale } = this;
    const { functions, rowLower, rowUpper } = program;
    const [n, m] = [variables.length, rows.length];
    // As a share of the bounds as they were stated.
    const relaxation = (v: number, k: number) =>
      RELAXATION * Math.max(k < n ? 1 : rowScale[slackOf[k - n]], Math.abs(v));
    const lower = this.exact.lower.map((v, k) => v - relaxation(v, k));
    const upper = this.exact.upper.map((v, k) => v + relaxation(v, k));
    const shift = Float64Array.from(rows, (i) => (rowLower[i] === rowUpper[i] ? rowLower[i] : 0));
    const values = new Float64Array(functions.constraints);
    const gradient = new Float64Array(functions.variables);
    const entries = new Float64Array(functions.jacobian.rowIndices.length);
    const multipliers = new Float64Array(functions.constraints);
    const curvatures = new Float64Array(functions.hessian?.rowIndices.length ?? 0);
    return {
      ...{ n, m, lower, upper, jacobian: jacobian.pattern },
      auxiliary: {
        row: slackOf,
        coefficient: new Float64Array(slackOf.length).fill(-1),
        cost: new Float64Array(slackOf.length),
      },
      objective: (x) => objectiveScale * functions.objective(this.expand(x)),
      gradient: (x, out) => {
        functions.gradient(this.expand(x), gradient);
        for (let k = 0; k < n; k++) out[k] = objectiveScale * gradient[variables[k]];
      },
      constraints: (x, out) => {
        functions.constraintValues(this.expand(x), values);
        for (let k = 0; k < m; k++) out[k] = rowScale[k] * (values[rows[k]] - shift[k]);
      },
      jacobianValues: (x, out) => {
        functions.jacobianValues(this.expand(x), entries);
        const { source, pattern } = jacobian;
        for (let k = 0; k < source.length; k++) out[k] = rowScale[pattern.rowIndices[k]] * entries[source[k]];
      },
      ...(hessian && {
        hessian: hessian.pattern,
        hessianValues: (x: Float64Array, sigma: number, y: Float64Array, out: Float64Array) => {
          for (let k = 0; k < m; k++) multipliers[rows[k]] = rowScale[k] * y[k];
          functions.hessianValues!(this.expand(x), sigma * objectiveScale, multipliers, curvatures);
          for (let k = 0; k < hessian.source.length; k++) out[k] = curvatures[hessian.source[k]];
        },
      }),
    };
  }

  /** The variables of the original program; the array is used again by the next call. */
  expand(x: Float64Array): Float64Array {
    const { full, variables } = this;
    for (let k = 0; k < variables.length; k++) full[variables[k]] = x[k];
    return full;
  }

  /** c(x) of the original program, from the values at a point; NaN for free rows. */
  rowValues({ c, w }: { readonly c: Float64Array; readonly w: Float64Array }): Float64Array {
    const { problem, program, rows, rowScale } = this;
    const { row } = problem.auxiliary;
    const slacks = new Float64Array(problem.m);
    for (let a = 0; a < row.length; a++) slacks[row[a]] = w[problem.n + a];
    const values = new Float64Array(program.rowLower.length).fill(Number.NaN);
    for (let k = 0; k < rows.length; k++) {
      const l = program.rowLower[rows[k]];
      const u = program.rowUpper[rows[k]];
      values[rows[k]] = (c[k] + slacks[k]) / rowScale[k] + (l === u ? l : 0);
    }
    return values;
  }

  /** The initial w = (x, slacks) of a point of the original program. */
  reduce(x: Float64Array): Float64Array {
    const { problem, variables } = this;
    const w = new Float64Array(problem.lower.length);
    for (let k = 0; k < variables.length; k++) w[k] = x[variables[k]];
    const c = new Float64Array(problem.m);
    problem.constraints(w.subarray(0, problem.n), c);
    const { row } = problem.auxiliary;
    for (let a = 0; a < row.length; a++) w[problem.n + a] = c[row[a]];
    return w;
  }
}

interface Selected {
  readonly pattern: Pattern;
  /** The entry of the original pattern that each entry is. */
  readonly source: Int32Array;
}

function indices(count: number, keep: (k: number) => boolean): Int32Array {
  const kept: number[] = [];
  for (let k = 0; k < count; k++) if (keep(k)) kept.push(k);
  return Int32Array.from(kept);
}

/** The rows and columns of a pattern that are kept. */
function selected(pattern: Pattern, rows: Int32Array, cols: Int32Array): Selected {
  const place = new Int32Array(pattern.rows).fill(-1);
  for (let k = 0; k < rows.length; k++) place[rows[k]] = k;
  const colPointers = new Int32Array(cols.length + 1);
  const rowIndices: number[] = [];
  const source: number[] = [];
  for (let c = 0; c < cols.length; c++) {
    for (let k = pattern.colPointers[cols[c]]; k < pattern.colPointers[cols[c] + 1]; k++) {
      const row = place[pattern.rowIndices[k]];
      if (row < 0) continue;
      rowIndices.push(row);
      source.push(k);
    }
    colPointers[c + 1] = source.length;
  }
  const kept: Pattern = { rows: rows.length, cols: cols.length, colPointers, rowIndices: Int32Array.from(rowIndices) };
  return { pattern: kept, source: Int32Array.from(source) };
}

function gradientScales(
  functions: SparseFunctions,
  x: Float64Array,
  variables: Int32Array,
  rows: Int32Array,
  jacobian: Selected,
): { objective: number; rows: Float64Array } {
  const scale = (most: number) =>
    most > LARGEST_GRADIENT && most < Number.POSITIVE_INFINITY ? Math.max(SMALLEST_SCALE, LARGEST_GRADIENT / most) : 1;
  const gradient = new Float64Array(functions.variables);
  functions.gradient(x, gradient);
  const objective = scale(largest(Float64Array.from(variables, (j) => gradient[j])));
  const entries = new Float64Array(functions.jacobian.rowIndices.length);
  functions.jacobianValues(x, entries);
  const most = new Float64Array(rows.length);
  const { source, pattern } = jacobian;
  for (let k = 0; k < source.length; k++) {
    const size = Math.abs(entries[source[k]]);
    const row = pattern.rowIndices[k];
    if (!(size <= most[row])) most[row] = size;
  }
  return { objective, rows: most.map(scale) };
}
