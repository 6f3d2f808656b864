import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type OptionKeys } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import type { Moments } from '../moments.ts';
import { type Samples, sharesOf } from '../samples.ts';
import { addIntercept } from './logisticIntercept.ts';

/** 'equal' and 'unequal' estimate the scale of the noise with the edges (CoLiDE); 'none' is least squares (DAGMA). */
export type NoiseVariance = 'equal' | 'unequal' | 'none';

/** Of the logistic score. */
export interface LogisticOptions {
  /** Whether each column has one. Default true; the authors' codes of NOTEARS and DAGMA have none. */
  readonly intercepts?: boolean;
}

export const logisticKeys: OptionKeys<LogisticOptions> = {
  intercepts: true,
};

/** Score of the weights W, lower is better: a smooth function of W, which callers modify in place. */
export interface Score {
  /** Call after W has changed. */
  refresh(): void;
  /** Sets the scale of the noise to its best value at W. */
  rescale(): void;
  readonly value: number;
  /** G ← G + weight · gradient. */
  addGradient(weight: number, G: DenseMatrix): void;
  /** The scale of the noise, where it is estimated; may be set back. */
  readonly sigma?: Float64Array;
  /** Standard deviations of the noise at W, where the score speaks of them. */
  deviations(): Float64Array | undefined;
  /** What values at W depend on besides W, to the last bit; to be asked for when all is refreshed. */
  state(): Float64Array;
  /** Sets it back, once W is what it was then. */
  restore(state: Float64Array): void;
  free(): void;
}

export interface ScoreSettings extends LogisticOptions {
  /** Default 'none'. */
  readonly variance?: NoiseVariance;
  readonly scaleFloor?: number;
}

/**
 * The score that belongs to the kind of data: Gaussian for moments, logistic for binary variables.
 * @throws INVALID_PARAMETER.
 */
export function scoreOf(data: Moments | Samples, W: DenseMatrix, settings: ScoreSettings = {}): Score {
  const { variance = 'none', scaleFloor, intercepts = true } = settings;
  if ('C' in data) return gaussian(data.C, W, variance, scaleFloor);
  if (!data.binary) {
    fail(
      'INVALID_PARAMETER',
      'Samples have the logistic score, which needs binary variables; give moments for others.',
    );
  }
  if (variance !== 'none') fail('INVALID_PARAMETER', 'The logistic score has no noise whose scale could be estimated.');
  return logistic(data, W, intercepts);
}

/** ½tr[(I−W)ᵀC(I−W)], or with scales σ each column's share over σ and with σ/2 (all equal, or one a column). O(d³). */
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
 * The mean over the rows of Σⱼ log(1 + e^mⱼ) − xⱼmⱼ, m = xW + b: each column's log-loss as a logistic regression on the
 * others. The intercepts b are the best ones at W, so that the gradient in W is that with b held. Without them, edges into a
 * column that is mostly 1 or 0 stand for nothing but that. O(nd²).
 */
function logistic(data: Samples, W: DenseMatrix, intercepts: boolean): Score {
  const { X, d } = data;
  const n = X.rows;
  const shares = sharesOf(data);
  const M = DenseMatrix.create(n, d, { fill: false, arena: X.arena });
  const P = DenseMatrix.create(n, d, { fill: false, arena: X.arena });
  const x = X.data;
  const b = new Float64Array(d);
  /** Where the search for b began at the last W. */
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
