import { type Arena, type Block, gemmWorkBytes, type PenaltyKind } from '@southwell/kernels';

/** Starts of the five parameter arrays in a penalty block of stride s: a1, a2, gamma, lower, upper. */
const A1 = 0;
const A2 = 1;
const LOWER = 3;
const UPPER = 4;

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
  /** Epochs and factorisations so far. */
  epochs = 0;
  factorisations = 0;
  private product!: Block<Float64Array>;
  private delta!: Block<Float64Array>;
  private index!: Block<Int32Array>;

  constructor(readonly arena: Arena) {}

  /** Makes room for `capacity` members, keeping the present ones. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    const size = Math.max(16, Math.ceil(capacity / 8) * 8);
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
    const g = this.G.view;
    const ld = this.capacity;
    const k = slots.length;
    for (let c = 0; c < k; c++) for (let r = 0; r < k; r++) g[c * ld + r] = g[slots[c] * ld + slots[r]];
    for (let t = 0; t < k; t++) {
      this.q.view[t] = this.q.view[slots[t]];
      this.b.view[t] = this.b.view[slots[t]];
      this.means.view[t] = this.means.view[slots[t]];
      this.columns.view[t] = this.columns.view[slots[t]];
    }
    this.m = k;
  }

  private free(of: WorkingSetQuadratic): void {
    for (const block of [of.G, of.q, of.b, of.penalty, of.means, of.columns, of.product, of.delta, of.index]) {
      block.free();
    }
  }

  release(): void {
    if (this.capacity > 0) this.free(this);
    this.capacity = 0;
    this.m = 0;
  }

  /**
   * Minimises until no coordinate step of an epoch could gain more than `tol`, or 1 % of what the first one gained:
   * callers re-model and call again. With `warm` the smooth face of the present point is tried first, which along a
   * path is the exact continuation while signs last.
   */
  solve(kind: PenaltyKind, tol: number, warm: boolean): void {
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
        kind,
        this.penalty.pointer,
        capacity,
        epochs,
        target,
      );
    };
    if (kind !== 0) {
      descend(10_000);
      return;
    }
    if (warm) this.newton();
    const first = descend(1);
    target = Math.max(tol, 0.01 * first);
    if (first <= target || descend(8) <= target) return;
    for (let round = 0; round < 20; round++) {
      if (!this.newton()) {
        descend(1000);
        return;
      }
      if (descend(3) <= target) return;
    }
  }

  /** One projected Newton step on the smooth face; false if no step lowers the objective. */
  newton(): boolean {
    const { arena, m, capacity: ld } = this;
    const { kernels } = arena;
    const index = this.index.view;
    let b = this.b.view;
    let pen = this.penalty.view;
    let g = this.G.view;
    let k = 0;
    for (let j = 0; j < m; j++) {
      const kink = pen[A1 * ld + j] > 0;
      if ((b[j] !== 0 || !kink) && b[j] > pen[LOWER * ld + j] && b[j] < pen[UPPER * ld + j] && g[j * ld + j] > 0) {
        index[k++] = j;
      }
    }
    if (k === 0) return false;
    const scratch = arena.scratch();
    const L = scratch.f64(k * k);
    const x = scratch.f64(k);
    const work = scratch.f64(Math.ceil(gemmWorkBytes(k, k, k) / 8));
    b = this.b.view;
    pen = this.penalty.view;
    g = this.G.view;
    const q = this.q.view;
    const idx = this.index.view;
    try {
      let ridge = 0;
      for (let attempt = 0; ; attempt++) {
        kernels.gatherSymmetric(
          k,
          this.index.pointer,
          this.G.pointer,
          ld,
          this.penalty.pointer + 8 * A2 * ld,
          L.pointer,
          k,
        );
        if (ridge > 0) {
          const l = L.view;
          for (let a = 0; a < k; a++) l[a * k + a] *= 1 + ridge;
        }
        this.factorisations++;
        if (kernels.potrf(k, L.pointer, k, work.pointer) === 0) break;
        // Dependent columns: a small relative ridge keeps the direction a descent direction.
        if (attempt === 4) return false;
        ridge = ridge === 0 ? 1e-12 : ridge * 1e3;
      }
      const d = x.view;
      for (let a = 0; a < k; a++) {
        const j = idx[a];
        d[a] = q[j] - pen[A1 * ld + j] * Math.sign(b[j]) - pen[A2 * ld + j] * b[j];
      }
      kernels.cholSolve(k, L.pointer, k, x.pointer);
      for (let a = 0; a < k; a++) if (!Number.isFinite(d[a])) return false;
      return this.search(k, d);
    } finally {
      scratch.release();
    }
  }

  /** Steps along d, projected at sign changes and bounds, halving until the objective falls. */
  private search(k: number, d: Float64Array): boolean {
    const { arena, m, capacity: ld } = this;
    const b = this.b.view;
    const pen = this.penalty.view;
    const idx = this.index.view;
    const delta = this.delta.view;
    const product = this.product.view;
    const q = this.q.view;
    let t = 1;
    for (let trial = 0; trial < 8; trial++, t /= 2) {
      let clipped = false;
      let change = 0;
      for (let a = 0; a < k; a++) {
        const j = idx[a];
        const a1 = pen[A1 * ld + j];
        let next = b[j] + t * d[a];
        if (a1 > 0 && next * b[j] < 0) {
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
      arena.kernels.addColumns(
        m,
        k,
        this.index.pointer,
        this.G.pointer,
        ld,
        1,
        this.delta.pointer,
        this.product.pointer,
      );
      for (let a = 0; a < k; a++) change += 0.5 * delta[a] * product[idx[a]];
      if (change < 0 || (t === 1 && !clipped)) {
        for (let a = 0; a < k; a++) b[idx[a]] += delta[a];
        for (let j = 0; j < m; j++) q[j] -= product[j];
        return true;
      }
    }
    return false;
  }
}
