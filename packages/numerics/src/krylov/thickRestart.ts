import { Arena } from '@southwell/kernels';
import type { MatrixLike } from '../arrays/index.ts';
import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Status,
  wholeNumber,
} from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';
import type { LinearOperator } from '../operators/index.ts';
import {
  asVectors,
  checkPairs,
  type EigenPairs,
  type EigenPoint,
  type Scaled,
  scaledOperator,
} from './eigenProblem.ts';
import { length, scaleVector, TallBlock } from './tallBlock.ts';

/** What a checkpoint of {@link thickRestartLanczos} keeps. */
export interface LanczosState {
  readonly iteration: number;
  readonly products: number;
  readonly random: readonly number[];
  readonly norms: readonly [number, number];
  readonly best: number;
  readonly since: number;
  readonly ritz: Float64Array;
  readonly errors: Float64Array;
  /** Ritz vectors and what goes on from them. */
  readonly vectors: Float64Array;
  /** What a random direction is to change, where one is on its way, and how many there have been. */
  readonly confirming: Float64Array | undefined;
  readonly drawn: number;
}

export interface LanczosOptions extends Omit<RunOptions<EigenPoint>, 'tol' | 'onIterate'> {
  /** Default 'largest'. 'nearest' to `sigma` needs `solve`. */
  readonly which?: 'smallest' | 'largest' | 'nearest';
  /** The point that eigenvalues are to be near to. Default 0. */
  readonly sigma?: number;
  /** x ↦ (A − sigma·I)⁻¹x, as accurate as the eigenvalues are to be: a factorisation, say. */
  readonly solve?: LinearOperator;
  /** What every residual must come down to, as {@link EigenPoint} has them. Default 1e-10. */
  readonly tol?: number;
  /** Vectors of the basis. Default 2k + 32; more take fewer products and more time for each. */
  readonly basis?: number;
  /** Cycles at most. Default 300. */
  readonly maxIter?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onIterate?: (iterate: Iterate<EigenPoint>) => void;
  /** What a checkpoint kept of a run with the same problem and options. */
  readonly resume?: LanczosState;
}

const optionKeys: OptionKeys<LanczosOptions> = {
  ...runKeys,
  which: true,
  sigma: true,
  solve: true,
  basis: true,
  seed: true,
  resume: true,
};

/**
 * The k smallest or largest eigenvalues of a symmetric A, or those nearest to a point by a solve operator (shift and invert), with
 * eigenvectors: Lanczos's process with full orthogonalisation and thick restarts (Wu and Simon 2000). A Krylov space of one vector holds
 * one vector of a multiple eigenvalue: so when all have converged, random directions join the basis, more each time they find something,
 * until they find nothing and the next eigenvalue is known well enough to be another one. O(basis) products and O(n·basis²) a cycle;
 * memory for 1.5·basis vectors.
 *
 * @example const { values, vectors } = thickRestartLanczos(A, 6);
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE, NUMERICAL where a product is not finite.
 */
export function thickRestartLanczos(
  A: MatrixLike | LinearOperator,
  k: number,
  options: LanczosOptions = {},
): EigenPairs {
  knownKeys('thickRestartLanczos', options, optionKeys);
  const { maxIter = 300, ...rest } = options;
  // Without tol: it belongs to the method here.
  const settings = only<RunOptions<EigenPoint>>({ ...rest, maxIter, tol: undefined }, runKeys);
  const solution = run(thickRestartLanczosIterates(A, k, options), settings);
  return { ...solution.point, solution };
}

/** Cycles without a residual smaller by a twentieth after which nothing more is to be hoped for. */
const PATIENCE = 20;

/**
 * The cycles of {@link thickRestartLanczos} one by one, to its tolerance. The objective is the sum of the k eigenvalues.
 * @throws as {@link thickRestartLanczos}.
 */
export function* thickRestartLanczosIterates(
  A: MatrixLike | LinearOperator,
  k: number,
  options: LanczosOptions = {},
): Generator<Iterate<EigenPoint>, void, undefined> {
  knownKeys('thickRestartLanczos', options, optionKeys);
  const { tol = 1e-10, which = 'largest', seed = 0, resume, sigma = 0, solve } = options;
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  if (!['smallest', 'largest', 'nearest'].includes(which)) {
    fail('INVALID_PARAMETER', `which must be 'smallest', 'largest' or 'nearest', but is '${which}'.`);
  }
  if (!Number.isFinite(sigma)) fail('INVALID_PARAMETER', `sigma must be a finite number, but is ${sigma}.`);
  if (which === 'nearest' && !solve) {
    fail('INVALID_PARAMETER', "which 'nearest' needs solve, an operator that applies (A − sigma·I)⁻¹.");
  }
  if (which !== 'nearest' && solve) {
    fail('INVALID_PARAMETER', `solve is for which 'nearest', but which is '${which}'.`);
  }
  const random = new Random(seed);
  const own = scaledOperator(A, 'A', random);
  checkPairs(k, own.n, own.n);
  const basis = Math.min(own.n, options.basis ?? 2 * k + 32);
  if (options.basis !== undefined) wholeNumber('basis', options.basis, Math.min(own.n, k + 3));
  const inverse = solve && scaledOperator(solve, 'solve', random, own.n);
  const process = new ThickRestart(own, inverse, { k, basis, which, sigma, random });
  if (resume) process.restore(resume);
  else process.begin();
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    if (!resume || iteration > resume.iteration) process.cycle();
    let worst = process.worst();
    let done: Status | undefined;
    if (worst <= tol && process.isComplete(tol)) {
      worst = process.trueResiduals();
      if (worst <= tol) done = 'converged';
    }
    // A whole space has nothing to go on with.
    if (!done && (process.whole || process.hopeless(worst))) done = 'stalled';
    yield {
      iteration,
      objective: process.values().reduce((a, b) => a + b, 0),
      certificate: { kind: 'kktResidual', value: worst * own.norm * own.scale, relative: worst },
      work: { matrixVectorProducts: own.products + (inverse?.products ?? 0) },
      done,
      snapshot: () => process.point(),
      checkpoint: done ? undefined : () => process.state(iteration),
    };
    if (done) return;
    process.note(worst);
    if (worst <= tol) process.goOn(tol);
  }
}

interface Setting {
  readonly k: number;
  readonly basis: number;
  readonly which: 'smallest' | 'largest' | 'nearest';
  readonly sigma: number;
  readonly random: Random;
}

class ThickRestart {
  private readonly V: TallBlock;
  private readonly spare: TallBlock;
  private readonly T: Float64Array;
  private readonly ld: number;
  /** Vectors, and of these the first ones whose images are in T. */
  private have = 0;
  private known = 0;
  /** Ritz values of the operator, the best first, and the lengths of their residuals. */
  private ritz = new Float64Array(0);
  private errors = new Float64Array(0);
  private exact: Float64Array | undefined;
  private confirming: Float64Array | undefined;
  private drawn = 0;
  private best = Number.POSITIVE_INFINITY;
  private since = 0;
  /** The basis spans everything. */
  whole = false;

  constructor(
    private readonly A: Scaled,
    private readonly inverse: Scaled | undefined,
    private readonly setting: Setting,
  ) {
    const arena = new Arena();
    const { n } = A;
    // Besides the basis, the vectors that are to come next: random ones among them.
    this.ld = setting.basis + PENDING;
    this.V = new TallBlock(arena, n, this.ld + 1);
    this.spare = new TallBlock(arena, n, this.kept(setting.basis) + PENDING);
    this.T = new Float64Array(this.ld * this.ld);
  }

  private get operator(): Scaled {
    return this.inverse ?? this.A;
  }

  /** Ritz vectors that a restart keeps. */
  private kept(size: number): number {
    const { k } = this.setting;
    return Math.min(size, k + Math.max(1, Math.floor((this.setting.basis - k) / 3)));
  }

  begin(): void {
    this.draw();
  }

  /** A random vector more; false where there is no direction left. */
  private draw(): boolean {
    const { A, V, setting } = this;
    for (let attempt = 0; attempt < 3 && this.have < A.n && this.have < this.ld; attempt++) {
      const v = V.column(this.have);
      for (let i = 0; i < v.length; i++) v[i] = setting.random.normal();
      scaleVector(v, 1 / length(v));
      if (this.join(1e-8)) return true;
    }
    return false;
  }

  /** Takes what lies along the basis off the column behind it, which joins it if more than `least` is left; what was taken off. */
  private join(least: number): Float64Array | undefined {
    const { V, have } = this;
    const w = V.column(have);
    const total = new Float64Array(have);
    let before = length(w);
    for (let pass = 0; pass < 4; pass++) {
      const h = V.inner(0, have, V, have, 1);
      V.combine(have, V, 0, have, h, { alpha: -1, beta: 1 });
      for (let i = 0; i < have; i++) total[i] += h[i];
      const after = length(w);
      if (!(after > least)) {
        this.last = total;
        return undefined;
      }
      // Twice is enough (Giraud, Langou and Rozložník 2005), unless next to nothing was left.
      if (pass > 0 && after > 0.7 * before) break;
      before = after;
    }
    this.norm = length(w);
    scaleVector(w, 1 / this.norm);
    this.have++;
    this.last = total;
    return total;
  }

  /** What the last {@link join} took off, and the length of what was left. */
  private last = new Float64Array(0);
  private norm = 0;

  /** Extends the basis to its size, and restarts it with the best Ritz vectors. */
  cycle(): void {
    const { V, T, ld, setting, operator } = this;
    const { basis } = setting;
    while (this.known < basis) {
      if (this.known === this.have && !this.draw()) break;
      const j = this.known;
      const before = this.have;
      operator.apply(V.column(j), V.column(before));
      const room = before < ld && before < this.A.n;
      const joined = this.join(room ? 1e-14 * Math.max(operator.norm, Number.MIN_VALUE) : Number.POSITIVE_INFINITY);
      for (let i = 0; i < before; i++) T[j * ld + i] = T[i * ld + j] = this.last[i];
      for (let i = before; i < ld; i++) T[j * ld + i] = T[i * ld + j] = 0;
      if (joined) T[j * ld + before] = T[before * ld + j] = this.norm;
      this.known++;
    }
    this.whole = this.known === this.have && this.have === this.A.n;
    this.restart();
  }

  private restart(): void {
    const { V, T, ld, known: m, have, spare } = this;
    const H = new Float64Array(m * m);
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) H[i * m + j] = T[i * ld + j];
    const { values, vectors } = symmetricEigen(H, m);
    const sign = this.setting.which === 'smallest' ? 1 : -1;
    const rank = (v: number) => (this.inverse ? -Math.abs(v) : sign * v);
    const order = Array.from(values.keys()).sort((a, b) => rank(values[a]) - rank(values[b]));
    const p = this.whole ? m : this.kept(m);
    const top = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    this.operator.norm = Math.max(this.operator.norm, top);
    const C = new Float64Array(m * p);
    this.ritz = new Float64Array(p);
    this.errors = new Float64Array(p);
    for (let c = 0; c < p; c++) {
      for (let i = 0; i < m; i++) C[c * m + i] = vectors[i * m + order[c]];
      this.ritz[c] = values[order[c]];
      // A·V = V·T with rows of T for the vectors that are to come: what these hold is the residual.
      let sum = 0;
      for (let q = m; q < have; q++) {
        let dot = 0;
        for (let i = 0; i < m; i++) dot += T[q * ld + i] * C[c * m + i];
        sum += dot * dot;
      }
      this.errors[c] = Math.sqrt(sum);
    }
    if (this.whole) {
      // No restart is to come: only what is asked for.
      const k = Math.min(p, this.setting.k);
      spare.combine(0, V, 0, m, C.subarray(0, m * k));
      V.copy(0, spare, 0, k);
    } else {
      spare.combine(0, V, 0, m, C);
      spare.copy(p, V, m, have - m);
      V.copy(0, spare, 0, p + have - m);
      this.load(p, p + have - m);
    }
    this.exact = undefined;
  }

  private load(known: number, have: number): void {
    this.T.fill(0);
    for (let i = 0; i < known; i++) this.T[i * this.ld + i] = this.ritz[i];
    this.known = known;
    this.have = have;
  }

  /** Eigenvalues of A/scale from those of the operator. */
  private eigenvalue(ritz: number): number {
    const { inverse, A, setting } = this;
    return inverse ? setting.sigma / A.scale + 1 / ritz / (inverse.scale * A.scale) : ritz;
  }

  /** The residual of A's own pair c, over its scale; of an inverse a bound, short of rounding. */
  private relative(c: number): number {
    const { inverse, A, errors, ritz, setting } = this;
    const value = this.eigenvalue(ritz[c]);
    const scale = A.norm + Math.abs(value);
    if (!inverse) return scale > 0 ? errors[c] / scale : 0;
    // (A − σ)x − x/μ is (A − σ) times the residual over −μ.
    return ((A.norm + Math.abs(setting.sigma / A.scale)) * errors[c]) / Math.abs(ritz[c]) / scale;
  }

  worst(): number {
    const { k } = this.setting;
    if (this.ritz.length < k) return Number.POSITIVE_INFINITY;
    let worst = 0;
    for (let c = 0; c < k; c++) worst = Math.max(worst, this.relative(c));
    return worst;
  }

  /** Whether random directions have found nothing that was missing, and what comes next is known to be another one. */
  isComplete(tol: number): boolean {
    const { k } = this.setting;
    if (this.whole) return true;
    const { confirming, ritz, errors } = this;
    if (!confirming || this.changed(tol)) return false;
    const gap = Math.abs(ritz[k] - ritz[k - 1]);
    return errors[k] <= Math.max(0.1 * gap, Math.sqrt(tol) * Math.abs(ritz[k]));
  }

  /** Whether the values are others than before a random direction joined. */
  private changed(tol: number): boolean {
    const bar = Math.max(10 * tol, 1e-12) * this.operator.norm;
    return this.confirming!.some((v, c) => Math.abs(v - this.ritz[c]) > bar);
  }

  /** After values that have converged: random directions join, unless some are on their way. */
  goOn(tol: number): void {
    const { k } = this.setting;
    if (this.confirming && !this.changed(tol)) return;
    const count = this.confirming ? Math.min(2 * this.drawn, 4) : 1;
    this.drawn = count;
    for (let c = 0; c < count && this.have - this.known < PENDING - 1; c++) this.draw();
    this.confirming = this.ritz.slice(0, k);
  }

  /** Residuals by products; the largest of them. */
  trueResiduals(): number {
    const { A, V, ritz, setting } = this;
    const image = new Float64Array(A.n);
    this.exact = Float64Array.from({ length: setting.k }, (_, c) => {
      const x = V.column(c).slice();
      A.apply(x, image);
      const value = this.eigenvalue(ritz[c]);
      for (let i = 0; i < x.length; i++) image[i] -= value * x[i];
      const scale = A.norm + Math.abs(value);
      return scale > 0 ? length(image) / scale : 0;
    });
    return this.exact.reduce((a, b) => Math.max(a, b), 0);
  }

  note(worst: number): void {
    this.since++;
    if (worst < 0.95 * this.best) {
      this.best = worst;
      this.since = 0;
    }
  }

  hopeless(worst: number): boolean {
    return this.since >= PATIENCE && !(worst < 0.95 * this.best);
  }

  values(): Float64Array {
    const { k } = this.setting;
    return Float64Array.from(this.ritz.subarray(0, k), (v) => this.eigenvalue(v) * this.A.scale);
  }

  point(): EigenPoint {
    const { A, V, setting } = this;
    const k = Math.min(setting.k, this.ritz.length);
    const residuals = this.exact?.slice() ?? Float64Array.from({ length: k }, (_, c) => this.relative(c));
    return { values: this.values(), vectors: asVectors(V.values(0, k), A.n, k), residuals };
  }

  state(iteration: number): LanczosState {
    const { A, inverse, V, setting, best, since, ritz, errors, confirming, drawn } = this;
    return {
      ...{ iteration, products: A.products, random: setting.random.state(), norms: [A.norm, inverse?.norm ?? 0] },
      ...{ best, since, ritz: ritz.slice(), errors: errors.slice(), vectors: V.values(0, this.have) },
      ...{ confirming: confirming?.slice(), drawn },
    };
  }

  restore(state: LanczosState): void {
    const { A, inverse, V, setting } = this;
    A.products = state.products;
    [A.norm] = state.norms;
    if (inverse) [, inverse.norm] = state.norms;
    setting.random.restore(state.random);
    this.best = state.best;
    this.since = state.since;
    this.ritz = state.ritz.slice();
    this.errors = state.errors.slice();
    this.confirming = state.confirming?.slice();
    this.drawn = state.drawn;
    V.set(0, state.vectors);
    this.load(this.ritz.length, state.vectors.length / A.n);
  }
}

/** Vectors at most that wait for their product at a restart. */
const PENDING = 8;
