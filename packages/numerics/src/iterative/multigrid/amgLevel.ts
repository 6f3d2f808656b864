import { type Arena, type Block, denseKernels } from '@southwell/kernels';
import { systemKernels } from '@southwell/kernels/systems';
import { Rows } from './amgRows.ts';

/** How high-frequency errors are damped on a level. */
export interface Smoothing {
  readonly kind: 'gaussSeidel' | 'chebyshev' | 'jacobi';
  /** Sweeps before and after the coarse-grid correction; for 'chebyshev', the degree. */
  readonly sweeps: number;
  /** An upper bound on the largest eigenvalue of D⁻¹A, for 'chebyshev' and 'jacobi'. */
  readonly radius: number;
}

/** The Chebyshev polynomial is small from the largest eigenvalue down to this fraction of it. */
const LOWER = 1 / 4;

/**
 * A matrix with its smoother. Of a symmetric matrix only the lower triangle is stored, which every sweep reads once.
 */
export class Level {
  private readonly full: Rows | undefined;
  private readonly half: Rows | undefined;
  private readonly diagonal: Block<Float64Array>;
  private readonly inverse: Block<Float64Array>;
  /** Work vectors of the cycle: right-hand side, solution, residual and scratch. */
  readonly b: Block<Float64Array>;
  readonly x: Block<Float64Array>;
  readonly r: Block<Float64Array>;
  readonly s: Block<Float64Array>;
  private readonly more: Array<Block<Float64Array>> = [];
  /** Number of entries of the whole matrix. */
  readonly entries: number;
  readonly n: number;

  /**
   * Frees A.
   * @param arena the arena of the level.
   * @param inverse 1/a_ii; 0 for rows that are not smoothed.
   */
  constructor(
    arena: Arena,
    A: Rows,
    inverse: Float64Array,
    symmetric: boolean,
    private readonly smoothing: Smoothing,
  ) {
    const { rows: n } = A;
    this.n = n;
    this.entries = A.entries;
    this.diagonal = arena.f64Block(n);
    this.inverse = arena.f64Block(n);
    this.b = arena.f64Block(n);
    this.x = arena.f64Block(n);
    this.r = arena.f64Block(n);
    this.s = arena.f64Block(n);
    // Initialised, because Chebyshev's recurrence multiplies the contents by zero.
    this.s.view.fill(0);
    this.inverse.view.set(inverse);
    this.half = symmetric ? lowerPart(arena, A, this.diagonal) : undefined;
    this.full = symmetric ? undefined : A.copyTo(arena);
    A.free();
  }

  get arena(): Arena {
    return this.b.arena;
  }

  /** Allocates further vectors, returned as pointers, for levels that are visited more than once per cycle. */
  extra(count: number): readonly number[] {
    while (this.more.length < count) this.more.push(this.arena.f64Block(this.n));
    return this.more.map(({ pointer }) => pointer);
  }

  /** r ← b − Ax, where all arguments are pointers. */
  residual(b: number, x: number, r: number): void {
    const kernels = this.arena.use(systemKernels);
    if (this.half) kernels.halfResidual(this.n, ...this.half.at, this.diagonal.pointer, b, x, r);
    else kernels.rowsResidual(this.n, ...this.full!.at, x, b, r);
  }

  /** Pre-smoothing: x ← smoothed from 0, r ← b − Ax. */
  before(b: number, x: number): void {
    const { n, half, inverse, smoothing } = this;
    const kernels = this.arena.use(denseKernels, systemKernels);
    const r = this.r.pointer;
    if (smoothing.kind !== 'gaussSeidel') {
      this.polynomial(b, x, true);
      this.residual(b, x, r);
    } else if (half) {
      kernels.halfForward(n, ...half.at, inverse.pointer, b, x, r);
      for (let sweep = 1; sweep < smoothing.sweeps; sweep++) {
        // May be done in place, since r is read row by row before it is written.
        const step = this.s.pointer;
        kernels.halfForward(n, ...half.at, inverse.pointer, r, step, r);
        kernels.axpy(n, 1, step, x);
      }
    } else {
      this.arena.f64.fill(0, x / 8, x / 8 + n);
      for (let sweep = 0; sweep < smoothing.sweeps; sweep++) {
        kernels.rowsSweep(n, ...this.full!.at, inverse.pointer, b, x, false);
      }
      this.residual(b, x, r);
    }
  }

  /** Post-smoothing of x: the adjoint of the error propagation of {@link before}. */
  after(b: number, x: number): void {
    const { n, half, inverse, smoothing } = this;
    const kernels = this.arena.use(systemKernels);
    if (smoothing.kind !== 'gaussSeidel') this.polynomial(b, x, false);
    else {
      for (let sweep = 0; sweep < smoothing.sweeps; sweep++) {
        if (half) kernels.halfBackward(n, ...half.at, inverse.pointer, b, x, this.s.pointer);
        else kernels.rowsSweep(n, ...this.full!.at, inverse.pointer, b, x, true);
      }
    }
  }

  /** Steps of Jacobi or Chebyshev iteration (Saad 2003, Algorithm 12.1). */
  private polynomial(b: number, x: number, first: boolean): void {
    const { n, inverse, smoothing } = this;
    const { kind, sweeps, radius } = smoothing;
    const kernels = this.arena.use(systemKernels);
    const [r, p] = [this.r.pointer, this.s.pointer];
    const [theta, delta] = [(radius * (1 + LOWER)) / 2, (radius * (1 - LOWER)) / 2];
    const sigma = theta / delta;
    let rho = 1 / sigma;
    for (let step = 0; step < sweeps; step++) {
      const zero = first && step === 0;
      if (!zero) this.residual(b, x, r);
      let [beta, gamma] = [0, kind === 'jacobi' ? 4 / 3 / radius : 1 / theta];
      if (kind === 'chebyshev' && step > 0) {
        const next = 1 / (2 * sigma - rho);
        beta = next * rho;
        gamma = (2 * next) / delta;
        rho = next;
      }
      kernels.chebyshevStep(n, beta, gamma, inverse.pointer, zero ? b : r, p, x, zero);
    }
  }
}

/** The strict lower triangle, in rows; the diagonal is written to `diagonal`. */
function lowerPart(arena: Arena, A: Rows, diagonal: Block<Float64Array>): Rows {
  const n = A.rows;
  const kernels = A.arena.use(systemKernels);
  // Built in the arena of A, then copied, because kernels cannot access two memories.
  const scratch = A.arena.scratch();
  try {
    const [starts, own] = [scratch.i32(n + 1), scratch.f64(n)];
    const below = kernels.lowerRows(n, ...A.at, starts.pointer, 0, 0, 0);
    const [columns, values] = [scratch.i32(below), scratch.f64(below)];
    kernels.lowerRows(n, ...A.at, starts.pointer, columns.pointer, values.pointer, own.pointer);
    const out = Rows.create(arena, n, n, below);
    const to = out.views;
    to.pointers.set(starts.view);
    to.indices.set(columns.view);
    to.values.set(values.view);
    diagonal.view.set(own.view);
    return out;
  } finally {
    scratch.release();
  }
}
