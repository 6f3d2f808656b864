import type { Arena, Block } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import type { Penalty } from '../penalties/index.ts';
import { FaceFactor } from './faceFactor.ts';

/** Index of a2 among the five parameter arrays in a penalty block. */
const A2 = 1;
/**
 * Result of `faceStep` of the kernels: a step to the minimum of the face, to the first kink or bound, or no step that
 * decreases the objective; 1 is partial.
 */
const [FULL, BREAK, FAILED] = [0, 2, 3];
type NewtonStep = number;
/** Side from which a square matrix takes megabytes. */
const LARGE = 500;

/**
 * min ½bᵀGb − cᵀb + Σ g_j(b_j) over a working set, in kernel memory. Coordinate descent finds signs and active bounds;
 * Newton steps on the resulting smooth face (semismooth, two-metric projected) follow: exact in one factorisation once
 * the face is correct. Equivalent to the proximal-Newton block update of card 01 with the working set as its block.
 */
export class WorkingSetQuadratic {
  m = 0;
  capacity = 0;
  /** Gram matrix, column-major with leading dimension `capacity`. */
  G!: Block<Float64Array>;
  /** c − Gb. */
  q!: Block<Float64Array>;
  b!: Block<Float64Array>;
  /** Five arrays of length `capacity`. */
  penalty!: Block<Float64Array>;
  means!: Block<Float64Array>;
  columns!: Block<Int32Array>;
  /** Number of epochs so far. */
  epochs = 0;
  /** Three arrays of length `capacity`: a direction, a step, its product with G. */
  private work!: Block<Float64Array>;
  private index!: Block<Int32Array>;
  private readonly factor: FaceFactor;

  /** `limit`: the maximum number of members. */
  constructor(
    readonly arena: Arena,
    private readonly limit: number,
  ) {
    this.factor = new FaceFactor(arena, (k) => this.roomFor(k));
  }

  /**
   * Side of the square to allocate for k members. Large ones get their final size immediately: untouched memory is
   * free, while copying to a larger square would need both.
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
    this.work = arena.f64Block(3 * size);
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
    this.arena.use(modelKernels).compactSymmetric(k, this.index.pointer, this.G.pointer, this.capacity);
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
    for (const block of [of.G, of.q, of.b, of.penalty, of.means, of.columns, of.work, of.index]) {
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
   * Coordinate descent, and Newton steps where that is slow and the penalty has quadratic faces. Not `exact`: until no
   * step of an epoch decreases the objective by more than `tol` or 1 % of the first, which suffices while the working
   * set is still changing. `exact`: until an epoch after a full Newton step finds no further decrease. With `warm` the
   * smooth face of the present point is tried first: along a path this is the exact continuation while signs do not
   * change.
   */
  solve({ code, quadraticFaces }: Penalty, tol: number, exact: boolean, warm: boolean): void {
    const { arena, m, capacity } = this;
    let target = tol;
    const descend = (epochs: number) => {
      this.epochs += epochs;
      return arena
        .use(modelKernels)
        .gramDescent(
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
    // A face with more columns than its rank loses one at each breakpoint, which is progress however often it happens.
    let breaks = 0;
    for (let round = 0; round < 20; round++) {
      const step = this.newton();
      if (step === BREAK && breaks++ < m) {
        round--;
        continue;
      }
      if (step === FAILED) {
        descend(50);
        return;
      }
      const left = descend(2);
      // Small steps alone prove nothing if columns are nearly dependent; after a full Newton step they do.
      if (left <= target && (!exact || step === FULL)) return;
      if (step === FULL && left <= 1e-6 * first) return;
    }
  }

  /** Discards the cached factor; call when entries of G in it change or move. */
  invalidate(): void {
    this.factor.invalidate();
  }

  /** One projected Newton step on the smooth face; the factor is cached while the face stays the same. */
  newton(): NewtonStep {
    const { m, capacity: ld, index, G, q, b, penalty, factor } = this;
    const kernels = this.arena.use(modelKernels);
    const k = kernels.faceRows(m, G.pointer, ld, b.pointer, penalty.pointer, index.pointer);
    const L = k === 0 ? undefined : factor.of(k, index, G, ld, penalty.pointer + 8 * A2 * ld);
    if (!L) return FAILED;
    const at = [q.pointer, b.pointer, penalty.pointer, this.work.pointer] as const;
    return kernels.faceStep(m, k, index.pointer, L.pointer, factor.stride, G.pointer, ld, ...at);
  }
}
