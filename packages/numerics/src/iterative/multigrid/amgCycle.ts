import { sparseKernels } from '@southwell/kernels/sparse';
import { systemKernels } from '@southwell/kernels/systems';
import type { CoarsestSolver } from './amgCoarsest.ts';
import type { Level } from './amgLevel.ts';
import type { Rows } from './amgRows.ts';

/** V: one coarse-grid correction per level; W: two; K: two flexible Krylov steps on coarse levels (Notay 2008). */
export type Cycle = 'V' | 'W' | 'K';

/** A level with its transfer to the next coarser one: x ← x + P·(coarse solution of Pᵀr). */
export interface Step {
  readonly level: Level;
  readonly P: Rows;
}

/** Symmetric sweeps that replace the dense solve if the coarsest level is too large for it. */
const SWEEPS = 4;

/** The second step of a K cycle is skipped if the first leaves at most this fraction of the residual (Notay 2008). */
const ENOUGH = 0.25;

/** The levels and the order in which they are visited. */
export class Multigrid {
  /** Whether each level is visited twice for each visit of the level above. */
  private readonly twice: readonly boolean[];

  constructor(
    private readonly steps: readonly Step[],
    private readonly last: Level,
    /** Undefined if the coarsest level is only smoothed. */
    private readonly solver: CoarsestSolver | undefined,
    private readonly cycle: Cycle,
    private readonly symmetric: boolean,
  ) {
    // Limits the number of visits so that all visits of a level together cost at most one of the finest, however slowly
    // the levels shrink.
    let visits = 1;
    this.twice = steps.map(({ level }, at) => {
      const worth = cycle !== 'V' && at > 0 && 2 * visits * level.entries <= steps[0].level.entries;
      if (worth) visits *= 2;
      return worth;
    });
  }

  get finest(): Level {
    return this.steps.length > 0 ? this.steps[0].level : this.last;
  }

  /** x ← an approximation of A⁻¹b on level `at`, where b and x are pointers. */
  solve(at: number, b: number, x: number): void {
    if (at === this.steps.length) {
      this.solveCoarsest(b, x);
      return;
    }
    const { level, P } = this.steps[at];
    const kernels = level.arena.use(sparseKernels, systemKernels);
    level.before(b, x);
    const below = at + 1 === this.steps.length ? this.last : this.steps[at + 1].level;
    kernels.cscGemv(P.cols, P.rows, ...P.at, level.r.pointer, below.b.pointer);
    this.correct(at + 1, below);
    kernels.rowsAdd(P.rows, ...P.at, below.x.pointer, x);
    level.after(b, x);
  }

  /** x ← an approximation of A⁻¹b for the vectors of a coarse level, with as many visits as the cycle prescribes. */
  private correct(at: number, level: Level): void {
    const [b, x] = [level.b.pointer, level.x.pointer];
    this.solve(at, b, x);
    if (!this.twice[at]) return;
    if (this.cycle === 'W') {
      const [rest, step] = level.extra(2);
      level.residual(b, x, rest);
      this.solve(at, rest, step);
      level.arena.kernels.axpy(level.n, 1, step, x);
    } else this.combine(at, level);
  }

  /** Two steps of flexible CG, or of GCR if A is not symmetric, preconditioned by the cycle. */
  private combine(at: number, level: Level): void {
    const { n, arena } = level;
    const { kernels } = arena;
    const [b, x] = [level.b.pointer, level.x.pointer];
    const [rest, step, image, other] = level.extra(4);
    // Computes Ax as b − (b − Ax).
    level.residual(b, x, rest);
    this.copy(n, b, image);
    kernels.axpy(n, -1, rest, image);
    const against = this.symmetric ? x : image;
    const size = kernels.dot(n, image, against);
    if (!(size > 0)) return;
    const alpha = kernels.dot(n, b, against) / size;
    this.copy(n, b, rest);
    kernels.axpy(n, -alpha, image, rest);
    if (kernels.dot(n, rest, rest) <= ENOUGH * ENOUGH * kernels.dot(n, b, b)) {
      this.scale(n, alpha, x);
      return;
    }
    this.solve(at, rest, step);
    level.residual(rest, step, other);
    this.scale(n, -1, other);
    kernels.axpy(n, 1, rest, other);
    const own = this.symmetric ? step : other;
    const shared = kernels.dot(n, other, against);
    const rho = kernels.dot(n, other, own) - (shared * shared) / size;
    const beta = rho > 0 ? kernels.dot(n, rest, own) / rho : 0;
    this.scale(n, alpha - (beta * shared) / size, x);
    kernels.axpy(n, beta, step, x);
  }

  private copy(n: number, from: number, to: number): void {
    this.last.arena.f64.copyWithin(to / 8, from / 8, from / 8 + n);
  }

  private scale(n: number, by: number, at: number): void {
    const { f64 } = this.last.arena;
    for (let i = at / 8; i < at / 8 + n; i++) f64[i] *= by;
  }

  private solveCoarsest(b: number, x: number): void {
    const { last, solver } = this;
    const { n, arena } = last;
    if (solver) {
      solver.solve(arena.f64.subarray(b / 8, b / 8 + n), arena.f64.subarray(x / 8, x / 8 + n));
      return;
    }
    last.before(b, x);
    last.after(b, x);
    const [rest, step] = last.extra(2);
    for (let sweep = 1; sweep < SWEEPS; sweep++) {
      last.residual(b, x, rest);
      last.before(rest, step);
      last.after(rest, step);
      arena.kernels.axpy(n, 1, step, x);
    }
  }
}
