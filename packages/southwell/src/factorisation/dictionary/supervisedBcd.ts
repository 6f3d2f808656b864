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
   * Limits the change of each block in iteration t to searchRadius/((t + 1)·log(t + 2)), which the proof of convergence
   * requires. Default: no limit.
   */
  readonly searchRadius?: number;
  /**
   * `safe` (default): steps of the inverse curvature of each coordinate, atoms of norm at most 1. `published`, for
   * `filter`: the authors' code, which updates the whole dictionary with decreasing step sizes that do not depend on ξ
   * and divides it by ‖W‖; the objective may increase, and the result depends on when it is stopped.
   */
  readonly steps?: 'safe' | 'published';
  /**
   * Converged when the decrease of the objective in a step, relative to the initial Σℓ, is smaller; the reconstruction
   * term may be much larger than Σℓ. Default 1e-5.
   */
  readonly tol?: number;
}

/** State of the blocks before a step, as plain data, column-major. */
export interface BcdState {
  readonly iteration: number;
  /** The objective before the last step, the current Σℓ with its ridge, and the initial one. */
  readonly previous: number;
  readonly labelled: number;
  readonly scale: number;
  /** Whether the search radius limited the last step. */
  readonly heldBack: boolean;
  readonly dictionary: Float64Array;
  readonly codes: Float64Array;
  /** Coefficients of atoms and of covariates, by classes. */
  readonly coefficients: Float64Array;
}

const DICTIONARY_SWEEPS = 5;
const CODE_SWEEPS = 2;

/**
 * Minimises Σℓ + ξ‖X − HᵀWᵀ‖² + l1‖H‖₁ + ½l2(‖β‖² + ‖Γ‖²), with an unpenalised intercept, by block coordinate descent:
 * dictionary, codes, and coefficients by Newton's method. With safe steps the objective never increases. `stalled` if
 * steps gain less than `tol` because of the search radius. O(npr) per step.
 */
export function* bcdIterates(
  data: SupervisedData,
  options: BcdOptions & { readonly resume?: BcdState },
): Generator<Iterate<SupervisedPoint>, void, undefined> {
  const { tol = 1e-5, resume } = options;
  const published = options.steps === 'published';
  const blocks = new Blocks(data, options);
  try {
    const spread = blocks.spread();
    let last = Number.POSITIVE_INFINITY;
    let scale = 0;
    if (resume) {
      blocks.restore(resume);
      [last, scale] = [resume.previous, resume.scale];
    } else blocks.start(new Random(options.seed));
    let heldBack = resume?.heldBack ?? false;
    const from = resume?.iteration ?? 0;
    for (let iteration = from; ; iteration++) {
      const labelled = resume && iteration === from ? resume.labelled : blocks.classify();
      if (iteration === 0) scale = labelled;
      const objective = blocks.evaluate(labelled);
      const settled = (published ? Math.abs(last - objective) : last - objective) <= tol * scale;
      const ended = settled ? (heldBack ? 'stalled' : 'converged') : undefined;
      const done = Number.isFinite(objective) ? ended : 'diverged';
      const now = { iteration, previous: last, labelled, scale, heldBack };
      last = objective;
      yield {
        iteration,
        objective,
        work: { epochs: iteration },
        mayFail: true,
        done,
        snapshot: () => blocks.point(),
        checkpoint: (): BcdState => ({ ...now, ...blocks.state() }),
      };
      if (done) return;
      heldBack = blocks.step(iteration, spread);
    }
  } finally {
    blocks.free();
  }
}

/** The blocks in kernel memory, and their updates. */
class Blocks {
  private readonly held: Held;
  private readonly W: DenseMatrix;
  private readonly H: DenseMatrix;
  private readonly XW: DenseMatrix;
  private readonly XtH: DenseMatrix;
  private readonly HtH: DenseMatrix;
  private readonly WtW: DenseMatrix;
  private readonly Phi: DenseMatrix;
  /** Activations, n × m. */
  private readonly a: DenseMatrix;
  private readonly gradient: DenseMatrix;
  /** r + 1 + q coefficients for each class except the first. */
  private readonly C: Float64Array;
  private readonly ridge: Float64Array;
  private readonly direction: Float64Array;
  private readonly mixed: Float64Array;
  private readonly filter: boolean;
  private readonly squares: number;
  private readonly m: number;

  constructor(
    private readonly data: SupervisedData,
    private readonly options: BcdOptions,
  ) {
    const { X, Z, classes } = data;
    const { rank: r, l2 } = options;
    const { rows: n, cols: p } = X;
    this.held = new Held(X);
    const { held } = this;
    this.m = classes.length - 1;
    this.filter = options.model === 'filter';
    [this.W, this.H, this.Phi] = [held.create(p, r), held.create(n, r), held.create(n, r + Z.cols)];
    [this.XW, this.XtH] = [held.create(n, r), held.create(p, r)];
    [this.HtH, this.WtW] = [held.create(r, r), held.create(r, r)];
    [this.a, this.gradient] = [held.create(n, this.m), held.create(p, r)];
    this.C = new Float64Array((r + Z.cols) * this.m);
    this.ridge = new Float64Array(r + Z.cols).fill(l2);
    // A tiny ridge keeps the intercept finite if all labels are equal.
    this.ridge[r] = 1e-6;
    this.direction = new Float64Array(Math.max(n, p));
    this.mixed = new Float64Array(n);
    this.squares = X.data.reduce((sum, v) => sum + v * v, 0);
  }

  /** Squared spectral norm of X, if activations depend on it. */
  spread(): number {
    const { X } = this.data;
    if (!this.filter) return 0;
    const product = new Float64Array(X.rows);
    return largestEigenvalueOf((v, out) => {
      multiply(X, v, product);
      multiplyTransposed(X, product, out);
    }, X.cols);
  }

  start(random: Random): void {
    const { W, H } = this;
    const { nonNegative } = this.options;
    for (let k = 0; k < W.cols; k++) {
      const atom = W.column(k);
      for (let i = 0; i < atom.length; i++) atom[i] = nonNegative.dictionary ? random.uniform() : random.normal();
      toBall(atom, nonNegative.dictionary);
      const code = H.column(k);
      for (let s = 0; s < code.length; s++) code[s] = nonNegative.code ? random.uniform() : random.normal();
    }
  }

  state(): Pick<BcdState, 'dictionary' | 'codes' | 'coefficients'> {
    return { dictionary: this.W.data.slice(), codes: this.H.data.slice(), coefficients: this.C.slice() };
  }

  restore({ dictionary, codes, coefficients }: BcdState): void {
    this.W.data.set(dictionary);
    this.H.data.set(codes);
    this.C.set(coefficients);
  }

  point(): SupervisedPoint {
    const { W, H, C, m } = this;
    const [r, q] = [W.cols, this.data.Z.cols];
    const d = r + q;
    return {
      dictionary: W.data.slice(),
      codes: H.data.slice(),
      coefficients: Float64Array.from({ length: r * m }, (_, k) => C[Math.floor(k / r) * d + (k % r)]),
      auxiliary: Float64Array.from({ length: q * m }, (_, k) => C[Math.floor(k / q) * d + r + (k % q)]),
    };
  }

  /** Updates the coefficients by Newton's method; returns Σℓ plus their ridge penalty. */
  classify(): number {
    const { XW, H, W, Phi, C, ridge, filter } = this;
    const { X, Z, labels } = this.data;
    if (filter) matrixProduct(X, W, XW);
    Phi.data.set(filter ? XW.data : H.data);
    Phi.data.set(Z.data, H.data.length);
    return fitSoftmax(Phi, labels, C, ridge);
  }

  /** The objective, given the result of {@link classify}. */
  evaluate(labelled: number): number {
    const { W, H, XtH, HtH, WtW } = this;
    const { xi, l1 } = this.options;
    matrixProduct(this.data.X, H, XtH, { transA: true });
    gramMatrix(H, HtH);
    gramMatrix(W, WtW);
    let fit = this.squares;
    for (let k = 0; k < W.data.length; k++) fit -= 2 * XtH.data[k] * W.data[k];
    for (let k = 0; k < HtH.data.length; k++) fit += HtH.data[k] * WtW.data[k];
    let size = 0;
    if (l1 > 0) for (const v of H.data) size += Math.abs(v);
    return labelled + xi * Math.max(0, fit) + l1 * size;
  }

  /** Updates the dictionary, then the codes, in step t; returns whether the search radius limited either. */
  step(t: number, spread: number): boolean {
    const { W, H, filter } = this;
    const { xi, steps } = this.options;
    const dictionary = () => (steps === 'published' ? this.publishedDictionary() : this.updateDictionary(spread));
    const cut = this.within(W, dictionary, t);
    return (xi > 0 || !filter) && this.within(H, () => this.updateCodes(), t) ? true : cut;
  }

  /** Limits an update to the search radius; returns whether it was exceeded. */
  private within(M: DenseMatrix, update: () => void, t: number): boolean {
    const { searchRadius } = this.options;
    if (searchRadius === undefined) {
      update();
      return false;
    }
    const before = M.data.slice();
    update();
    const values = M.data;
    let length = 0;
    for (let k = 0; k < values.length; k++) length += (values[k] - before[k]) ** 2;
    const share = searchRadius / ((t + 1) * elementary.log(t + 2)) / Math.sqrt(length);
    if (share < 1) for (let k = 0; k < values.length; k++) values[k] = before[k] + share * (values[k] - before[k]);
    return share < 1;
  }

  private beta(k: number, j: number): number {
    return this.C[j * (this.W.cols + this.data.Z.cols) + k];
  }

  private betaSquares(k: number): number {
    let sum = 0;
    for (let j = 0; j < this.m; j++) sum += this.beta(k, j) ** 2;
    return sum;
  }

  /** mixed ← (P − Y)β_kᵀ, an entry for each sample, at the current activations. */
  private pull(k: number): void {
    const { a, C, XW, H, mixed, m, filter } = this;
    const { Z, labels } = this.data;
    const r = H.cols;
    for (let j = 0; j < m; j++) {
      const column = a.column(j);
      column.fill(0);
      for (let l = 0; l < r; l++) addMultiple(this.beta(l, j), filter ? XW.column(l) : H.column(l), column);
      for (let i = 0; i < Z.cols; i++) addMultiple(C[j * (r + Z.cols) + r + i], Z.column(i), column);
    }
    softmaxLoss(a.data, labels);
    mixed.fill(0);
    for (let j = 0; j < m; j++) addMultiple(this.beta(k, j), a.column(j), mixed);
  }

  private updateDictionary(spread: number): void {
    const { W, H, XW, XtH, HtH, mixed, filter } = this;
    const { X } = this.data;
    const { xi, nonNegative } = this.options;
    matrixProduct(X, H, XtH, { transA: true });
    gramMatrix(H, HtH);
    if (filter) matrixProduct(X, W, XW);
    const pushed = this.direction.subarray(0, X.cols);
    for (let sweep = 0; sweep < DICTIONARY_SWEEPS; sweep++) {
      for (let k = 0; k < W.cols; k++) {
        const bent = filter ? curvature(this.m) * spread * this.betaSquares(k) : 0;
        const L = 2 * xi * HtH.get(k, k) + bent;
        if (!(L > 0)) continue;
        if (bent > 0) {
          this.pull(k);
          multiplyTransposed(X, mixed, pushed);
        } else pushed.fill(0);
        const target = XtH.column(k);
        for (let i = 0; i < pushed.length; i++) pushed[i] -= 2 * xi * target[i];
        for (let l = 0; l < W.cols; l++) addMultiple(2 * xi * HtH.get(l, k), W.column(l), pushed);
        const atom = W.column(k);
        for (let i = 0; i < atom.length; i++) atom[i] -= pushed[i] / L;
        toBall(atom, nonNegative.dictionary);
        if (filter) multiply(X, W.column(k), XW.column(k));
      }
    }
  }

  /** As in the authors' code: updates the whole dictionary at once, and divides it by its norm. */
  private publishedDictionary(): void {
    const { W, H, XW, XtH, HtH, gradient, mixed } = this;
    const { X } = this.data;
    const { xi, nonNegative } = this.options;
    matrixProduct(X, H, XtH, { transA: true });
    gramMatrix(H, HtH);
    let trace = 0;
    for (let k = 0; k < W.cols; k++) trace += HtH.get(k, k);
    const pushed = this.direction.subarray(0, X.cols);
    for (let i = 0; i < DICTIONARY_SWEEPS; i++) {
      matrixProduct(X, W, XW);
      matrixProduct(W, HtH, gradient, { alpha: xi });
      for (let k = 0; k < W.cols; k++) {
        const column = gradient.column(k);
        addMultiple(-xi, XtH.column(k), column);
        this.pull(k);
        multiplyTransposed(X, mixed, pushed);
        addMultiple(1, pushed, column);
      }
      addMultiple(-1 / (Math.sqrt(i + 10) * (trace + 1)), gradient.data, W.data);
      const values = W.data;
      if (nonNegative.dictionary) for (let k = 0; k < values.length; k++) values[k] = Math.max(0, values[k]);
    }
    const length = Math.sqrt(W.data.reduce((sum, v) => sum + v * v, 0));
    if (length > 0) for (let k = 0; k < W.data.length; k++) W.data[k] /= length;
  }

  private updateCodes(): void {
    const { W, H, XW, WtW, mixed, filter } = this;
    const { X } = this.data;
    const { xi, l1, nonNegative, steps } = this.options;
    gramMatrix(W, WtW);
    matrixProduct(X, W, XW);
    const pushed = this.direction.subarray(0, X.rows);
    for (let sweep = 0; sweep < CODE_SWEEPS; sweep++) {
      for (let k = 0; k < W.cols; k++) {
        const bent = filter ? 0 : curvature(this.m) * this.betaSquares(k);
        const L = 2 * xi * (WtW.get(k, k) + (steps === 'published' ? 1 : 0)) + bent;
        if (!(L > 0)) continue;
        if (bent > 0) {
          this.pull(k);
          pushed.set(mixed);
        } else pushed.fill(0);
        addMultiple(-2 * xi, XW.column(k), pushed);
        for (let l = 0; l < W.cols; l++) addMultiple(2 * xi * WtW.get(l, k), H.column(l), pushed);
        const code = H.column(k);
        for (let s = 0; s < code.length; s++) {
          const v = code[s] - pushed[s] / L;
          const shrunk = Math.max(0, Math.abs(v) - l1 / L);
          code[s] = v > 0 ? shrunk : nonNegative.code ? 0 : -shrunk;
        }
      }
    }
  }

  free(): void {
    this.held.free();
  }
}

/** Projects onto the unit ball, with non-negative entries if `positive`. */
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

/** y ← y + alpha·x. */
function addMultiple(alpha: number, x: Float64Array, y: Float64Array): void {
  if (alpha !== 0) for (let i = 0; i < y.length; i++) y[i] += alpha * x[i];
}
