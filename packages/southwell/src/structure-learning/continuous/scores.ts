import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, flagOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import type { Moments } from '../moments.ts';
import { type Samples, sharesOf } from '../samples.ts';
import { addIntercept } from './logisticIntercept.ts';

/** 'equal' and 'unequal' estimate the scale of the noise with the edges (CoLiDE); 'none' is least squares (DAGMA). */
export type NoiseVariance = 'equal' | 'unequal' | 'none';

export const logisticRecords = {
  /** Whether the regression of each column has an intercept. Default true; the authors' code of NOTEARS and DAGMA has none. */
  intercepts: flagOption({
    title: 'with intercepts',
    about: 'fit without intercepts, as the authors do',
    default: true,
    form: { advanced: true },
  }),
};

/** Options of the logistic score. */
export interface LogisticOptions extends OptionsOf<typeof logisticRecords> {}

/** Weight of the L1 norm, which most methods have. */
export const l1Option = numberOption(
  { min: 0, finite: true },
  {
    title: 'L1 penalty',
    about: 'weight of the L1 penalty; for topo only with scores other than gaussian',
    argument: 'weight',
    otherwise: 'colide 0.05; dagma 0.03; golem 0.02 or 0.002; notears 0.1; logistic 0.02 and 0.01; mlp 0.01',
  },
);

/** Score of the weights W (lower is better), a smooth function of W. Callers modify W in place. */
export interface Score {
  /** Call after W has changed. */
  refresh(): void;
  /** Sets the scale of the noise to its best value at W. */
  rescale(): void;
  readonly value: number;
  /** G ← G + weight · gradient. */
  addGradient(weight: number, G: DenseMatrix): void;
  /** The scale of the noise, where it is estimated; callers may restore an earlier value. */
  readonly sigma?: Float64Array;
  /** Standard deviations of the noise at W, where the score models them. */
  deviations(): Float64Array | undefined;
  /** State besides W on which the bits of values depend; valid after `refresh`. */
  state(): Float64Array;
  /** Restores it, after W has been restored. */
  restore(state: Float64Array): void;
  free(): void;
}

export interface ScoreSettings extends LogisticOptions {
  /** Default 'none'. */
  readonly variance?: NoiseVariance;
  readonly scaleFloor?: number;
}

/**
 * The score for the kind of data: Gaussian for moments, logistic for binary variables.
 * @throws INVALID_PARAMETER.
 */
export function scoreOf(data: Moments | Samples, W: DenseMatrix, settings: ScoreSettings = {}): Score {
  const { variance = 'none', scaleFloor, intercepts = true } = settings;
  if ('C' in data) return gaussian(data.C, W, variance, scaleFloor);
  if (!data.binary) {
    fail(
      'INVALID_PARAMETER',
      'The score of samples is logistic, which needs binary variables; pass moments for others.',
    );
  }
  if (variance !== 'none') fail('INVALID_PARAMETER', 'The logistic score has no noise scale to estimate.');
  return logistic(data, W, intercepts);
}

/**
 * ½tr[(I−W)ᵀC(I−W)], or with scales σ each column's term divided by σ, plus σ/2 (one σ for all, or one for each
 * column). O(d³).
 */
function gaussian(C: DenseMatrix, W: DenseMatrix, variance: NoiseVariance, scaleFloor?: number): Score {
  const d = C.rows;
  const { kernels } = C.arena;
  const R = DenseMatrix.create(d, d, { fill: false, arena: C.arena });
  const sd = Float64Array.from({ length: d }, (_, j) => Math.sqrt(C.get(j, j)));
  const least = sd.reduce((a, b) => Math.min(a, b));
  const floor = scaleFloor ?? least / 100;
  const sigma = variance === 'equal' ? new Float64Array(d).fill(least) : sd;
  sigma.forEach((v, j) => {
    sigma[j] = Math.max(v, floor);
  });
  const residuals = new Float64Array(d);
  const score: Score = {
    refresh() {
      R.data.set(C.data);
      matrixProduct(C, W, R, { alpha: -1, beta: 1 });
      const r = R.data;
      for (let j = 0; j < d; j++) {
        const [w, at] = [W.pointer + 8 * j * d, R.pointer + 8 * j * d];
        residuals[j] = Math.max(r[j * d + j] - kernels.dot(d, w, at), 0);
      }
    },
    rescale() {
      if (variance === 'equal') {
        let sum = 0;
        for (const q of residuals) sum += q;
        sigma.fill(Math.max(Math.sqrt(sum / d), floor));
      } else if (variance === 'unequal') {
        for (let j = 0; j < d; j++) sigma[j] = Math.max(Math.sqrt(residuals[j]), floor);
      }
    },
    get value() {
      let sum = 0;
      for (let j = 0; j < d; j++) {
        sum += variance === 'none' ? residuals[j] / 2 : residuals[j] / (2 * sigma[j]) + sigma[j] / 2;
      }
      return sum;
    },
    addGradient(weight, G) {
      for (let j = 0; j < d; j++) {
        const factor = variance === 'none' ? weight : weight / sigma[j];
        kernels.axpy(d, -factor, R.pointer + 8 * j * d, G.pointer + 8 * j * d);
      }
    },
    ...(variance !== 'none' && { sigma }),
    deviations: () => (variance === 'none' ? residuals.map(Math.sqrt) : sigma.slice()),
    state: () => sigma.slice(),
    restore(state) {
      sigma.set(state);
      score.refresh();
    },
    free: () => R.free(),
  };
  return score;
}

/**
 * The mean over the rows of Σⱼ log(1 + e^mⱼ) − xⱼmⱼ, m = xW + b: the log-loss of a logistic regression of each column
 * on the others. The intercepts b are optimal at W, so that the gradient by W is the one with b fixed. Without them,
 * edges into a column of mostly ones or mostly zeros would only replace its intercept. O(nd²).
 */
function logistic(data: Samples, W: DenseMatrix, intercepts: boolean): Score {
  const { X, d } = data;
  const n = X.rows;
  const shares = sharesOf(data);
  const M = DenseMatrix.create(n, d, { fill: false, arena: X.arena });
  const P = DenseMatrix.create(n, d, { fill: false, arena: X.arena });
  const x = X.data;
  const b = new Float64Array(d);
  /** The initial b of the search at the last W. */
  const begun = new Float64Array(d);
  const score: Score = {
    refresh() {
      begun.set(b);
      matrixProduct(X, W, M);
      for (let j = 0; j < d; j++) {
        b[j] = addIntercept(M.column(j), X.column(j), shares, intercepts ? b[j] : undefined, P.column(j));
      }
    },
    rescale() {},
    get value() {
      const m = M.data;
      let sum = 0;
      for (let k = 0; k < m.length; k++) {
        const size = Math.abs(m[k]);
        sum += shares[k % n] * (Math.max(m[k], 0) + Math.log1p(Math.exp(-size)) - x[k] * m[k]);
      }
      return sum;
    },
    addGradient(weight, G) {
      matrixProduct(X, P, G, { transA: true, alpha: weight, beta: 1 });
    },
    deviations: () => undefined,
    state: () => begun.slice(),
    restore(state) {
      b.set(state);
      score.refresh();
    },
    free() {
      for (const matrix of [M, P]) matrix.free();
    },
  };
  return score;
}
