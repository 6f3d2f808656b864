import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { type Svd, svd } from '@southwell/numerics/linalg';
import type { StochasticProblem } from '../../optimisers/index.ts';
import { allFinite, copyOf, product } from './matrices.ts';

/** ‖Z W − Y‖²/(N C) with the data shared by its solvers. */
export interface LeastSquares {
  readonly Z: DenseMatrix;
  readonly Y: DenseMatrix;
  /** SVD of Z, computed when first needed. */
  readonly decomposed: Svd;
  /** UᵀY, needed by all closed-form solutions. */
  readonly projected: DenseMatrix;
  /** The Lipschitz constant 2 s_max²/(N C) of the gradient, whose inverse is the unit of step sizes. */
  readonly lipschitz: number;
}

/** @throws INVALID_SHAPE, NON_FINITE. */
export function leastSquaresOf(Z: DenseMatrix, Y: DenseMatrix): LeastSquares {
  if (Z.rows === 0 || Z.cols === 0 || Y.cols === 0) {
    fail('INVALID_SHAPE', 'Features and targets need at least one row and one column.');
  }
  if (Z.rows !== Y.rows) {
    fail('INVALID_SHAPE', `There are ${Z.rows} rows of features, but ${Y.rows} of targets.`);
  }
  allFinite('features', Z);
  allFinite('targets', Y);
  let [decomposed, projected]: [Svd?, DenseMatrix?] = [];
  const decompose = () => {
    decomposed ??= svd(Z);
    return decomposed;
  };
  return {
    Z,
    Y,
    get decomposed() {
      return decompose();
    },
    get projected() {
      projected ??= product(decompose().U, Y, true);
      return projected;
    },
    get lipschitz() {
      return (2 * decompose().singularValues[0] ** 2) / (Z.rows * Y.cols);
    },
  };
}

/** The mean of squares (Z W − Y)² over all entries. */
export function meanSquares(prediction: DenseMatrix, Y: DenseMatrix): number {
  let sum = 0;
  for (let k = 0; k < Y.data.length; k++) sum += (prediction.data[k] - Y.data[k]) ** 2;
  return sum / Y.data.length;
}

/** Mini-batches of the loss at W, column-major, for training optimisers. */
export function batchesOf(
  { Z, Y }: LeastSquares,
  start: DenseMatrix,
  batchSize: number,
): StochasticProblem & { free(): void } {
  const [n, p, c] = [Z.rows, Z.cols, Y.cols];
  const all = batchSize === n;
  const { arena } = Z;
  const matrix = (rows: number, cols: number) => DenseMatrix.create(rows, cols, { arena });
  const W = copyOf(start, arena);
  const gradient = matrix(p, c);
  const targets = all ? copyOf(Y, arena) : matrix(batchSize, c);
  const inputs = all ? Z : matrix(batchSize, p);
  return {
    examples: n,
    get parameters() {
      return W.data;
    },
    get gradient() {
      return gradient.data;
    },
    evaluate(batch) {
      if (!all) {
        gather(Z, batch, inputs);
        gather(Y, batch, targets);
      }
      // All examples: their order does not matter, and nothing is copied.
      const residual = product(inputs, W);
      const { data } = residual;
      const wanted = targets.data;
      let sum = 0;
      for (let k = 0; k < data.length; k++) {
        data[k] -= wanted[k];
        sum += data[k] * data[k];
        data[k] *= 2 / (batchSize * c);
      }
      const slope = product(inputs, residual, true);
      gradient.data.set(slope.data);
      slope.free();
      residual.free();
      return sum / (batchSize * c);
    },
    free() {
      for (const one of all ? [W, gradient, targets] : [W, gradient, targets, inputs]) one.free();
    },
  };
}

function gather(from: DenseMatrix, rows: Int32Array, to: DenseMatrix): void {
  for (let j = 0; j < from.cols; j++) {
    const [source, target] = [from.column(j), to.column(j)];
    for (let k = 0; k < rows.length; k++) target[k] = source[rows[k]];
  }
}
