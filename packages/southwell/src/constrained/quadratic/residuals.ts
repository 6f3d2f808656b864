import { dot, largest } from '../vectors.ts';
import { addProduct, addTransposed } from './columns.ts';
import { coneViolation } from './cones.ts';
import type { Qp } from './problem.ts';

/** A primal and dual point: Px + q − Aᵀrows − bounds = 0 at a solution, with rows of cones among the rows. */
export interface QpMultipliers {
  /** Of the rows: positive where the lower side is active, negative where the upper one is. */
  readonly rows: Float64Array;
  /** Of the bounds of the variables, with the same signs. */
  readonly bounds: Float64Array;
}

/** How far a point is from satisfying the optimality conditions, in the units of the problem as given. */
export interface QpResiduals {
  /** Largest violation of a row or bound; ‖u‖ − t of a cone. */
  readonly primal: number;
  /** ‖Px + q − Aᵀy − z‖∞, multipliers of absent sides and ‖u‖ − t of those of cones. */
  readonly dual: number;
  /** |primal − dual objective|. */
  readonly gap: number;
  /** The same, each divided by one plus the largest term in it. */
  readonly relative: { readonly primal: number; readonly dual: number; readonly gap: number };
  readonly objective: number;
}

/** Residuals, and Ax. */
export interface Evaluated {
  readonly residuals: QpResiduals;
  readonly Ax: Float64Array;
}

/** Computed from the problem alone, whatever the method. */
export function residualsOf(qp: Qp, x: Float64Array, multipliers: QpMultipliers): QpResiduals {
  return evaluated(qp, x, multipliers).residuals;
}

export function evaluated(qp: Qp, x: Float64Array, { rows: y, bounds: z }: QpMultipliers): Evaluated {
  const { n, m, P, q, A, lower, upper, rowLower, rowUpper, cones } = qp;
  // One allocation, which takes long beside the arithmetic of small problems.
  const products = new Float64Array(m + 2 * n);
  const [Ax, Px, Aty] = [products.subarray(0, m), products.subarray(m, m + n), products.subarray(m + n)];
  addProduct(A, x, Ax);
  addProduct(P, x, Px);
  addTransposed(A, y, Aty);
  // Compensated: the objectives may agree in many digits.
  const sum = new CompensatedSum();
  const ofRows = violations(Ax, rowLower, rowUpper, y, sum, cones[0]);
  const ofBounds = violations(x, lower, upper, z, sum, n);
  let primal = Math.max(ofRows.primal, ofBounds.primal);
  const sides = Math.max(largest(Ax), largest(x), ofRows.size, ofBounds.size);
  let dual = Math.max(ofRows.unpaired, ofBounds.unpaired);
  if (cones.length > 1) {
    primal = Math.max(
      primal,
      coneViolation(
        cones,
        Ax.map((v, i) => v - rowLower[i]),
      ),
    );
    dual = Math.max(dual, coneViolation(cones, y));
  }
  for (let j = 0; j < n; j++) {
    const r = Math.abs(Px[j] + q[j] - Aty[j] - z[j]);
    if (!(r <= dual)) dual = r;
    sum.add(x[j] * Px[j]);
    sum.add(x[j] * q[j]);
  }
  const gap = Math.abs(sum.value);
  const [linear, square] = [dot(q, x), dot(x, Px)];
  const value = square / 2 + linear;
  const terms = 1 + Math.max(largest(Px), largest(q), largest(Aty), largest(z));
  const bad = !Number.isFinite(primal + dual + gap);
  const whole = (v: number) => (bad ? Number.POSITIVE_INFINITY : v);
  const relative = {
    primal: whole(primal / (1 + sides)),
    dual: whole(dual / terms),
    gap: whole(gap / (1 + Math.max(Math.abs(value), Math.abs(value - sum.value)))),
  };
  const objective = value + qp.constant;
  return { residuals: { primal: whole(primal), dual: whole(dual), gap: whole(gap), relative, objective }, Ax };
}

/** Violations of the first sides, the size of active ones, and multipliers without a side; subtracts their products from the sum. */
function violations(
  v: Float64Array,
  low: Float64Array,
  up: Float64Array,
  multipliers: Float64Array,
  sum: CompensatedSum,
  count: number,
) {
  let [primal, size, unpaired] = [0, 0, 0];
  for (let i = 0; i < v.length; i++) {
    if (i < count) {
      const below = low[i] - v[i];
      const above = v[i] - up[i];
      if (!(below <= primal)) primal = below;
      if (!(above <= primal)) primal = above;
    }
    const multiplier = multipliers[i];
    if (multiplier === 0) continue;
    const at = multiplier > 0 ? low[i] : up[i];
    if (at === Infinity || at === -Infinity) unpaired = Math.max(unpaired, Math.abs(multiplier));
    else {
      sum.add(-multiplier * at);
      size = Math.max(size, Math.abs(at));
    }
  }
  return { primal, size, unpaired };
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
