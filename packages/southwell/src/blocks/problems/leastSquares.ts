import type { MatrixLike } from '@southwell/numerics/arrays';
import { checkTarget } from './checks.ts';
import { designMatrix, LinearModel, type ScalarLoss } from './linearModel.ts';

const squared: ScalarLoss = {
  value: (_, m) => 0.5 * m * m,
  slope: (_, m) => m,
  curvature: () => 1,
  change: (_, m, u) => u * (m + 0.5 * u),
  curvatureBound: 1,
  quadratic: true,
};

/**
 * f(x) = ½‖Ax − y‖². L_i = ‖a_i‖², H_b = A_bᵀA_b.
 *
 * @param A n × p, dense or sparse. @param y length n.
 * @throws SouthwellError EMPTY, NON_FINITE, INVALID_SHAPE.
 */
export function leastSquares(A: MatrixLike, y: ArrayLike<number>): LinearModel {
  const design = designMatrix(A);
  const target = checkTarget(y, design.rows);
  return new LinearModel(
    'least squares',
    design,
    target.map((v) => -v),
    squared,
  );
}
