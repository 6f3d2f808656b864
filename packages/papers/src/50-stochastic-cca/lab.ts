import { DenseMatrix, Random } from 'southwell';
import {
  type CanonicalVariates,
  ccaExact,
  eyGradient,
  StochasticCca,
  type StochasticCcaIterate,
  type StochasticCcaOptions,
} from 'southwell/factorisation';
import type { Pause } from '../pauses.ts';

/** The method under test; a test replaces it with negative controls. */
export interface Method {
  readonly steps: (
    views: readonly DenseMatrix[],
    options: StochasticCcaOptions,
  ) => Generator<Pick<StochasticCcaIterate, 'weights' | 'checkpoint'>, CanonicalVariates, undefined>;
  readonly gradient: typeof eyGradient;
  /** The plain baseline. */
  readonly exact: typeof ccaExact;
}

export const libraryMethod: Method = {
  *steps(views, options) {
    for (const it of new StochasticCca(options).iterates(views)) {
      if (it.iteration > 0) yield it;
      if (it.done) return it.snapshot();
    }
    throw new Error('A method must say how it ended.');
  },
  gradient: eyGradient,
  exact: ccaExact,
};

/** Two views with these canonical correlations, all columns of unit variance, in randomly rotated coordinates. */
export async function planted(
  n: number,
  dims: readonly number[],
  rho: readonly number[],
  seed: number,
  pause: Pause,
): Promise<DenseMatrix[]> {
  const random = new Random(seed);
  const shared = Float64Array.from({ length: n * rho.length }, () => random.normal());
  const out: DenseMatrix[] = [];
  for (const d of dims) {
    const X = DenseMatrix.create(n, d);
    const mirrors = Array.from({ length: 20 }, () => {
      const h = Float64Array.from({ length: d }, () => random.normal());
      const length = Math.sqrt(h.reduce((s, v) => s + v * v, 0));
      return h.map((v) => v / length);
    });
    const z = new Float64Array(d);
    const { data } = X;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) {
        const own = random.normal();
        z[j] = j < rho.length ? Math.sqrt(rho[j]) * shared[i * rho.length + j] + Math.sqrt(1 - rho[j]) * own : own;
      }
      for (const h of mirrors) {
        let dot = 0;
        for (let j = 0; j < d; j++) dot += z[j] * h[j];
        for (let j = 0; j < d; j++) z[j] -= 2 * dot * h[j];
      }
      for (let j = 0; j < d; j++) data[j * n + i] = z[j];
      if (i % 100 === 0) await pause();
    }
    out.push(X);
  }
  return out;
}

/** The weights of variates, cols × k, row-major. */
export const weightsOf = ({ weights }: CanonicalVariates): Float64Array[] => weights.map(byRows);

export const byRows = (W: DenseMatrix): Float64Array =>
  Float64Array.from({ length: W.rows * W.cols }, (_, at) => W.get(Math.floor(at / W.cols), at % W.cols));
