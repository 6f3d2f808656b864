import { Arena } from '@southwell/kernels';
import { asMatrix, CscMatrix, type MatrixLike } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, wholeNumber } from '../../core/index.ts';
import type { Preconditioner } from '../../operators/index.ts';
import type { Strength } from './amgAggregates.ts';
import { type Coarsening, coarsen, type Grid } from './amgCoarsen.ts';
import { type CoarsestSolver, coarsestSolver } from './amgCoarsest.ts';
import { type Cycle, Multigrid, type Step } from './amgCycle.ts';
import { checkedRows } from './amgInput.ts';
import { Level, type Smoothing } from './amgLevel.ts';
import { spectralRadius } from './amgProlong.ts';
import type { Rows } from './amgRows.ts';

export interface MultigridOptions {
  /**
   * Whether A is symmetric (default: detected). If so, the smoother reads only the lower triangle, including the
   * diagonal.
   */
  readonly symmetric?: boolean;
  /**
   * Near-null-space vectors over all unknowns, which the coarse spaces must represent, such as the rigid-body modes of
   * an elastic body. Default: constants.
   */
  readonly candidates?: readonly Float64Array[];
  /** Unknowns per node (block size), which are aggregated together, such as the displacements of a point. Default 1. */
  readonly blockSize?: number;
  /** Strength-of-connection measure: entries of large magnitude, or large negative entries. Default 'absolute'. */
  readonly strength?: Strength;
  /** Strength threshold relative to the largest entry of the row. Default 0.15, for 'classical' 0.25. */
  readonly threshold?: number;
  /** Default 'greedy', for a nonsymmetric A 'pairwise'. */
  readonly aggregation?: 'greedy' | 'pairwise';
  /** Default 'smoothed', for pairwise aggregation 'plain'. */
  readonly prolongation?: 'smoothed' | 'plain';
  /** Default 'gaussSeidel': forward sweeps before the coarse-grid correction and backward sweeps after it. */
  readonly smoother?: 'gaussSeidel' | 'chebyshev' | 'jacobi';
  /** Pre- and post-smoothing sweeps; the degree of 'chebyshev'. Default 1, for 'chebyshev' 2. */
  readonly sweeps?: number;
  /**
   * A 'K' cycle varies from one application to the next: use a flexible method. Default 'W', with plain prolongation
   * 'K'.
   */
  readonly cycle?: Cycle;
  /** Maximum size of the coarsest level, solved by a dense factorisation. Default 200. */
  readonly coarsest?: number;
  /** Maximum number of levels. Default 30. */
  readonly maxLevels?: number;
}

const optionKeys: OptionKeys<MultigridOptions> = {
  symmetric: true,
  candidates: true,
  blockSize: true,
  strength: true,
  threshold: true,
  aggregation: true,
  prolongation: true,
  smoother: true,
  sweeps: true,
  cycle: true,
  coarsest: true,
  maxLevels: true,
};

/** A level of a hierarchy; the finest level comes first. */
export interface MultigridLevel {
  readonly unknowns: number;
  readonly entries: number;
}

export interface AlgebraicMultigrid extends Preconditioner {
  readonly levels: readonly MultigridLevel[];
  /** Ratio of the number of entries on all levels to that of A. */
  readonly operatorComplexity: number;
  /** Ratio of the number of unknowns on all levels to that of A. */
  readonly gridComplexity: number;
  readonly cycle: Cycle;
  /** Coarsest-level solver: a dense factorisation or, if coarsening stalled, smoothing sweeps. */
  readonly coarsest: 'dense' | 'smoother';
  /** Bytes of kernel memory that the hierarchy holds. */
  readonly bytes: number;
  /**
   * Frees the factor of the coarsest level immediately; the remainder is freed with the object, which must not be used
   * afterwards.
   */
  free(): void;
}

/**
 * Smoothed-aggregation algebraic multigrid (Vaněk, Mandel and Brezina 1996), a preconditioner for symmetric positive
 * definite matrices, such as those of diffusion and elasticity, and for positive semi-definite ones whose null space is
 * spanned by the candidates: each application is one W cycle, which is symmetric positive definite. For a nonsymmetric
 * A, double pairwise aggregation without smoothing, and a K cycle (Notay 2010, 2012): suited to M-matrices, such as
 * those of convection-diffusion problems. It varies between applications, so use a flexible method such as FGMRES. If
 * coarsening stalls, the coarsest level is only smoothed; see `coarsest`. The hierarchy holds copies, so A may change
 * afterwards. Set-up O(entries), application O(operatorComplexity · entries).
 *
 * @example const M = algebraicMultigrid(A); M.apply(r, z);
 * @throws INVALID_SHAPE, NON_FINITE, SINGULAR, INVALID_PARAMETER, NUMERICAL.
 */
export function algebraicMultigrid(A: MatrixLike, options: MultigridOptions = {}): AlgebraicMultigrid {
  knownKeys('algebraicMultigrid', options, optionKeys);
  const given = asMatrix(A);
  if (given.rows !== given.cols) {
    fail('INVALID_SHAPE', `Multigrid needs a square matrix, but A is ${given.rows} × ${given.cols}.`);
  }
  const n = given.rows;
  const settings = checkedOptions(options, n);
  const matrix = given.kind === 'csc' ? given : CscMatrix.fromDense(given);
  // The products of the set-up need far more memory than their results, so they use a temporary memory of their own.
  const scratch = new Arena();
  const arena = new Arena();
  const { rows, scale, symmetric } = checkedRows(matrix, scratch, options.symmetric);
  if (matrix !== A) matrix.free();
  if (given !== A && given !== matrix) given.free();
  const aggregation = options.aggregation ?? (symmetric ? 'greedy' : 'pairwise');
  const prolongation = options.prolongation ?? (aggregation === 'pairwise' ? 'plain' : 'smoothed');
  const cycle = options.cycle ?? (prolongation === 'plain' ? 'K' : 'W');
  if (!symmetric && prolongation === 'smoothed') {
    fail('NOT_SUPPORTED', "prolongation 'smoothed' requires a symmetric A; omit it, or use 'plain'.");
  }
  const how: Coarsening = {
    strength: settings.strength,
    threshold: settings.threshold,
    aggregation,
    prolongation,
    symmetric,
  };
  const levels: MultigridLevel[] = [];
  const steps: Step[] = [];
  let grid: Grid = { A: rows, inverse: inverseDiagonal(rows), candidates: settings.candidates, nodes: settings.nodes };
  let entries = 0;
  let unknowns = 0;
  const levelOf = ({ A: own, inverse }: Grid): Level => {
    const { smoother: kind, sweeps } = settings;
    const smoothing: Smoothing = {
      kind,
      sweeps,
      radius: kind === 'gaussSeidel' ? 0 : Math.max(1, spectralRadius(own)),
    };
    return new Level(arena, own, inverse, symmetric, smoothing);
  };
  let solver: CoarsestSolver | undefined;
  for (;;) {
    levels.push({ unknowns: grid.A.rows, entries: grid.A.entries });
    entries += grid.A.entries;
    unknowns += grid.A.rows;
    const small = grid.A.rows <= settings.coarsest;
    const found = small || levels.length >= settings.maxLevels ? undefined : coarsen(grid, how);
    if (!found) {
      if (small) solver = coarsestSolver(grid.A, grid.inverse, symmetric);
      break;
    }
    steps.push({ level: levelOf(grid), P: found.P.copyTo(arena) });
    found.P.free();
    grid = found.next;
  }
  const multigrid = new Multigrid(steps, levelOf(grid), solver, cycle, symmetric);
  const { finest } = multigrid;
  return {
    size: n,
    symmetric: symmetric && cycle !== 'K',
    levels,
    operatorComplexity: levels[0].entries > 0 ? entries / levels[0].entries : 1,
    gridComplexity: n > 0 ? unknowns / n : 1,
    cycle,
    coarsest: solver ? 'dense' : 'smoother',
    bytes: arena.allocatedBytes,
    free: () => solver?.free?.(),
    apply(r, z) {
      if (n === 0) return;
      const b = finest.b.view;
      // The hierarchy is of A/scale, so the result is divided by the scale.
      if (scale === 1) b.set(r);
      else for (let i = 0; i < n; i++) b[i] = r[i] / scale;
      multigrid.solve(0, finest.b.pointer, finest.x.pointer);
      z.set(finest.x.view);
    },
  };
}

function inverseDiagonal(A: Rows): Float64Array {
  const { pointers, indices, values } = A.views;
  const out = new Float64Array(A.rows);
  for (let i = 0; i < A.rows; i++) {
    let k = pointers[i];
    while (indices[k] !== i) k++;
    out[i] = 1 / values[k];
  }
  return out;
}

/** Fills in defaults and checks the options. */
function checkedOptions(options: MultigridOptions, n: number) {
  const { strength = 'absolute', smoother = 'gaussSeidel', blockSize = 1, coarsest = 200, maxLevels = 30 } = options;
  const oneOf = (name: string, value: string | undefined, names: readonly string[]) => {
    if (value === undefined || names.includes(value)) return;
    fail('INVALID_PARAMETER', `${name} must be ${names.map((x) => `'${x}'`).join(' or ')}, but is '${value}'.`);
  };
  oneOf('strength', strength, ['absolute', 'classical']);
  oneOf('smoother', smoother, ['gaussSeidel', 'chebyshev', 'jacobi']);
  oneOf('aggregation', options.aggregation, ['greedy', 'pairwise']);
  oneOf('prolongation', options.prolongation, ['smoothed', 'plain']);
  oneOf('cycle', options.cycle, ['V', 'W', 'K']);
  const threshold = options.threshold ?? (strength === 'absolute' ? 0.15 : 0.25);
  if (!(threshold >= 0 && threshold < 1)) {
    fail('INVALID_PARAMETER', `threshold must be at least 0 and below 1, but is ${threshold}.`);
  }
  const sweeps = options.sweeps ?? (smoother === 'chebyshev' ? 2 : 1);
  wholeNumber('sweeps', sweeps, 1, 100);
  wholeNumber('blockSize', blockSize, 1);
  wholeNumber('coarsest', coarsest, 1, 5000);
  wholeNumber('maxLevels', maxLevels, 1);
  if (n % blockSize !== 0) {
    fail('INVALID_SHAPE', `A has ${n} rows, which is not a multiple of blockSize ${blockSize}.`);
  }
  options.candidates?.forEach((v, c) => {
    if (v.length !== n) fail('INVALID_SHAPE', `Candidate ${c + 1} has ${v.length} values, but A has ${n} rows.`);
    const at = v.findIndex((x) => !Number.isFinite(x));
    if (at >= 0) fail('NON_FINITE', `Candidate ${c + 1} has the value ${v[at]} in row ${at + 1}.`);
  });
  if (options.candidates?.length === 0) {
    fail('INVALID_PARAMETER', 'candidates is an empty list; leave it out for constants, or give at least one.');
  }
  const nodes = blockSize > 1 ? Int32Array.from({ length: n }, (_, i) => Math.floor(i / blockSize)) : undefined;
  // One constant vector per component.
  const constants = () =>
    Array.from({ length: blockSize }, (_, c) =>
      Float64Array.from({ length: n }, (_, i) => (i % blockSize === c ? 1 : 0)),
    );
  const candidates = options.candidates ?? (blockSize > 1 ? constants() : undefined);
  return { strength, smoother, threshold, sweeps, coarsest, maxLevels, nodes, candidates };
}
