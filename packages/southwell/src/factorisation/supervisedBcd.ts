import type { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, Random } from '@southwell/numerics/core';
import { largestEigenvalueOf } from '@southwell/numerics/krylov';
import { gramMatrix, matrixProduct, multiply, multiplyTransposed } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { curvature, fitSoftmax, softmaxLoss } from './softmax.ts';
import { Held, type SupervisedData, type SupervisedPoint, type SupervisedProblem } from './supervisedData.ts';

export interface BcdOptions extends SupervisedProblem {
  readonly nonNegative: { readonly dictionary: boolean; readonly code: boolean };
  /** l1‖H‖₁. */
  readonly l1: number;
  /**
   * No block moves farther than searchRadius/((t + 1)·log(t + 2)) in step t, which the proof of convergence asks for.
   * Default: no limit.
   */
  readonly searchRadius?: number;
  /**
   * `safe` (default): one over the curvature of each coordinate, atoms of length at most 1. `published`, for `filter`: the
   * authors' code, where the whole dictionary moves by shrinking steps that do not depend on ξ and is divided by ‖W‖; the
   * objective may rise, and what is learned depends on where it is stopped.
   */
  readonly steps?: 'safe' | 'published';
  /**
   * Converged when a step lowers the objective by less than this share of the first Σℓ, beside which the reconstruction may
   * be very large. Default 1e-5.
   */
  readonly tol?: number;
}

const DICTIONARY_SWEEPS = 5;
const CODE_SWEEPS = 2;

/**
 * Σℓ + ξ‖X − HᵀWᵀ‖² + l1‖H‖₁ + ½l2(‖β‖² + ‖Γ‖²), the intercept free, by blocks in turn: dictionary, codes, and coefficients
 * by Newton. With safe steps the objective never rises. O(npr) a step.
 */
export function* bcdIterates(
  { X, Z, labels, classes }: SupervisedData,
  options: BcdOptions,
): Generator<Iterate<SupervisedPoint>, void, undefined> {
  const { rank: r, xi, model, l1, l2, seed, nonNegative, searchRadius, tol = 1e-5 } = options;
  const published = options.steps === 'published';
  const { rows: n, cols: p } = X;
  const m = classes.length - 1;
  const filter = model === 'filter';
  const held = new Held(X);
  const random = new Random(seed);
  try {
    const W = held.create(p, r);
    const H = held.create(n, r);
    const Phi = held.create(n, r + Z.cols);
    const XW = held.create(n, r);
    const XtH = held.create(p, r);
    const HtH = held.create(r, r);
    const WtW = held.create(r, r);
    const a = held.create(n, m);
    const C = new Float64Array((r + Z.cols) * m);
    const ridge = new Float64Array(r + Z.cols).fill(l2);
    // A trace of it keeps the intercept finite where all labels are alike.
    ridge[r] = 1e-6;
    const d = r + Z.cols;
    const beta = (k: number, j: number) => C[j * d + k];
    const bend = curvature(m);
    const product = new Float64Array(n);
    const spread = filter
      ? largestEigenvalueOf((v, out) => {
          multiply(X, v, product);
          multiplyTransposed(X, product, out);
        }, p)
      : 0;
    const squares = X.data.reduce((sum, v) => sum + v * v, 0);

    for (let k = 0; k < r; k++) {
      const atom = W.column(k);
      for (let i = 0; i < p; i++) atom[i] = nonNegative.dictionary ? random.uniform() : random.normal();
      toBall(atom, nonNegative.dictionary);
      const code = H.column(k);
      for (let s = 0; s < n; s++) code[s] = nonNegative.code ? random.uniform() : random.normal();
    }
    /** a ← activations. */
    const activate = () => {
      for (let j = 0; j < m; j++) {
        const column = a.column(j);
        column.fill(0);
        for (let k = 0; k < r; k++) axpy(beta(k, j), filter ? XW.column(k) : H.column(k), column);
        for (let i = 0; i < Z.cols; i++) axpy(C[j * d + r + i], Z.column(i), column);
      }
    };
    /** Newton on the coefficients; returns Σℓ and their ridge. */
    const classify = () => {
      if (filter) matrixProduct(X, W, XW);
      Phi.data.set(filter ? XW.data : H.data);
      Phi.data.set(Z.data, n * r);
      return fitSoftmax(Phi, labels, C, ridge);
    };
    const gradient = held.create(p, r);
    const direction = new Float64Array(Math.max(n, p));
    const mixed = new Float64Array(n);
    /** (P − Y)β_kᵀ, a sample each. */
    const pull = (k: number) => {
      activate();
      softmaxLoss(a.data, labels);
      mixed.fill(0);
      for (let j = 0; j < m; j++) axpy(beta(k, j), a.column(j), mixed);
    };
    const betaSquares = (k: number) => {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += beta(k, j) ** 2;
      return sum;
    };
    const updateDictionary = () => {
      matrixProduct(X, H, XtH, { transA: true });
      gramMatrix(H, HtH);
      if (filter) matrixProduct(X, W, XW);
      const pushed = direction.subarray(0, p);
      for (let sweep = 0; sweep < DICTIONARY_SWEEPS; sweep++) {
        for (let k = 0; k < r; k++) {
          const own = HtH.get(k, k);
          const bent = filter ? bend * spread * betaSquares(k) : 0;
          const L = 2 * xi * own + bent;
          if (!(L > 0)) continue;
          if (bent > 0) {
            pull(k);
            multiplyTransposed(X, mixed, pushed);
          } else pushed.fill(0);
          const target = XtH.column(k);
          for (let i = 0; i < p; i++) pushed[i] -= 2 * xi * target[i];
          for (let l = 0; l < r; l++) axpy(2 * xi * HtH.get(l, k), W.column(l), pushed);
          const atom = W.column(k);
          for (let i = 0; i < p; i++) atom[i] -= pushed[i] / L;
          toBall(atom, nonNegative.dictionary);
          if (filter) multiply(X, W.column(k), XW.column(k));
        }
      }
    };
    const publishedDictionary = () => {
      matrixProduct(X, H, XtH, { transA: true });
      gramMatrix(H, HtH);
      let trace = 0;
      for (let k = 0; k < r; k++) trace += HtH.get(k, k);
      for (let i = 0; i < DICTIONARY_SWEEPS; i++) {
        matrixProduct(X, W, XW);
        matrixProduct(W, HtH, gradient, { alpha: xi });
        for (let k = 0; k < r; k++) {
          const column = gradient.column(k);
          axpy(-xi, XtH.column(k), column);
          pull(k);
          const pushed = direction.subarray(0, p);
          multiplyTransposed(X, mixed, pushed);
          axpy(1, pushed, column);
        }
        const step = 1 / (Math.sqrt(i + 10) * (trace + 1));
        axpy(-step, gradient.data, W.data);
        if (nonNegative.dictionary) for (let k = 0; k < p * r; k++) W.data[k] = Math.max(0, W.data[k]);
      }
      const length = Math.sqrt(W.data.reduce((sum, v) => sum + v * v, 0));
      if (length > 0) for (let k = 0; k < p * r; k++) W.data[k] /= length;
    };
    const updateCodes = () => {
      gramMatrix(W, WtW);
      matrixProduct(X, W, XW);
      const pushed = direction.subarray(0, n);
      for (let sweep = 0; sweep < CODE_SWEEPS; sweep++) {
        for (let k = 0; k < r; k++) {
          const bent = filter ? 0 : bend * betaSquares(k);
          const L = 2 * xi * (WtW.get(k, k) + (published ? 1 : 0)) + bent;
          if (!(L > 0)) continue;
          if (bent > 0) {
            pull(k);
            pushed.set(mixed);
          } else pushed.fill(0);
          axpy(-2 * xi, XW.column(k), pushed);
          for (let l = 0; l < r; l++) axpy(2 * xi * WtW.get(l, k), H.column(l), pushed);
          const code = H.column(k);
          for (let s = 0; s < n; s++) {
            const v = code[s] - pushed[s] / L;
            const shrunk = Math.max(0, Math.abs(v) - l1 / L);
            code[s] = v > 0 ? shrunk : nonNegative.code ? 0 : -shrunk;
          }
        }
      }
    };
    const evaluate = (labelled: number): number => {
      matrixProduct(X, H, XtH, { transA: true });
      gramMatrix(H, HtH);
      gramMatrix(W, WtW);
      let fit = squares;
      for (let k = 0; k < p * r; k++) fit -= 2 * XtH.data[k] * W.data[k];
      for (let k = 0; k < r * r; k++) fit += HtH.data[k] * WtW.data[k];
      let size = 0;
      if (l1 > 0) for (const v of H.data) size += Math.abs(v);
      return labelled + xi * Math.max(0, fit) + l1 * size;
    };
    /** No farther than the radius from where it was. */
    const within = (M: DenseMatrix, update: () => void, t: number) => {
      if (searchRadius === undefined) return update();
      const before = M.data.slice();
      update();
      const values = M.data;
      let length = 0;
      for (let k = 0; k < values.length; k++) length += (values[k] - before[k]) ** 2;
      const share = searchRadius / ((t + 1) * elementary.log(t + 2)) / Math.sqrt(length);
      if (share < 1) for (let k = 0; k < values.length; k++) values[k] = before[k] + share * (values[k] - before[k]);
    };

    let last = Number.POSITIVE_INFINITY;
    let scale = 0;
    for (let iteration = 0; ; iteration++) {
      const labelled = classify();
      if (iteration === 0) scale = labelled;
      const objective = evaluate(labelled);
      const done = !Number.isFinite(objective)
        ? 'diverged'
        : (published ? Math.abs(last - objective) : last - objective) <= tol * scale
          ? 'converged'
          : undefined;
      last = objective;
      yield {
        iteration,
        objective,
        work: { epochs: iteration },
        done,
        snapshot: () => ({
          dictionary: W.data.slice(),
          codes: H.data.slice(),
          coefficients: Float64Array.from({ length: r * m }, (_, k) => beta(k % r, Math.floor(k / r))),
          auxiliary: Float64Array.from(
            { length: Z.cols * m },
            (_, k) => C[Math.floor(k / Z.cols) * d + r + (k % Z.cols)],
          ),
        }),
      };
      if (done) return;
      within(W, published ? publishedDictionary : updateDictionary, iteration);
      if (xi > 0 || !filter) within(H, updateCodes, iteration);
    }
  } finally {
    held.free();
  }
}

/** Onto the vectors of length at most 1, of no negative entry where asked. */
function toBall(atom: Float64Array, positive: boolean): void {
  let length = 0;
  for (let i = 0; i < atom.length; i++) {
    if (positive && atom[i] < 0) atom[i] = 0;
    length += atom[i] * atom[i];
  }
  if (length > 1) {
    const scale = 1 / Math.sqrt(length);
    for (let i = 0; i < atom.length; i++) atom[i] *= scale;
  }
}

function axpy(alpha: number, x: Float64Array, y: Float64Array): void {
  if (alpha !== 0) for (let i = 0; i < y.length; i++) y[i] += alpha * x[i];
}
