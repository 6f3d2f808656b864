import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail, type Iterate, run, type Status } from '@southwell/numerics/core';
import { type BoundLoss, type Loss, logistic, squared } from '../losses/index.ts';
import { type CrossValidation, type CrossValidationOptions, crossValidate } from './crossValidation.ts';
import { Design } from './design.ts';
import { checkedClasses, checkedLength, checkedMatrix, checkedOffset, checkedWeights } from './door.ts';
import type { Family } from './family.ts';
import { type FitOptions, standardDeviations } from './fit.ts';
import { type Label, LinearModel, type Link, reportOf } from './model.ts';
import type { PathFit, RegularisationPath } from './path.ts';
import type { PreparedFit } from './prepared.ts';
import { type Scoring, score } from './scoring.ts';
import { bySize, dualSortedL1, proxSortedL1, sortedL1 } from './solvers/sortedL1.ts';
import type { LinearPoint } from './solvers/workingSet.ts';
import { throughPrepared } from './throughPrepared.ts';

export interface SlopeOptions {
  /** Strength: multiplies the lambdas. Default 1. */
  readonly alpha?: number;
  /** Descending weights of the sorted sizes, one for each column; by default those of {@link slopeLambdas}. */
  readonly lambdas?: ArrayLike<number>;
  /** Target false discovery rate of the default lambdas. Default 0.1. */
  readonly q?: number;
  /** Default 'squared'. 'logistic' takes labels of two classes. */
  readonly loss?: 'squared' | 'logistic';
  /** Default true. */
  readonly fitIntercept?: boolean;
  /** Penalise coefficients of columns scaled to unit variance; they are returned in the units of the data. Default false. */
  readonly standardize?: boolean;
  /** Duality gap relative to the loss of the null model. Default 1e-6. */
  readonly tol?: number;
  /** Working sets per fit. Default 200. */
  readonly maxIter?: number;
}

type SlopeTarget = ArrayLike<number> | ArrayLike<Label>;

export interface Slope extends Family<SlopeTarget, LinearModel, LinearPoint> {
  readonly name: string;
  /** The smallest alpha at which all coefficients are zero. */
  alphaMax(X: MatrixLike, y: SlopeTarget, options?: FitOptions): number;
  fit(X: MatrixLike, y: SlopeTarget, options?: FitOptions): LinearModel;
  /** Fits along decreasing alphas with warm starts. Aborting keeps what is done. */
  path(X: MatrixLike, y: SlopeTarget, options?: PathFit<LinearModel, LinearPoint>): RegularisationPath;
  /** K-fold cross-validation of the path. */
  crossValidate(X: MatrixLike, y: SlopeTarget, options?: CrossValidationOptions): Promise<CrossValidation>;
  /** Checks and prepares data once, for those who drive the solver themselves; release() gives memory back. */
  prepare(X: MatrixLike, y: SlopeTarget, options?: FitOptions): PreparedFit<LinearModel, LinearPoint>;
}

/** A loss, how it is scored, and a bound on its second derivative. */
const LOSSES: Record<string, { loss: Loss; link: Link; scoring: Scoring; curvature: number }> = {
  squared: { loss: squared(), link: 'identity', scoring: 'mse', curvature: 1 },
  logistic: { loss: logistic(), link: 'logit', scoring: 'logLoss', curvature: 0.25 },
};

/** Φ⁻¹(1 − kq/(2p)), k = 1 … p: the Benjamini–Hochberg sequence (Bogdan et al. 2015, §1.1). */
export function slopeLambdas(p: number, q: number): Float64Array {
  return Float64Array.from({ length: p }, (_, k) => upperQuantile(((k + 1) * q) / (2 * p)));
}

/** x with P(N(0,1) > x) = tail, tail in (0, ½], by bisection on Marsaglia's series for Φ. */
function upperQuantile(tail: number): number {
  let [lo, hi] = [0, 8];
  for (let step = 0; step < 60; step++) {
    const x = (lo + hi) / 2;
    let term = x;
    let sum = x;
    for (let k = 3; term > 1e-17 * sum; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    if (0.5 - (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI) > tail) lo = x;
    else hi = x;
  }
  return (lo + hi) / 2;
}

type Vector = ReturnType<Design['arena']['f64Block']>;

/** A smooth loss under the sorted L1 norm: working sets outside, FISTA with restarts inside. */
class SlopeSolver {
  readonly nullValue: number;
  readonly nullGradient: Float64Array;
  /** Loss at the last iterate. */
  lossValue = 0;
  private beta: Float64Array;
  private intercept = 0;

  /** `weights` times `curvature` bound the second derivatives of the loss. */
  constructor(
    readonly design: Design,
    private readonly loss: BoundLoss,
    private readonly weights: Float64Array,
    private readonly curvature: number,
    private readonly offset: Float64Array | undefined,
    private readonly centre: boolean,
  ) {
    const { n, p } = design;
    this.beta = new Float64Array(p);
    const scratch = design.arena.scratch();
    const [eta, v] = [scratch.f64(n), scratch.f64(n)];
    this.nullValue = this.evaluate([], [], eta, v).value;
    this.lossValue = this.nullValue;
    this.nullGradient = new Float64Array(p);
    design.gradient(v, this.nullGradient, true);
    scratch.release();
  }

  /** Linear predictor at the last iterate, offset included. */
  linearPredictor(): Float64Array {
    const scratch = this.design.arena.scratch();
    const [eta, v] = [scratch.f64(this.design.n), scratch.f64(this.design.n)];
    const columns = this.support();
    this.evaluate(
      columns,
      columns.map((j) => this.beta[j]),
      eta,
      v,
    );
    const out = eta.view.slice();
    scratch.release();
    return out;
  }

  private support(): number[] {
    const out: number[] = [];
    this.beta.forEach((b, j) => {
      if (b !== 0) out.push(j);
    });
    return out;
  }

  /** eta, v and the best intercept for coefficients b of the listed columns. */
  private evaluate(
    columns: ArrayLike<number>,
    b: ArrayLike<number>,
    eta: Vector,
    v: Vector,
  ): { value: number; intercept: number } {
    const { design, loss, offset } = this;
    eta.view.fill(this.intercept);
    if (offset) for (let i = 0; i < offset.length; i++) eta.view[i] += offset[i];
    const scratch = design.arena.scratch();
    const list = scratch.i32(Math.max(1, columns.length));
    for (let t = 0; t < columns.length; t++) list.view[t] = columns[t];
    design.add(list, Float64Array.from(b), columns.length, eta);
    const d = scratch.f64(design.n).view;
    const [e, r] = [eta.view, v.view];
    let value = loss.derivatives(e, r, d);
    let intercept = this.intercept;
    for (let step = 0; this.centre && step < 50; step++) {
      let [sum, size, curvature] = [0, 0, 0];
      for (let i = 0; i < r.length; i++) {
        sum += r[i];
        size += Math.abs(r[i]);
        curvature += d[i];
      }
      if (Math.abs(sum) <= 1e-13 * size || !(curvature > 0)) break;
      const before = value;
      let move = sum / curvature;
      const old = e.slice();
      for (let halving = 0; halving < 60; halving++, move /= 2) {
        for (let i = 0; i < e.length; i++) e[i] = old[i] + move;
        value = loss.derivatives(e, r, d);
        if (value <= before + 1e-14 * Math.abs(before)) break;
      }
      intercept += move;
      if (value >= before) break; // rounding: as exact as it gets
    }
    scratch.release();
    return { value, intercept };
  }

  *iterates(lambda: Float64Array, tol: number): Generator<Iterate<LinearPoint>> {
    const { design, loss, offset } = this;
    const { p, n, arena } = design;
    const scratch = arena.scratch();
    try {
      const [eta, v] = [scratch.f64(n), scratch.f64(n)];
      const g = new Float64Array(p);
      const absolute = tol * Math.max(this.nullValue, Number.MIN_VALUE);
      let floor = Number.POSITIVE_INFINITY;
      let stuck = 0;
      let size = Math.max(16, Math.round(2 * Math.sqrt(p)));
      const gapOf = (value: number, b: Float64Array, gradient: Float64Array): number => {
        const s = Math.min(1, 1 / dualSortedL1(gradient, lambda));
        let shift = 0;
        if (offset) for (let i = 0; i < n; i++) shift += v.view[i] * offset[i];
        return Math.max(0, value + sortedL1(b, lambda) + loss.conjugate(v.view, s, eta.view) + s * shift);
      };
      for (let iteration = 0; ; iteration++) {
        const support = this.support();
        const at = this.evaluate(
          support,
          support.map((j) => this.beta[j]),
          eta,
          v,
        );
        this.intercept = at.intercept;
        this.lossValue = at.value;
        design.gradient(v, g);
        const gap = gapOf(at.value, this.beta, g);
        const done: Status | undefined = stuck >= 4 ? 'stalled' : undefined;
        yield {
          iteration,
          objective: at.value + sortedL1(this.beta, lambda),
          certificate: { kind: 'dualityGap', value: gap, relative: gap / Math.max(this.nullValue, Number.MIN_VALUE) },
          active: support.length,
          work: { matrixVectorProducts: iteration + 1 },
          done,
          snapshot: () => this.point(),
        };
        if (done) return;
        stuck = gap < 0.9 * floor ? 0 : size >= p ? stuck + 1 : stuck;
        floor = Math.min(floor, gap);
        // The support and those columns that pull most; twice as many each time, at the end all.
        const chosen = new Set(support);
        for (const j of bySize(g)) {
          if (chosen.size >= Math.max(size, 2 * support.length)) break;
          if (design.norms[j] > 0) chosen.add(j);
        }
        size = Math.min(p, 2 * size);
        this.descend([...chosen], lambda, Math.max(0.2 * absolute, 0.02 * gap) * 0.1 ** stuck, gapOf, eta, v);
      }
    } finally {
      scratch.release();
    }
  }

  /** In the units of the data. */
  private point(): LinearPoint {
    const scale = this.design.scale.view;
    return { coef: this.beta.map((b, j) => b * scale[j] + 0), intercept: this.intercept };
  }

  /**
   * FISTA on the listed columns, all others zero; momentum restarts where it points uphill (O'Donoghue & Candès 2015).
   */
  private descend(
    columns: number[],
    lambda: Float64Array,
    tol: number,
    gapOf: (value: number, b: Float64Array, gradient: Float64Array) => number,
    eta: Vector,
    v: Vector,
  ): void {
    const { design, weights: w, curvature } = this;
    const m = columns.length;
    const scratch = design.arena.scratch();
    const list = scratch.i32(m);
    list.view.set(columns);
    const dots = scratch.f64(m);
    const d = scratch.f64(design.n);
    d.view.set(w);
    const gradient = () => {
      design.gradientSubset(v, list, m, dots);
      return dots.view.slice(0, m);
    };
    // Largest eigenvalue by power iteration with some to spare; doubled below where it proves too small.
    let L = 0;
    const means = scratch.f64(m);
    let x: Float64Array = Float64Array.from({ length: m }, (_, t) => 1 + ((7 * t) % 11) / 11);
    if (this.centre) {
      design.gradientSubset(d, list, m, means);
    } else means.view.fill(0);
    const product = scratch.f64(design.n);
    for (let step = 0; step < 20; step++) {
      const norm = Math.sqrt(x.reduce((s, a) => s + a * a, 0));
      if (!(norm > 0)) break;
      const unit = x.map((a) => a / norm);
      product.view.fill(-unit.reduce((s, a, t) => s + a * means.view[t], 0));
      design.add(list, unit, m, product);
      for (let i = 0; i < design.n; i++) product.view[i] *= curvature * w[i];
      design.gradientSubset(product, list, m, dots);
      x = dots.view.slice(0, m);
      L = Math.sqrt(x.reduce((s, a) => s + a * a, 0));
    }
    L *= 1.05;
    let b: Float64Array = Float64Array.from(columns, (j) => this.beta[j]);
    let z = b;
    let t = 1;
    try {
      for (let k = 0; L > 0 && k < 20000; k++) {
        const at = this.evaluate(columns, z, eta, v);
        const g = gradient();
        let next = b;
        for (let attempt = 0; attempt < 40; attempt++, L *= 2) {
          next = proxSortedL1(
            z.map((a, i) => a + g[i] / L),
            lambda,
            1 / L,
          );
          if (k > 0 && k % 50 !== 0) break;
          let bound = at.value;
          for (let i = 0; i < m; i++) bound += -g[i] * (next[i] - z[i]) + 0.5 * L * (next[i] - z[i]) ** 2;
          if (this.evaluate(columns, next, eta, v).value <= bound + 1e-14 * at.value) break;
        }
        let uphill = 0;
        for (let i = 0; i < m; i++) uphill += (z[i] - next[i]) * (next[i] - b[i]);
        if (uphill > 0) t = 1;
        const tn = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
        const before = b;
        const momentum = (t - 1) / tn;
        b = next;
        z = b.map((a, i) => a + momentum * (a - before[i]));
        t = tn;
        if (k % 10 === 9) {
          const here = this.evaluate(columns, b, eta, v);
          if (gapOf(here.value, b, gradient()) <= tol) break;
        }
      }
    } finally {
      scratch.release();
    }
    this.beta.fill(0);
    columns.forEach((j, i) => {
      this.beta[j] = b[i];
    });
  }
}

/**
 * SLOPE: min F(Xb + b0) + alpha·Σ_k lambda_k|b|_(k), |b|_(1) ≥ |b|_(2) ≥ … (Bogdan, van den Berg, Sabatti, Su &
 * Candès 2015). Constant lambdas are the lasso. Ties in size are part of the answer: equal coefficients form clusters. F is
 * ‖y − Xb − b0‖²/(2n), or the mean logistic loss.
 * Models save and load as other linear models do.
 */
export function slope(options: SlopeOptions = {}): Slope {
  const { alpha = 1, q = 0.1, tol = 1e-6, maxIter = 200, fitIntercept = true, standardize = false } = options;
  if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
  }
  if (!(q > 0 && q < 1)) fail('INVALID_PARAMETER', `q must lie between 0 and 1, but is ${q}.`);
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  const chosen = LOSSES[options.loss ?? 'squared'];
  if (!chosen) fail('INVALID_PARAMETER', `slope has the losses squared and logistic, not ${String(options.loss)}.`);
  const { loss, link, scoring, curvature } = chosen;
  const prepare = (X: MatrixLike, y: SlopeTarget, fit: FitOptions = {}): PreparedFit<LinearModel, LinearPoint> => {
    const matrix = checkedMatrix(X);
    const { rows: n, cols: p } = matrix;
    checkedLength('the target', y.length, n);
    if (fit.featureNames && fit.featureNames.length !== p) {
      fail('INVALID_SHAPE', `X has ${p} columns but there are ${fit.featureNames.length} feature names.`);
    }
    const lambda = checkedLambdas(options.lambdas, p, q);
    const checked = link === 'logit' ? checkedClasses(y as ArrayLike<Label>) : undefined;
    const target = checked?.signs ?? Float64Array.from(y as ArrayLike<number>);
    const weights = checkedWeights(n, fit.sampleWeight);
    const offset = checkedOffset(n, fit.offset);
    const bound = loss.bind(target, weights);
    const design = new Design(matrix, standardize ? standardDeviations(matrix, weights) : undefined, fit.pool);
    const solver = new SlopeSolver(design, bound, weights, curvature, offset, fitIntercept);
    return {
      alphaMax: dualSortedL1(solver.nullGradient, lambda),
      rows: n,
      cols: p,
      targets: 1,
      channels: 1,
      gaussian: loss.name === 'squared',
      strata: checked?.signs,
      nullValue: solver.nullValue,
      get lossValue() {
        return solver.lossValue;
      },
      model(strength, watch = fit) {
        const { signal, timeLimit, onIterate } = watch;
        const scaled = lambda.map((x) => strength * x);
        const solution = run(solver.iterates(scaled, tol), { tol, maxIter, signal, timeLimit, onIterate });
        const { coef, intercept } = solution.point;
        const report = reportOf(solution, tol);
        return new LinearModel(loss.name, link, coef, intercept, strength, report, checked?.classes, fit.featureNames);
      },
      score: (by, held) => score(by, target, solver.linearPredictor(), held, () => loss.bind(target, held)),
      release: () => design.release(),
    };
  };
  return {
    name: 'slope',
    scoring,
    recipe: { method: 'slope', options },
    prepare,
    ...throughPrepared(prepare, alpha),
    crossValidate(X, y, fit = {}) {
      return crossValidate(this, X, y, fit);
    },
  };
}

function checkedLambdas(lambdas: ArrayLike<number> | undefined, p: number, q: number): Float64Array {
  if (lambdas && lambdas.length !== p) {
    fail('INVALID_SHAPE', `X has ${p} columns but there are ${lambdas.length} lambdas.`);
  }
  const lambda = lambdas ? Float64Array.from(lambdas) : slopeLambdas(p, q);
  for (let k = 0; k < p; k++) {
    if (!(lambda[k] >= 0 && lambda[k] < Number.POSITIVE_INFINITY && (k === 0 || lambda[k] <= lambda[k - 1]))) {
      fail('INVALID_PARAMETER', `lambdas must be finite, at least 0 and descending; entry ${k} is ${lambda[k]}.`);
    }
  }
  if (!(lambda[0] > 0)) fail('INVALID_PARAMETER', 'The first of the lambdas must be above 0.');
  return lambda;
}
