import { Arena } from '@southwell/kernels';
import type { Random } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';
import { asVectors, type EigenPoint, Progress, type Scaled } from './eigenProblem.ts';
import { length, scaleVector, TallBlock } from './tallBlock.ts';

/** The state that a checkpoint of `thickRestartLanczos` saves. */
export interface LanczosState {
  readonly iteration: number;
  readonly products: number;
  readonly random: readonly number[];
  readonly norms: readonly [number, number];
  readonly progress: readonly [number, number, number];
  readonly ritz: Float64Array;
  readonly errors: Float64Array;
  /** The Ritz vectors and the vectors that continue them. */
  readonly vectors: Float64Array;
  /** Whether copies of multiple eigenvalues have been searched for, and the number of directions per search. */
  readonly confirmed: boolean;
  readonly width: number;
}

interface Setting {
  readonly k: number;
  readonly basis: number;
  readonly which: 'smallest' | 'largest' | 'nearest';
  readonly sigma: number;
  readonly random: Random;
}

/** Number of cycles without progress after which the method gives up. */
const PATIENCE = 20;

/** Maximum number of vectors whose products are pending at a restart. */
const PENDING = 8;

/** Subtracts a product. */
const AWAY = { alpha: -1, beta: 1 } as const;

/** A candidate is rejected once it is known to this fraction of its distance from the last requested eigenvalue. */
const KNOWN = 0.05;

/**
 * An orthonormal basis V with T = VᵀAV, in which the products of the last vectors are pending: A·V = V·T holds except
 * for their columns, and their rows of T hold the residuals of the Ritz vectors.
 */
export class ThickRestart {
  private readonly V: TallBlock;
  private readonly spare: TallBlock;
  private readonly T: Float64Array;
  private readonly ld: number;
  /** Number of vectors, and of those, from the first on, whose images are in T. */
  private have = 0;
  private known = 0;
  /** Ritz values of the operator, the best first, and the norms of their residuals. */
  private ritz = new Float64Array(0);
  private errors = new Float64Array(0);
  private exact: Float64Array | undefined;
  private width = 1;
  private readonly progress = new Progress(PATIENCE);
  /** Whether the basis spans the whole space. */
  whole = false;
  /** Whether copies of multiple eigenvalues have been searched for and none was missing. */
  confirmed = false;

  constructor(
    private readonly A: Scaled,
    private readonly inverse: Scaled | undefined,
    private readonly setting: Setting,
    private readonly arena: Arena = new Arena(),
    /** Further orthonormal vectors, `count` of them, to which the basis is orthogonal. */
    private readonly beside?: { readonly V: TallBlock; readonly count: number },
  ) {
    const { n } = A;
    // The leading dimension leaves room for the pending vectors, including random ones.
    this.ld = setting.basis + PENDING;
    this.V = new TallBlock(arena, n, this.ld + 1);
    this.spare = new TallBlock(arena, n, this.kept(setting.basis) + PENDING);
    this.T = new Float64Array(this.ld * this.ld);
  }

  private get operator(): Scaled {
    return this.inverse ?? this.A;
  }

  /** Number of Ritz vectors kept at a restart. */
  private kept(size: number): number {
    const { k } = this.setting;
    return Math.min(size, k + Math.max(1, Math.floor((this.setting.basis - k) / 3)));
  }

  /** The dimension of the space that the basis may span. */
  private get room(): number {
    return this.A.n - (this.beside?.count ?? 0);
  }

  /** Appends a random vector; false if no direction is left. */
  draw(): boolean {
    const { V, setting } = this;
    for (let attempt = 0; attempt < 3 && this.have < this.room && this.have < this.ld; attempt++) {
      const v = V.column(this.have);
      for (let i = 0; i < v.length; i++) v[i] = setting.random.normal();
      scaleVector(v, 1 / length(v));
      if (this.join(1e-8)) return true;
    }
    return false;
  }

  /**
   * Orthogonalises the column after the basis, which joins the basis if its remainder has a norm above `least`; returns
   * the coefficients.
   */
  private join(least: number): Float64Array | undefined {
    const { V, have, beside } = this;
    const w = V.column(have);
    const total = new Float64Array(have);
    let before = length(w);
    for (let pass = 0; pass < 4; pass++) {
      const h = V.inner(0, have, V, have, 1);
      V.combine(have, V, 0, have, h, AWAY);
      for (let i = 0; i < have; i++) total[i] += h[i];
      if (beside) V.combine(have, beside.V, 0, beside.count, beside.V.inner(0, beside.count, V, have, 1), AWAY);
      const after = length(w);
      if (!(after > least)) {
        this.last = total;
        return undefined;
      }
      // Two passes are enough (Giraud, Langou and Rozložník 2005), unless almost nothing remained.
      if (pass > 0 && after > 0.7 * before) break;
      before = after;
    }
    this.norm = length(w);
    scaleVector(w, 1 / this.norm);
    this.have++;
    this.last = total;
    return total;
  }

  /** The coefficients of the last {@link join}, and the norm of the remainder. */
  private last = new Float64Array(0);
  private norm = 0;

  /** Extends the basis to its full size, and restarts it with the best Ritz vectors. */
  cycle(): void {
    const { V, T, ld, setting, operator } = this;
    const { basis } = setting;
    while (this.known < basis) {
      if (this.known === this.have && !this.draw()) break;
      const j = this.known;
      const before = this.have;
      operator.apply(V.column(j), V.column(before));
      const room = before < ld && before < this.room;
      const joined = this.join(room ? 1e-14 * Math.max(operator.norm, Number.MIN_VALUE) : Number.POSITIVE_INFINITY);
      for (let i = 0; i < before; i++) T[j * ld + i] = T[i * ld + j] = this.last[i];
      for (let i = before; i < ld; i++) T[j * ld + i] = T[i * ld + j] = 0;
      if (joined) T[j * ld + before] = T[before * ld + j] = this.norm;
      this.known++;
    }
    this.whole = this.known === this.have && this.have === this.room;
    this.restart();
  }

  private restart(): void {
    const { V, T, ld, known: m, have, spare } = this;
    const H = new Float64Array(m * m);
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) H[i * m + j] = T[i * ld + j];
    const { values, vectors } = symmetricEigen(H, m);
    const order = Array.from(values.keys()).sort((a, b) => this.rank(values[a]) - this.rank(values[b]));
    const p = this.whole ? m : this.kept(m);
    const top = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    this.operator.norm = Math.max(this.operator.norm, top);
    const C = new Float64Array(m * p);
    this.ritz = new Float64Array(p);
    this.errors = new Float64Array(p);
    for (let c = 0; c < p; c++) {
      for (let i = 0; i < m; i++) C[c * m + i] = vectors[i * m + order[c]];
      this.ritz[c] = values[order[c]];
      // A·V = V·T including the rows of T for pending vectors, whose entries are the residuals.
      let sum = 0;
      for (let q = m; q < have; q++) {
        let dot = 0;
        for (let i = 0; i < m; i++) dot += T[q * ld + i] * C[c * m + i];
        sum += dot * dot;
      }
      this.errors[c] = Math.sqrt(sum);
    }
    if (this.whole) {
      // If no restart follows, only the requested vectors are needed.
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

  /** The sort key of a Ritz value: smaller is better. */
  private rank(ritz: number): number {
    if (this.inverse) return -Math.abs(ritz);
    return this.setting.which === 'smallest' ? ritz : -ritz;
  }

  private load(known: number, have: number): void {
    this.T.fill(0);
    for (let i = 0; i < known; i++) this.T[i * this.ld + i] = this.ritz[i];
    this.known = known;
    this.have = have;
  }

  /** The eigenvalue of A/scale that belongs to a Ritz value of the operator. */
  private eigenvalue(ritz: number): number {
    const { inverse, A, setting } = this;
    return inverse ? setting.sigma / A.scale + 1 / ritz / (inverse.scale * A.scale) : ritz;
  }

  /** The relative residual of pair c for A itself; for an inverse operator an upper bound, up to rounding. */
  private relative(c: number): number {
    const { inverse, A, errors, ritz, setting } = this;
    const value = this.eigenvalue(ritz[c]);
    const scale = A.norm + Math.abs(value);
    if (!inverse) return scale > 0 ? errors[c] / scale : 0;
    // (A − σ)x − x/μ equals (A − σ) times the residual, divided by −μ.
    return ((A.norm + Math.abs(setting.sigma / A.scale)) * errors[c]) / Math.abs(ritz[c]) / scale;
  }

  worst(): number {
    const { k } = this.setting;
    if (this.ritz.length < k) return Number.POSITIVE_INFINITY;
    let worst = 0;
    for (let c = 0; c < k; c++) worst = Math.max(worst, this.relative(c));
    return worst;
  }

  /**
   * A basis from random vectors in the orthogonal complement of the converged Ritz vectors, to find copies of multiple
   * eigenvalues that the Krylov space does not contain. Ritz vectors that have not converged may have components along
   * missing ones, and are therefore not excluded.
   */
  search(tol: number): ThickRestart {
    const { A, inverse, arena, setting, V, width, errors } = this;
    const near = Math.sqrt(Math.max(tol, 1e-14)) * this.operator.norm;
    let count = setting.k;
    while (count < errors.length && errors[count] <= near) count++;
    const room = A.n - count;
    const own = { ...setting, k: Math.min(width, room), basis: Math.min(room, Math.max(setting.basis, width + 8)) };
    const search = new ThickRestart(A, inverse, own, arena, { V, count });
    for (let c = 0; c < own.k; c++) search.draw();
    return search;
  }

  /** The verdict on the best Ritz value of a search: better than the last requested one, not better, or undecided. */
  judge(search: ThickRestart, tol: number): 'found' | 'nothing' | undefined {
    if (search.ritz.length === 0) return 'nothing';
    const last = this.rank(this.ritz[this.setting.k - 1]);
    const distance = this.rank(search.ritz[0]) - last;
    const bar = this.bar(tol);
    // Another copy of the last eigenvalue would change nothing.
    if (distance < -bar) return 'found';
    return search.whole || search.errors[0] <= Math.max(KNOWN * distance, bar) ? 'nothing' : undefined;
  }

  /** Ritz values that differ by less are considered equal. */
  private bar(tol: number): number {
    return Math.max(10 * tol, 1e-12) * this.operator.norm;
  }

  /** Includes what a search has found; since the requested vectors have converged, few others need to be kept. */
  take(search: ThickRestart, tol: number): void {
    const { V, setting } = this;
    const last = this.rank(this.ritz[setting.k - 1]) + this.bar(tol);
    let found = 0;
    while (found < Math.min(search.ritz.length, 4) && this.rank(search.ritz[found]) <= last) found++;
    this.have = Math.min(this.have, this.known + PENDING - 5);
    for (let c = 0; c < found; c++) {
      V.copy(this.have, search.V, c, 1);
      this.join(1e-8);
    }
    search.free();
    this.width = Math.min(4, 2 * this.width);
    this.progress.reset();
  }

  free(): void {
    for (const block of [this.V, this.spare]) block.free();
  }

  /** Recomputes residuals by products; returns the largest. */
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
    const { k } = this.setting;
    const sum = this.ritz.subarray(0, k).reduce((a, b) => a + this.rank(b), 0);
    this.progress.note(worst, sum, k * this.operator.norm);
  }

  hopeless(worst: number): boolean {
    return this.progress.hopeless(worst);
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
    const { A, inverse, V, setting, progress, ritz, errors, confirmed, width } = this;
    return {
      ...{ iteration, products: A.products, random: setting.random.state(), norms: [A.norm, inverse?.norm ?? 0] },
      ...{ progress: progress.state(), ritz: ritz.slice(), errors: errors.slice(), vectors: V.values(0, this.have) },
      ...{ confirmed, width },
    };
  }

  restore(state: LanczosState): void {
    const { A, inverse, V, setting } = this;
    A.products = state.products;
    [A.norm] = state.norms;
    if (inverse) [, inverse.norm] = state.norms;
    setting.random.restore(state.random);
    this.progress.restore(state.progress);
    this.ritz = state.ritz.slice();
    this.errors = state.errors.slice();
    this.confirmed = state.confirmed;
    this.width = state.width;
    V.set(0, state.vectors);
    this.load(this.ritz.length, state.vectors.length / A.n);
  }
}
