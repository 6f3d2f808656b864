import { DenseMatrix } from '@southwell/numerics/arrays';
import { factorPositive, matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { halvingSearch } from '../../optimisers/index.ts';

/**
 * Σ_s log(1 + Σ_j e^{a_sj}) − a_{s,y_s}, where label 0 is the reference class with a = 0 and label j + 1 the class of
 * column j. Activations are replaced by the gradient, probabilities minus indicators. O(nm).
 *
 * @param a n × m, column-major.
 */
export function softmaxLoss(a: Float64Array, labels: Int32Array): number {
  const n = labels.length;
  const m = a.length / n;
  let loss = 0;
  for (let s = 0; s < n; s++) {
    let top = 0;
    for (let j = 0; j < m; j++) top = Math.max(top, a[j * n + s]);
    let sum = elementary.exp(-top);
    const label = labels[s];
    if (label > 0) loss -= a[(label - 1) * n + s];
    for (let j = 0; j < m; j++) {
      const e = elementary.exp(a[j * n + s] - top);
      a[j * n + s] = e;
      sum += e;
    }
    loss += top + elementary.log(sum);
    for (let j = 0; j < m; j++) a[j * n + s] = a[j * n + s] / sum - (label === j + 1 ? 1 : 0);
  }
  return loss;
}

/** Replaces activations by the probabilities of all classes but the first. */
export function softmax(a: Float64Array, n: number): void {
  softmaxLoss(a, new Int32Array(n));
}

/**
 * Upper bound of the curvature of the loss with respect to the activations of a sample (Böhning 1992 for several
 * classes).
 */
export const curvature = (m: number): number => (m === 1 ? 0.25 : 0.5);

const STEPS = 100;

/**
 * Minimises the loss of activations ΦC plus ½Σ_i ridge_i‖C_i‖² by damped Newton steps from `C`, in place; returns the
 * minimum. For few columns of Φ. O(n(dm)²) per step.
 *
 * @param Phi n × d. @param C d × m, column-major. @param ridge of each row of C, at least 0.
 */
export function fitSoftmax(Phi: DenseMatrix, labels: Int32Array, C: Float64Array, ridge: Float64Array): number {
  const { rows: n, cols: d, arena } = Phi;
  const m = C.length / d;
  const size = d * m;
  const coefficients = DenseMatrix.create(d, m, { arena });
  const a = DenseMatrix.create(n, m, { arena });
  const evaluate = (values: Float64Array): number => {
    coefficients.data.set(values);
    matrixProduct(Phi, coefficients, a);
    let objective = softmaxLoss(a.data, labels);
    for (let k = 0; k < size; k++) objective += 0.5 * ridge[k % d] * values[k] ** 2;
    return objective;
  };
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const weights = new Float64Array(n);
  try {
    let objective = evaluate(C);
    for (let step = 0; step < STEPS; step++) {
      const phi = Phi.data;
      const residual = a.data;
      let [largest, scale] = [0, 0];
      for (let k = 0; k < size; k++) {
        const [j, i] = [Math.floor(k / d), k % d];
        let [sum, size_] = [ridge[i] * C[k], Math.abs(ridge[i] * C[k])];
        for (let s = 0; s < n; s++) {
          const v = phi[i * n + s] * residual[j * n + s];
          sum += v;
          size_ += Math.abs(v);
        }
        gradient[k] = -sum;
        largest = Math.max(largest, Math.abs(sum));
        scale = Math.max(scale, size_);
      }
      if (!(largest > 1e-12 * scale)) break;
      for (let j = 0; j < m; j++) {
        for (let l = 0; l <= j; l++) {
          for (let s = 0; s < n; s++) {
            const p = residual[j * n + s] + (labels[s] === j + 1 ? 1 : 0);
            const q = residual[l * n + s] + (labels[s] === l + 1 ? 1 : 0);
            weights[s] = j === l ? p * (1 - p) : -p * q;
          }
          for (let i = 0; i < d; i++) {
            for (let h = 0; h < d; h++) {
              let sum = i === h && j === l ? ridge[i] : 0;
              for (let s = 0; s < n; s++) sum += weights[s] * phi[i * n + s] * phi[h * n + s];
              hessian[(j * d + i) * size + l * d + h] = sum;
              hessian[(l * d + h) * size + j * d + i] = sum;
            }
          }
        }
      }
      factorPositive(hessian, size).solve(gradient);
      let trial = C;
      let value = objective;
      const t = halvingSearch((alpha) => {
        trial = C.map((v, k) => v + alpha * gradient[k]);
        value = evaluate(trial);
        return value < objective;
      }, 34);
      if (t === 0) {
        evaluate(C);
        break;
      }
      objective = value;
      C.set(trial);
    }
    return objective;
  } finally {
    coefficients.free();
    a.free();
  }
}
