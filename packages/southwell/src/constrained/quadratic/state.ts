import { addProduct, addTransposed } from './columns.ts';
import type { Qp } from './problem.ts';
import { evaluated, type QpResiduals, worstAbsolute, worstRelative } from './residuals.ts';
import type { Scaled } from './scaling.ts';

/** A primal and dual point with its residuals, in the units of the problem. */
export interface QpState {
  readonly x: Float64Array;
  readonly rows: Float64Array;
  readonly bounds: Float64Array;
  readonly residuals: QpResiduals;
  readonly Ax: Float64Array;
}

/** Whether a point is closer to optimal: by relative residuals, and where these are small by absolute ones. */
export function isBetter(one: QpState, other: QpState): boolean {
  const [a, b] = [score(one.residuals), score(other.residuals)];
  return a < b;
}

function score(residuals: QpResiduals): number {
  const relative = worstRelative(residuals);
  if (!(relative <= 1e-9)) return relative;
  const absolute = worstAbsolute(residuals);
  return (1e-9 * absolute) / (1 + absolute);
}

/** Residuals and point in the units of the problem; multipliers of held variables are what the dual residual leaves. */
export function inOriginalUnits(
  given: Qp,
  { D, E, c }: Scaled,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  held: Uint8Array,
): QpState {
  const point = x.map((v, j) => v * D[j]);
  const rows = y.map((v, i) => (v * E[i]) / c);
  const bounds = z.map((v, j) => v / (c * D[j]));
  const left = given.q.slice();
  addProduct(given.P, point, left);
  addTransposed(given.A, rows, left, -1);
  for (let j = 0; j < given.n; j++) if (held[j]) bounds[j] = left[j];
  const { residuals, Ax } = evaluated(given, point, { rows, bounds });
  return { x: point, rows, bounds, residuals, Ax };
}
