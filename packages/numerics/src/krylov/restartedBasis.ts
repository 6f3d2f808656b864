import { Arena } from '@southwell/kernels';
import type { Random } from '../core/index.ts';
import { symmetricEigen } from '../linalg/index.ts';
import { asVectors, type EigenPoint, Progress, type Scaled } from './eigenProblem.ts';
import { length, scaleVector, TallBlock } from './tallBlock.ts';

/** What a checkpoint of `thickRestartLanczos` keeps. */
export interface LanczosState {
  readonly iteration: number;
  readonly products: number;
  readonly random: readonly number[];
  readonly norms: readonly [number, number];
  readonly progress: readonly [number, number, number];
  readonly ritz: Float64Array;
  readonly errors: Float64Array;
  /** Ritz vectors and what goes on from them. */
  readonly vectors: Float64Array;
  /** Whether copies of multiple eigenvalues were looked for, and how many directions at once. */
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

/** Cycles without progress after which nothing more is to be hoped for. */
const PATIENCE = 20;

/** Vectors at most that wait for their product at a restart. */
const PENDING = 8;

/** What is taken off. */
const AWAY = { alpha: -1, beta: 1 } as const;

/** Of the distance to the last eigenvalue that is asked for, the share to which a candidate must be known to be none of them. */
const KNOWN = 0.05;

/**
 * An orthonormal basis V with T = VᵀAV, of which the last vectors wait for their product: A·V = V·T holds but for them, and what T has in
 * their rows are the residuals of Ritz vectors.
 */
export class ThickRestart {
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
  private width = 1;
  private readonly progress = new Progress(PATIENCE);
  /** The basis spans everything. */
  whole = false;
  /** Copies of multiple eigenvalues were looked for, and none was missing. */
  confirmed = false;

  constructor(
    private readonly A: Scaled,
    private readonly inverse: Scaled | undefined,
    private readonly setting: Setting,
    private readonly arena: Arena = new Arena(),
    /** Orthonormal vectors to which the basis is orthogonal, and how many. */
    private readonly beside?: { readonly V: TallBlock; readonly count: number },
  ) {
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

  /** The dimension of the space that the basis may span. */
  private get room(): number {
    return this.A.n - (this.beside?.count ?? 0);
  }

  /** A random vector more; false where there is no direction left. */
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

  /** Takes what lies along the basis off the column behind it, which joins it if more than `least` is left; what was taken off. */
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

  /** The less, the better is a Ritz value. */
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

  /**
   * A basis from random vectors among what is orthogonal to the Ritz vectors that have converged, from which copies of multiple
   * eigenvalues come that the Krylov space has nothing of. The others may have a part in what is missing: they are not kept out.
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

  /** What the best Ritz value of a search says: better than the last one that is asked for, or not, or nothing yet. */
  judge(search: ThickRestart, tol: number): 'found' | 'nothing' | undefined {
    if (search.ritz.length === 0) return 'nothing';
    const last = this.rank(this.ritz[this.setting.k - 1]);
    const distance = this.rank(search.ritz[0]) - last;
    const bar = this.bar(tol);
    // Another copy of the last one would change nothing.
    if (distance < -bar) return 'found';
    return search.whole || search.errors[0] <= Math.max(KNOWN * distance, bar) ? 'nothing' : undefined;
  }

  /** Ritz values that differ by less are taken for equal. */
  private bar(tol: number): number {
    return Math.max(10 * tol, 1e-12) * this.operator.norm;
  }

  /** Takes in what a search has found; the vectors that are asked for have converged, so that few others need to wait. */
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
