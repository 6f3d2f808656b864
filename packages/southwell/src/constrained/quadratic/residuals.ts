import { addProduct, addTransposed, dot, largest } from './columns.ts';
import type { Qp } from './problem.ts';

/** A primal and dual point: Px + q − Aᵀrows − bounds = 0 at a solution. */
export interface QpMultipliers {
  /** Of the rows: positive where the lower side is active, negative where the upper one is. */
  readonly rows: Float64Array;
  /** Of the bounds of the variables, with the same signs. */
  readonly bounds: Float64Array;
}

/** How far a point is from satisfying the optimality conditions, in the units of the problem as given. */
export interface QpResiduals {
  /** Largest violation of a row or bound. */
  readonly primal: number;
  /** ‖Px + q − Aᵀy − z‖∞, and multipliers of absent sides. */
  readonly dual: number;
  /** |primal − dual objective|. */
  readonly gap: number;
  /** The same, each divided by one plus the largest term in it. */
  readonly relative: { readonly primal: number; readonly dual: number; readonly gap: number };
  readonly objective: number;
}

/** Computed from the problem alone, whatever the method. */
export function residualsOf(qp: Qp, x: Float64Array, { rows: y, bounds: z }: QpMultipliers): QpResiduals {
  const { n, m, P, q, A, lower, upper, rowLower, rowUpper } = qp;
  const Ax = new Float64Array(m);
  addProduct(A, x, Ax);
  const Px = new Float64Array(n);
  addProduct(P, x, Px);
  const Aty = new Float64Array(n);
  addTransposed(A, y, Aty);
  let [primal, sides] = [0, Math.max(largest(Ax), largest(x))];
  // Compensated: the objectives may agree in many digits.
  const sum = new CompensatedSum();
  let [dual, extra] = [0, 0];
  const side = (v: number, low: number, up: number, multiplier: number) => {
    primal = Math.max(primal, low - v, v - up);
    if (multiplier === 0) return;
    const at = multiplier > 0 ? low : up;
    if (Number.isFinite(at)) {
      sum.add(-multiplier * at);
      sides = Math.max(sides, Math.abs(at));
    } else extra = Math.max(extra, Math.abs(multiplier));
  };
  for (let i = 0; i < m; i++) side(Ax[i], rowLower[i], rowUpper[i], y[i]);
  for (let j = 0; j < n; j++) side(x[j], lower[j], upper[j], z[j]);
  for (let j = 0; j < n; j++) {
    dual = Math.max(dual, Math.abs(Px[j] + q[j] - Aty[j] - z[j]));
    sum.add(x[j] * Px[j]);
    sum.add(x[j] * q[j]);
  }
  dual = Math.max(dual, extra);
  const gap = Math.abs(sum.value);
  const [linear, square] = [dot(q, x), dot(x, Px)];
  const value = square / 2 + linear;
  const terms = 1 + Math.max(largest(Px), largest(q), largest(Aty), largest(z));
  const bad = !Number.isFinite(primal + dual + gap);
  return {
    primal: bad ? Number.POSITIVE_INFINITY : primal,
    dual: bad ? Number.POSITIVE_INFINITY : dual,
    gap: bad ? Number.POSITIVE_INFINITY : gap,
    relative: {
      primal: bad ? Number.POSITIVE_INFINITY : primal / (1 + sides),
      dual: bad ? Number.POSITIVE_INFINITY : dual / terms,
      gap: bad ? Number.POSITIVE_INFINITY : gap / (1 + Math.max(Math.abs(value), Math.abs(value - sum.value))),
    },
    objective: value + qp.constant,
  };
}

export const worstRelative = ({ relative }: QpResiduals): number =>
  Math.max(relative.primal, relative.dual, relative.gap);

export const worstAbsolute = ({ primal, dual, gap }: QpResiduals): number => Math.max(primal, dual, gap);

/** Neumaier's sum. */
export class CompensatedSum {
  private sum = 0;
  private rest = 0;

  add(v: number): void {
    const t = this.sum + v;
    this.rest += Math.abs(this.sum) >= Math.abs(v) ? this.sum - t + v : v - t + this.sum;
    this.sum = t;
  }

  get value(): number {
    return this.sum + this.rest;
  }
}
