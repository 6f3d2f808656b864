import { type Arena, type Block, denseKernels, gemmWorkBytes } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';

/**
 * min ½bᵀGb − cᵀb + Σ_g (l1‖b_g‖₁ + l2‖b_g‖₂ + ridge/2‖b_g‖²) over groups of a working set, in kernel memory. Block
 * coordinate descent identifies the groups and signs; Newton's method on the smooth face that they span finishes, with
 * the curvature l2(I/‖b_g‖ − b_g b_gᵀ/‖b_g‖³) of the norms.
 */
export class GroupQuadratic {
  /** Number of coordinates and of groups. */
  m = 0;
  groups = 0;
  capacity = 0;
  /** Gram matrix (with the ridge on its diagonal once loaded), column-major with leading dimension `capacity`. */
  G!: Block<Float64Array>;
  /** c − Gb. */
  q!: Block<Float64Array>;
  b!: Block<Float64Array>;
  /** First coordinate of every group, and the end. */
  starts!: Block<Int32Array>;
  l1!: Block<Float64Array>;
  l2!: Block<Float64Array>;
  /** Upper bound on λ_max(G_gg), including the ridge. */
  bound!: Block<Float64Array>;
  /** Ridge that has been added to the diagonal of each group. */
  ridge = new Float64Array(0);
  epochs = 0;
  factorisations = 0;
  private identity!: Block<Int32Array>;
  private index!: Block<Int32Array>;
  private work!: Block<Float64Array>;
  private product!: Block<Float64Array>;
  private factor: Block<Float64Array> | undefined;

  constructor(readonly arena: Arena) {}

  /** Allocates `capacity` coordinates, keeping the current contents. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    const size = Math.max(16, Math.ceil(capacity / 8) * 8);
    const { arena, m, groups, capacity: ld } = this;
    const old = { ...this };
    this.G = arena.f64Block(size * size);
    this.q = arena.f64Block(size);
    this.b = arena.f64Block(size);
    this.starts = arena.i32Block(size + 1);
    this.l1 = arena.f64Block(size);
    this.l2 = arena.f64Block(size);
    this.bound = arena.f64Block(size);
    this.identity = arena.i32Block(size);
    this.index = arena.i32Block(size);
    this.work = arena.f64Block(3 * size);
    this.product = arena.f64Block(size);
    this.ridge = new Float64Array(size);
    const identity = this.identity.view;
    for (let j = 0; j < size; j++) identity[j] = j;
    this.starts.view[0] = 0;
    if (ld > 0) {
      const g = this.G.view;
      const og = old.G.view;
      for (let j = 0; j < m; j++) g.set(og.subarray(j * ld, j * ld + m), j * size);
      this.starts.view.set(old.starts.view.subarray(0, groups + 1));
      this.bound.view.set(old.bound.view.subarray(0, groups));
      this.ridge.set(old.ridge.subarray(0, groups));
      this.free(old);
    }
    this.capacity = size;
  }

  private free(of: Pick<GroupQuadratic, 'G' | 'q' | 'b' | 'starts' | 'l1' | 'l2' | 'bound'>): void {
    const o = of as GroupQuadratic;
    for (const x of [o.G, o.q, o.b, o.starts, o.l1, o.l2, o.bound, o.identity, o.index, o.work, o.product]) x.free();
  }

  release(): void {
    this.factor?.free();
    this.factor = undefined;
    if (this.capacity > 0) this.free(this);
    this.capacity = this.m = this.groups = 0;
  }

  /** Keeps only the listed groups (ascending) and their Gram entries. */
  compact(kept: readonly number[]): void {
    const { capacity: ld } = this;
    const g = this.G.view;
    const s = this.starts.view;
    const slots: number[] = [];
    let m = 0;
    kept.forEach((u, t) => {
      const [from, to] = [s[u], s[u + 1]];
      for (let j = from; j < to; j++) slots.push(j);
      this.bound.view[t] = this.bound.view[u];
      this.ridge[t] = this.ridge[u];
      s[t] = m;
      m += to - from;
    });
    s[kept.length] = m;
    for (let c = 0; c < m; c++) for (let r = 0; r < m; r++) g[c * ld + r] = g[slots[c] * ld + slots[r]];
    this.m = m;
    this.groups = kept.length;
  }

  /** Puts the ridge of group u on the diagonal. */
  setRidge(u: number, ridge: number): void {
    const change = ridge - this.ridge[u];
    if (change === 0) return;
    const g = this.G.view;
    const s = this.starts.view;
    for (let j = s[u]; j < s[u + 1]; j++) g[j * this.capacity + j] += change;
    this.bound.view[u] += change;
    this.ridge[u] = ridge;
  }

  /** bound[u] ← an upper bound on λ_max(G_uu), tight for groups of up to 64. */
  computeBound(u: number): void {
    const { capacity: ld } = this;
    const s = this.starts.view;
    const [from, k] = [s[u], s[u + 1] - s[u]];
    const g = this.G.view;
    this.bound.view[u] = largestEigenvalue(k, (r, c) => g[(from + c) * ld + from + r]);
  }

  private descend(epochs: number, tol: number): number {
    this.epochs += epochs;
    return this.arena
      .use(modelKernels)
      .gramGroupDescent(
        this.groups,
        this.starts.pointer,
        this.m,
        this.G.pointer,
        this.capacity,
        this.q.pointer,
        this.b.pointer,
        this.l1.pointer,
        this.l2.pointer,
        this.bound.pointer,
        this.identity.pointer,
        this.work.pointer,
        epochs,
        tol,
      );
  }

  /**
   * As WorkingSetQuadratic.solve: to a loose tolerance unless `exact`; with `warm` the face of the current point is
   * tried first.
   */
  solve(tol: number, exact: boolean, warm: boolean): void {
    let target = tol;
    if (warm) this.newton();
    const first = this.descend(1, target);
    if (!exact) {
      if (first <= tol) return;
      target = Math.max(tol, 0.01 * first);
      if (this.descend(8, target) <= target) return;
    } else if (first > tol) this.descend(6, target);
    for (let round = 0; round < 30; round++) {
      const step = this.newton();
      if (step === 'failed') {
        this.descend(500, target);
        return;
      }
      const left = this.descend(2, target);
      if (left <= target && (!exact || step === 'full')) return;
      if (step === 'full' && left <= 1e-6 * first) return;
    }
  }

  /** One Newton step on the coordinates that are not at a kink. */
  private newton(): 'full' | 'partial' | 'failed' {
    const { arena, groups, m, capacity: ld } = this;
    const kernels = arena.use(denseKernels, modelKernels);
    let k = 0;
    {
      const [s, b, l1, l2, idx, g] = [
        this.starts.view,
        this.b.view,
        this.l1.view,
        this.l2.view,
        this.index.view,
        this.G.view,
      ];
      for (let u = 0; u < groups; u++) {
        if (l2[u] > 0 && squaredNorm(b, s[u], s[u + 1]) === 0) continue;
        for (let j = s[u]; j < s[u + 1]; j++) {
          if ((b[j] !== 0 || l1[u] === 0) && g[j * ld + j] > 0) idx[k++] = j;
        }
      }
    }
    if (k === 0) return 'failed';
    if (!this.factor || this.factor.length < k * k) {
      this.factor?.free();
      const size = Math.ceil(1.15 * k) + 16;
      this.factor = arena.f64Block(size * size);
    }
    const L = this.factor;
    const scratch = arena.scratch();
    try {
      const work = scratch.f64(Math.ceil(gemmWorkBytes(k, k, k) / 8));
      let factored = false;
      for (let attempt = 0, tiny = 0; attempt < 5 && !factored; attempt++, tiny = tiny === 0 ? 1e-12 : tiny * 1e3) {
        kernels.gatherSymmetric(k, this.index.pointer, this.G.pointer, ld, 0, L.pointer, k);
        this.addNormCurvature(k, L.view, tiny);
        this.factorisations++;
        factored = kernels.potrf(k, L.pointer, k, work.pointer) === 0;
      }
      if (!factored) return 'failed';
    } finally {
      scratch.release();
    }
    const [s, b, q, l1, l2] = [this.starts.view, this.b.view, this.q.view, this.l1.view, this.l2.view];
    const [d, idx] = [this.work.view, this.index.view];
    for (let a = 0, u = 0; a < k; a++) {
      const j = idx[a];
      while (s[u + 1] <= j) u++;
      const pull = l2[u] > 0 ? (l2[u] * b[j]) / Math.sqrt(squaredNorm(b, s[u], s[u + 1])) : 0;
      d[a] = q[j] - l1[u] * Math.sign(b[j]) - pull;
    }
    kernels.cholSolve(k, L.pointer, k, this.work.pointer);
    const direction = this.work.view.slice(0, k);
    if (!direction.every(Number.isFinite)) return 'failed';
    return this.search(k, m, direction);
  }

  /** Adds l2(I/‖b_g‖ − b_g b_gᵀ/‖b_g‖³) and a relative ridge to the lower triangle of L. */
  private addNormCurvature(k: number, L: Float64Array, tiny: number): void {
    const [s, b, l2, idx] = [this.starts.view, this.b.view, this.l2.view, this.index.view];
    let a = 0;
    for (let u = 0; u < this.groups && a < k; u++) {
      let end = a;
      while (end < k && idx[end] < s[u + 1]) end++;
      if (l2[u] > 0 && end > a) {
        const norm = Math.sqrt(squaredNorm(b, s[u], s[u + 1]));
        const [alongI, alongB] = [l2[u] / norm, l2[u] / norm ** 3];
        for (let c = a; c < end; c++) {
          L[c * k + c] += alongI;
          for (let r = c; r < end; r++) L[c * k + r] -= alongB * b[idx[c]] * b[idx[r]];
        }
      }
      a = end;
    }
    if (tiny > 0) for (let c = 0; c < k; c++) L[c * k + c] *= 1 + tiny;
  }

  /** Steps along d, stopping at sign changes under l1, with halving until the objective decreases. */
  private search(k: number, m: number, d: Float64Array): 'full' | 'partial' | 'failed' {
    const [s, b, q, l1, l2] = [this.starts.view, this.b.view, this.q.view, this.l1.view, this.l2.view];
    const [idx, delta, product] = [this.index.view, this.work.view, this.product.view];
    let magnitude = 0;
    for (let a = 0; a < k; a++) magnitude += Math.abs(q[idx[a]] * d[a]);
    for (let trial = 0, t = 1; trial < 10; trial++, t /= 2) {
      let clipped = false;
      let change = 0;
      let a = 0;
      for (let u = 0; u < this.groups && a < k; u++) {
        let before = 0;
        let after = 0;
        for (; a < k && idx[a] < s[u + 1]; a++) {
          const j = idx[a];
          let next = b[j] + t * d[a];
          if (l1[u] > 0 && next * b[j] < 0) {
            next = 0;
            clipped = true;
          }
          delta[a] = next - b[j];
          change += l1[u] * (Math.abs(next) - Math.abs(b[j])) - q[j] * delta[a];
          before += b[j] * b[j];
          after += next * next;
        }
        if (l2[u] > 0) change += l2[u] * (Math.sqrt(after) - Math.sqrt(before));
      }
      product.fill(0, 0, m);
      const kernels = this.arena.use(modelKernels);
      kernels.addColumns(
        m,
        k,
        this.index.pointer,
        this.G.pointer,
        this.capacity,
        1,
        this.work.pointer,
        this.product.pointer,
      );
      for (let c = 0; c < k; c++) change += 0.5 * delta[c] * product[idx[c]];
      if (change < 0 || (t === 1 && !clipped && change <= 1e-14 * magnitude)) {
        for (let c = 0; c < k; c++) b[idx[c]] += delta[c];
        for (let j = 0; j < m; j++) q[j] -= product[j];
        return t === 1 && !clipped ? 'full' : 'partial';
      }
    }
    return 'failed';
  }
}

function squaredNorm(b: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let j = from; j < to; j++) sum += b[j] * b[j];
  return sum;
}

/**
 * An upper bound on the largest eigenvalue of a positive semidefinite matrix. Up to 64 rows: ‖A^32‖_F^(1/32) by
 * repeated squaring, too large by a factor of at most k^(1/64). Beyond: power iteration with a margin of 10 %, capped
 * by the trace.
 */
export function largestEigenvalue(k: number, entry: (r: number, c: number) => number): number {
  if (k === 1) return entry(0, 0);
  let trace = 0;
  for (let j = 0; j < k; j++) trace += entry(j, j);
  if (!(trace > 0)) return 0;
  if (k > 64) {
    let x = Float64Array.from({ length: k }, (_, j) => 1 + ((j * 7) % 11) / 11);
    let size = 0;
    for (let step = 0; step < 30; step++) {
      const norm = Math.sqrt(squaredNorm(x, 0, k));
      const y = new Float64Array(k);
      for (let c = 0; c < k; c++) for (let r = 0; r < k; r++) y[r] += (entry(r, c) * x[c]) / norm;
      x = y;
      size = Math.sqrt(squaredNorm(y, 0, k));
    }
    return Math.min(trace, 1.1 * size);
  }
  let A = new Float64Array(k * k);
  for (let c = 0; c < k; c++) for (let r = 0; r < k; r++) A[c * k + r] = entry(r, c) / trace;
  let log = 0; // log of what has been divided out, per first power
  let power = 1;
  for (let round = 0; round < 5; round++) {
    const B = new Float64Array(k * k);
    for (let c = 0; c < k; c++) {
      for (let i = 0; i < k; i++) {
        const a = A[c * k + i];
        if (a !== 0) for (let r = 0; r < k; r++) B[c * k + r] += a * A[i * k + r];
      }
    }
    const norm = Math.sqrt(squaredNorm(B, 0, k * k));
    for (let i = 0; i < B.length; i++) B[i] /= norm;
    A = B;
    power *= 2;
    log += Math.log(norm) / power;
  }
  return Math.min(trace, trace * Math.exp(log) * (1 + 1e-12));
}
