import { matrixProduct, qr } from '@southwell/numerics/linalg';
import { DenseMatrix, Random } from 'southwell';
import { adamW, type ParameterRange, type Schedule } from 'southwell/optimisers';
import type { MakeStepper } from './lab.ts';

const MOMENTUM = 0.95;

/** A matrix of the transformer with its momentum, n × m, and vectors V, m × r, which are carried over between steps. */
interface Followed {
  readonly from: number;
  readonly n: number;
  readonly m: number;
  readonly M: DenseMatrix;
  V: DenseMatrix;
}

/**
 * Dion (Ahn et al., 2025) for comparison: one power iteration and QR per step instead of Trion's selection of cosines.
 * P = qr(MV), R = MᵀP, M ← M − (1 − μ)PRᵀ, V = R with normalised columns, and the step is PVᵀ. All other parameters use
 * AdamW, with the same fraction of the rate as in Trion and Muon.
 */
export const dion =
  (rate: Schedule, rank: number): MakeStepper =>
  (x, ranges) => {
    const isMatrix = ({ shape, orthogonal }: ParameterRange): boolean => shape!.length > 1 && orthogonal!;
    const random = new Random(0);
    const matrices = ranges.filter(isMatrix).map(({ from, shape }): Followed => {
      const [n, m] = shape!;
      const start = Float64Array.from({ length: m * rank }, () => random.normal());
      return { from, n, m, M: DenseMatrix.create(n, m), V: DenseMatrix.fromColumnMajor(start, m, rank) };
    });
    const others = adamW({ rate: (t) => 0.015 * rate(t), beta1: 0.9, beta2: 0.95, epsilon: 1e-10, weightDecay: 0 });
    const state = others.init(
      x,
      ranges.map((range) => ({ ...range, frozen: isMatrix(range) })),
    );
    let t = 0;
    const product = (A: DenseMatrix, B: DenseMatrix, transA: boolean, transB: boolean): DenseMatrix => {
      const out = DenseMatrix.create(transA ? A.cols : A.rows, transB ? B.rows : B.cols);
      matrixProduct(A, B, out, { transA, transB });
      return out;
    };
    return {
      step(at, gradient) {
        for (const matrix of matrices) {
          const { from, n, m, M } = matrix;
          for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) M.data[i + j * n] += gradient[from + i * m + j];
          const MV = product(M, matrix.V, false, false);
          const factor = qr(MV);
          const P = factor.thinQ();
          factor.free();
          const R = product(M, P, true, false);
          const seen = product(P, R, false, true);
          for (let k = 0; k < n * m; k++) M.data[k] -= (1 - MOMENTUM) * seen.data[k];
          for (let k = 0; k < rank; k++) {
            const column = R.data.subarray(k * m, (k + 1) * m);
            const norm = Math.sqrt(column.reduce((sum, v) => sum + v * v, 0));
            for (let j = 0; j < m; j++) column[j] /= norm + 1e-7;
          }
          const step = product(P, R, false, true);
          const length = rate(t) * Math.sqrt(Math.max(1, n / m));
          for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) at[from + i * m + j] -= length * step.data[i + j * n];
          for (const done of [MV, P, seen, step, matrix.V]) done.free();
          matrix.V = R;
        }
        others.step(state, at, gradient);
        t++;
      },
      free() {
        state.free();
        for (const { M, V } of matrices) {
          M.free();
          V.free();
        }
      },
    };
  };
