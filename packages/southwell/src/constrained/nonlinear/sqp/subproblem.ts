import { prepareQp, type QpStart } from '../../quadratic/index.ts';
import type { CheckedProgram } from '../program.ts';
import type { Evaluated } from '../residuals.ts';
import type { Curvature } from './curvature.ts';

/** The solution of a quadratic subproblem. */
export interface SubproblemStep {
  readonly d: Float64Array;
  /** Multipliers of the rows. */
  readonly y: Float64Array;
  /** Where the next subproblem starts. */
  readonly working: QpStart;
}

/** Curvature of the violations in elastic subproblems, relative to their weight. */
const ELASTIC_CURVATURE = 1e-4;
const SUBPROBLEM_TOLERANCE = 1e-9;

/**
 * Minimise ½dᵀPd + (∇f + shift)ᵀd subject to rowLower ≤ c + Jd ≤ rowUpper, lower ≤ x + d ≤ upper and |d| ≤ radius.
 */
export class Subproblem {
  private readonly q: Float64Array;
  private readonly A: Float64Array;
  private readonly bounds: { readonly lower: Float64Array; readonly upper: Float64Array };
  private prepared: ReturnType<typeof prepareQp> | undefined;

  constructor(
    private readonly program: CheckedProgram,
    private readonly x: Float64Array,
    private readonly known: Evaluated,
    private readonly curvature: Curvature,
    radius: number,
  ) {
    const { lower, upper, functions } = program;
    this.q = known.gradient.map((v, j) => v + curvature.shift[j]);
    this.A = denseRows(program, known.J, functions.variables);
    this.bounds = {
      lower: x.map((v, j) => Math.max(lower[j] - v, -radius)),
      upper: x.map((v, j) => Math.min(upper[j] - v, radius)),
    };
  }

  /**
   * @param c Values of the rows in place of those at x: a second-order correction.
   * @returns Undefined if no d satisfies all rows.
   */
  solve(working: QpStart | undefined, c = this.known.c): SubproblemStep | undefined {
    const { rowLower, rowUpper } = this.program;
    const [n, m] = [this.x.length, c.length];
    const sides = { rowLower: rowLower.map((v, i) => v - c[i]), rowUpper: rowUpper.map((v, i) => v - c[i]) };
    this.prepared ??= prepareQp(
      {
        P: { data: this.curvature.P, rows: n, cols: n },
        q: this.q,
        A: { data: this.A, rows: m, cols: n },
        ...sides,
        ...this.bounds,
      },
      { method: 'active-set', tol: SUBPROBLEM_TOLERANCE },
    );
    const { status, point } = this.prepared.solve({ ...sides, start: working });
    return status === 'converged' ? { d: point.x, y: point.rows, working: point } : undefined;
  }

  /** As {@link solve}, with violations s of the rows at the cost weight·(s + ½·1e-4·s²): there is always a solution. */
  elastic(weight: number): SubproblemStep | undefined {
    const { rowLower, rowUpper } = this.program;
    const { c } = this.known;
    const [n, m] = [this.x.length, c.length];
    const parts: { row: number; sign: number }[] = [];
    for (let i = 0; i < m; i++) {
      if (rowLower[i] > -Infinity) parts.push({ row: i, sign: 1 });
      if (rowUpper[i] < Infinity) parts.push({ row: i, sign: -1 });
    }
    const size = n + parts.length;
    const P = new Float64Array(size * size);
    for (let i = 0; i < n; i++) P.set(this.curvature.P.subarray(i * n, (i + 1) * n), i * size);
    const A = new Float64Array(m * size);
    for (let i = 0; i < m; i++) A.set(this.A.subarray(i * n, (i + 1) * n), i * size);
    parts.forEach(({ row, sign }, k) => {
      P[(n + k) * size + n + k] = ELASTIC_CURVATURE * weight;
      A[row * size + n + k] = sign;
    });
    const extended = (v: Float64Array, rest: number) => {
      const all = new Float64Array(size).fill(rest);
      all.set(v);
      return all;
    };
    const { status, point } = prepareQp(
      {
        P: { data: P, rows: size, cols: size },
        q: extended(this.q, weight),
        A: { data: A, rows: m, cols: size },
        rowLower: rowLower.map((v, i) => v - c[i]),
        rowUpper: rowUpper.map((v, i) => v - c[i]),
        lower: extended(this.bounds.lower, 0),
        upper: extended(this.bounds.upper, Infinity),
      },
      { method: 'active-set', tol: SUBPROBLEM_TOLERANCE },
    ).solve();
    if (status !== 'converged' && !(point.residuals.relative.primal <= 1e-6)) return undefined;
    const active = { rows: point.active.rows, bounds: point.active.bounds.slice(0, n) };
    const d = point.x.slice(0, n);
    return { d, y: point.rows, working: { x: d, rows: point.rows, bounds: point.bounds.slice(0, n), active } };
  }
}

/** The Jacobian by dense rows. */
export function denseRows({ functions }: CheckedProgram, J: Float64Array, n: number): Float64Array {
  const { colPointers, rowIndices } = functions.jacobian;
  const A = new Float64Array(functions.constraints * n);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) A[rowIndices[k] * n + j] += J[k];
  }
  return A;
}
