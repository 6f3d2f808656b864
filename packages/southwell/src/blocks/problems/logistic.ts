import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { checkTarget } from './checks.ts';
import { designMatrix, LinearModel, type ScalarLoss } from './linearModel.ts';

/** log(1 + e^t) without overflow. */
const softplus = (t: number): number => (t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t)));

function logisticLoss(y: Float64Array): ScalarLoss {
  return {
    value: (r, m) => softplus(-y[r] * m),
    slope: (r, m) => -y[r] / (1 + Math.exp(y[r] * m)),
    curvature(_, m) {
      const e = Math.exp(-Math.abs(m));
      return e / ((1 + e) * (1 + e));
    },
    change(r, m, u) {
      const t = -y[r] * m;
      const v = -y[r] * u;
      // softplus(t + v) − softplus(t) = log1p(σ(t)(eᵛ − 1)): no cancellation for small v.
      return v < 30 ? Math.log1p(Math.expm1(v) / (1 + Math.exp(-t))) : softplus(t + v) - softplus(t);
    },
    curvatureBound: 0.25,
    quadratic: false,
  };
}

/**
 * f(x) = Σ_r log(1 + exp(−y_r a_rᵀx)). L_i = ¼‖a_i‖², H_b = ¼A_bᵀA_b. Separable data have no finite minimiser: f → 0.
 *
 * @param A n × p, dense or sparse. @param y n labels, each −1 or 1.
 * @throws SouthwellError EMPTY, NON_FINITE, INVALID_SHAPE, INVALID_TARGET.
 */
export function logistic(A: MatrixLike, y: ArrayLike<number>): LinearModel {
  const design = designMatrix(A);
  const labels = checkTarget(y, design.rows);
  const bad = labels.findIndex((v) => v !== 1 && v !== -1);
  if (bad >= 0) fail('INVALID_TARGET', `y has ${labels[bad]} in row ${bad + 1}, but logistic labels are -1 or 1.`);
  return new LinearModel('logistic regression', design, new Float64Array(design.rows), logisticLoss(labels));
}
