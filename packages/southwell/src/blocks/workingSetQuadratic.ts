import type { Arena, Block } from '@southwell/kernels';
import type { Penalty } from '../penalties/index.ts';
import { FaceFactor } from './faceFactor.ts';

/** Starts of the five parameter arrays in a penalty block of stride s: a1, a2, gamma, lower, upper. */
const A1 = 0;
const A2 = 1;
const LOWER = 3;
const UPPER = 4;
/** To the minimum of the face, part of the way, to the first kink or bound, or none that lowers the objective. */
type NewtonStep = 'full' | 'partial' | 'break' | 'failed';
/** Sides from which a square is a matter of megabytes. */
const LARGE = 500;

/**
 * min ½bᵀGb − cᵀb + Σ g_j(b_j) over a working set, in kernel memory. Coordinate descent finds signs and active bounds;
 * Newton on the smooth face that they span (a semismooth, two-metric projected step) finishes: exact in one
 * factorisation once the face is right. Card 01's proximal-Newton block update with the working set as its block.
 */
export class WorkingSetQuadratic {
  m = 0;
  capacity = 0;
  /** Gram matrix, column-major with leading dimension `capacity`. */
  G!: Block<Float64Array>;
  /** c − Gb. */
  q!: Block<Float64Array>;
  b!: Block<Float64Array>;
  /** Five arrays of `capacity`. */
  penalty!: Block<Float64Array>;
  means!: Block<Float64Array>;
  columns!: Block<Int32Array>;
  /** Epochs so far. */
  epochs = 0;
  private product!: Block<Float64Array>;
  private delta!: Block<Float64Array>;
  private index!: Block<Int32Array>;
  private readonly factor: FaceFactor;

  /** `limit`: the most members that there can ever be. */
  constructor(
    readonly arena: Arena,
    private readonly limit: number,
  ) {
    this.factor = new FaceFactor(arena, (k) => this.roomFor(k));
  }

  /**
   * Side of the square to allocate for k members. Large ones get their final size at once: memory that is not touched
   * costs nothing, while a copy to a larger square would need both.
   */
  private roomFor(k: number): number {
    const size = Math.max(16, Math.ceil(k / 8) * 8);
    return k > LARGE ? Math.max(size, Math.ceil(this.limit / 8) * 8) : size;
  }

  /** Makes room for `capacity` members, keeping the present ones. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    const size = this.roomFor(capacity);
    const old = { ...this } as WorkingSetQuadratic;
    const { arena, m } = this;
    this.G = arena.f64Block(size * size);
    this.q = arena.f64Block(size);
    this.b = arena.f64Block(size);
    this.penalty = arena.f64Block(5 * size);
    this.means = arena.f64Block(size);
    this.columns = arena.i32Block(size);
    this.product = arena.f64Block(size);
    this.delta = arena.f64Block(size);
    this.index = arena.i32Block(size);
    if (old.capacity > 0) {
      const g = this.G.view;
      const og = old.G.view;
      for (let j = 0; j < m; j++) g.set(og.subarray(j * old.capacity, j * old.capacity + m), j * size);
      this.q.view.set(old.q.view.subarray(0, m));
      this.b.view.set(old.b.view.subarray(0, m));
      this.means.view.set(old.means.view.subarray(0, m));
      this.columns.view.set(old.columns.view.subarray(0, m));
      this.free(old);
    }
    this.capacity = size;
  }

  /** Keeps only the members at the given (ascending) slots. */
  compact(slots: ArrayLike<number>): void {
    const k = slots.length;
    if (k === this.m) return;
    this.index.view.set(slots);
    this.arena.kernels.compactSymmetric(k, this.index.pointer, this.G.pointer, this.capacity);
    for (let t = 0; t < k; t++) {
      this.q.view[t] = this.q.view[slots[t]];
      this.b.view[t] = this.b.view[slots[t]];
      this.means.view[t] = this.means.view[slots[t]];
      this.columns.view[t] = this.columns.view[slots[t]];
    }
    this.m = k;
    this.invalidate();
  }

  private free(of: WorkingSetQuadratic): void {
    for (const block of [of.G, of.q, of.b, of.penalty, of.means, of.columns, of.product, of.delta, of.index]) {
      block.free();
    }
  }

  release(): void {
    this.factor.release();
    if (this.capacity > 0) this.free(this);
    this.capacity = 0;
    this.m = 0;
  }

  /**
   * Coordinate descent, and Newton where that is slow and the penalty has quadratic faces. Not `exact`: until no step of an
   * epoch gains more than `tol` or 1 % of the first, which is enough while the working set is still changing. `exact`: until
   * an epoch after a full Newton step finds nothing left to gain. With `warm` the smooth face of the present point is tried
   * first: along a path that is the exact continuation while signs last.
   */
  solve({ code, quadraticFaces }: Penalty, tol: number, exact: boolean, warm: boolean): void {
    const { arena, m, capacity } = this;
    let target = tol;
    const descend = (epochs: number) => {
      this.epochs += epochs;
      return arena.kernels.gramDescent(
        m,
        this.G.pointer,
        capacity,
        this.q.pointer,
        this.b.pointer,
        code,
        this.penalty.pointer,
        capacity,
        epochs,
        target,
      );
    };
    if (!quadraticFaces) {
      descend(10_000);
      return;
    }
    if (warm) this.newton();
    const first = descend(1);
    if (!exact) {
      if (first <= tol) return;
      target = Math.max(tol, 0.01 * first);
      if (descend(6) <= target) return;
    } else if (first > tol) descend(4);
    // A face with more columns than its rank loses one at each break, which is progress however often.
    let breaks = 0;
    for (let round = 0; round < 20; round++) {
      const step = this.newton();
      if (step === 'break' && breaks++ < m) {
        round--;
        continue;
      }
      if (step === 'failed') {
        descend(50);
        return;
      }
      const left = descend(2);
      // Small steps alone prove nothing where columns are close to dependent; after a full Newton step they do.
      if (left <= target && (!exact || step === 'full')) return;
      if (step === 'full' && left <= 1e-6 * first) return;
    }
  }

  /** Drops the kept factor: call when entries of G that it was made of change or move. */
  invalidate(): void {
    this.factor.invalidate();
  }

  /** One projected Newton step on the smooth face; the factor is kept for as long as the face stays the same. */
  newton(): NewtonStep {
    const { arena, m, capacity: ld } = this;
    const { kernels } = arena;
    const index = this.index.view;
    const pen = this.penalty.view;
    const g = this.G.view;
    const b = this.b.view;
    let k = 0;
    for (let j = 0; j < m; j++) {
      const kink = pen[A1 * ld + j] > 0;
      if ((b[j] !== 0 || !kink) && b[j] > pen[LOWER * ld + j] && b[j] < pen[UPPER * ld + j] && g[j * ld + j] > 0) {
        index[k++] = j;
      }
    }
    if (k === 0) return 'failed';
    const L = this.factor.of(
      k,
      this.index,
      this.G,
      ld,
      this.penalty.pointer + 8 * A2 * ld,
      this.penalty.view.slice(A2 * ld, A2 * ld + m),
    );
    if (!L) return 'failed';
    // After the factor, which may have grown the memory, every view is taken anew.
    const d = this.delta.view;
    const idx = this.index.view;
    const [q, bb, pp] = [this.q.view, this.b.view, this.penalty.view];
    for (let a = 0; a < k; a++) {
      const j = idx[a];
      d[a] = q[j] - pp[A1 * ld + j] * Math.sign(bb[j]) - pp[A2 * ld + j] * bb[j];
    }
    kernels.cholSolve(k, L.pointer, this.factor.stride, this.delta.pointer);
    const direction = d.slice(0, k);
    for (let a = 0; a < k; a++) if (!Number.isFinite(direction[a])) return 'failed';
    return this.search(k, direction);
  }

  /**
   * Steps along d, projected at sign changes and bounds, halving until the objective falls; at last up to the first of
   * them, where the model is exact: on the long steps of a face with more columns than its rank nothing else may help.
   */
  private search(k: number, d: Float64Array): NewtonStep {
    let t = 1;
    for (let trial = 0; trial < 8; trial++, t /= 2) {
      const { change, clipped } = this.trial(k, d, t);
      if (!(change < 0 || (t === 1 && !clipped))) continue;
      this.take(k);
      return t === 1 && !clipped ? 'full' : 'partial';
    }
    const { at, length } = this.firstBreak(k, d);
    if (at < 0 || length > t || !(this.trial(k, d, length, at).change < 0)) return 'failed';
    this.take(k);
    return 'break';
  }

  /** The first of index[0 … k) to reach a kink or a bound along d, and how far along. */
  private firstBreak(k: number, d: Float64Array): { readonly at: number; readonly length: number } {
    const { capacity: ld } = this;
    const [b, pen, idx] = [this.b.view, this.penalty.view, this.index.view];
    let [at, length] = [-1, Number.POSITIVE_INFINITY];
    for (let a = 0; a < k; a++) {
      const j = idx[a];
      const kink = pen[A1 * ld + j] > 0 && b[j] * d[a] < 0;
      const end = kink ? 0 : d[a] < 0 ? pen[LOWER * ld + j] : pen[UPPER * ld + j];
      const t = (end - b[j]) / d[a];
      if (t < length) [at, length] = [a, t];
    }
    return { at, length };
  }

  /** Lays the projected step t·d into `delta`, and G·delta into `product`; `atKink` is to land on 0. */
  private trial(k: number, d: Float64Array, t: number, atKink = -1): { change: number; clipped: boolean } {
    const { arena, m, capacity: ld } = this;
    const b = this.b.view;
    const pen = this.penalty.view;
    const idx = this.index.view;
    const delta = this.delta.view;
    const product = this.product.view;
    const q = this.q.view;
    let clipped = false;
    let change = 0;
    for (let a = 0; a < k; a++) {
      const j = idx[a];
      const a1 = pen[A1 * ld + j];
      let next = b[j] + t * d[a];
      if (a1 > 0 && (next * b[j] < 0 || (a === atKink && b[j] * d[a] < 0))) {
        next = 0;
        clipped = true;
      }
      if (next < pen[LOWER * ld + j]) {
        next = pen[LOWER * ld + j];
        clipped = true;
      } else if (next > pen[UPPER * ld + j]) {
        next = pen[UPPER * ld + j];
        clipped = true;
      }
      delta[a] = next - b[j];
      change += a1 * (Math.abs(next) - Math.abs(b[j])) + 0.5 * pen[A2 * ld + j] * (next * next - b[j] * b[j]);
      change -= q[j] * delta[a];
    }
    product.fill(0, 0, m);
    arena.kernels.addColumns(m, k, this.index.pointer, this.G.pointer, ld, 1, this.delta.pointer, this.product.pointer);
    for (let a = 0; a < k; a++) change += 0.5 * delta[a] * product[idx[a]];
    return { change, clipped };
  }

  /** Moves by what the last trial laid down. */
  private take(k: number): void {
    const { m } = this;
    const [b, q, idx, delta, product] = [this.b.view, this.q.view, this.index.view, this.delta.view, this.product.view];
    for (let a = 0; a < k; a++) b[idx[a]] += delta[a];
    for (let j = 0; j < m; j++) q[j] -= product[j];
  }
}
