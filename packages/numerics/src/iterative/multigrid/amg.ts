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
  /** Whether A is symmetric (default: it is looked at). Of an A that is said to be, only what lies on and beneath the diagonal smooths. */
  readonly symmetric?: boolean;
  /**
   * Vectors over all unknowns that the coarse levels must be able to make: what A makes small, as the rigid motions of an elastic body.
   * Default: constants.
   */
  readonly candidates?: readonly Float64Array[];
  /** Unknowns per node (block size), which are aggregated together, such as displacements of a point. Default 1. */
  readonly blockSize?: number;
  /** Strength-of-connection measure: large entries, or large negative ones. Default 'absolute'. */
  readonly strength?: Strength;
  /** Strength threshold relative to the largest entry of the row. Default 0.15, for 'classical' 0.25. */
  readonly threshold?: number;
  /** Default 'greedy', of an A that is not symmetric 'pairwise'. */
  readonly aggregation?: 'greedy' | 'pairwise';
  /** Default 'smoothed', of pairs 'plain'. */
  readonly prolongation?: 'smoothed' | 'plain';
  /** Default 'gaussSeidel': one sweep forward before a coarse correction and one backward after it. */
  readonly smoother?: 'gaussSeidel' | 'chebyshev' | 'jacobi';
  /** Pre- and post-smoothing sweeps; the degree of 'chebyshev'. Default 1, for 'chebyshev' 2. */
  readonly sweeps?: number;
  /** 'K' changes from one application to the next: use a flexible method. Default 'W', of plain prolongation 'K'. */
  readonly cycle?: Cycle;
  /** Maximum size of the coarsest level, solved by a dense factorisation. Default 200. */
  readonly coarsest?: number;
  /** Default 30. */
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

/** A level of a hierarchy, the finest first. */
export interface MultigridLevel {
  readonly unknowns: number;
  readonly entries: number;
}

export interface AlgebraicMultigrid extends Preconditioner {
  readonly levels: readonly MultigridLevel[];
  /** Entries of all levels over those of A. */
  readonly operatorComplexity: number;
  /** Unknowns of all levels over those of A. */
  readonly gridComplexity: number;
  readonly cycle: Cycle;
  /** What ends the hierarchy: a dense factor or, where nothing could be coarsened any more, sweeps of the smoother. */
  readonly coarsest: 'dense' | 'smoother';
  /** Bytes of kernel memory that the hierarchy holds. */
  readonly bytes: number;
  /** Gives the factor of the coarsest level back now; the rest goes with the object, which cannot be used afterwards. */
  free(): void;
}

/**
 * Algebraic multigrid by smoothed aggregation (Vaněk, Mandel and Brezina 1996), a preconditioner for symmetric positive definite matrices
 * such as those of diffusion and elasticity, and for positive semi-definite ones whose null space the candidates make: one W cycle a
 * call, symmetric positive definite. Of an A that is not symmetric, pairs of pairs without smoothing and a K cycle (Notay 2010, 2012),
 * which is for M-matrices, such as those of convection with diffusion, and changes from call to call: use a flexible method, such as
 * FGMRES. What cannot be coarsened is smoothed only: `coarsest` tells. Holds copies, so that A may change or go afterwards. Set-up
 * O(entries), a call O(operatorComplexity · entries).
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
  // Products of the set-up need far more room than what they leave: a memory of their own, which goes when they are done.
  const scratch = new Arena();
  const arena = new Arena();
  const { rows, scale, symmetric } = checkedRows(matrix, scratch, options.symmetric);
  if (matrix !== A) matrix.free();
  if (given !== A && given !== matrix) given.free();
  const aggregation = options.aggregation ?? (symmetric ? 'greedy' : 'pairwise');
  const prolongation = options.prolongation ?? (aggregation === 'pairwise' ? 'plain' : 'smoothed');
  const cycle = options.cycle ?? (prolongation === 'plain' ? 'K' : 'W');
  if (!symmetric && prolongation === 'smoothed') {
    fail(
      'NOT_SUPPORTED',
      "A is not symmetric, for which prolongation 'smoothed' is not made; leave it out, or say 'plain'.",
    );
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
      // A/scale is what was factored: its inverse is too large by the scale.
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

/** Defaults filled in. */
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
    fail('INVALID_SHAPE', `A has ${n} rows, which are no whole number of blocks of blockSize ${blockSize}.`);
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
  // A constant of each component.
  const constants = () =>
    Array.from({ length: blockSize }, (_, c) =>
      Float64Array.from({ length: n }, (_, i) => (i % blockSize === c ? 1 : 0)),
    );
  const candidates = options.candidates ?? (blockSize > 1 ? constants() : undefined);
  return { strength, smoother, threshold, sweeps, coarsest, maxLevels, nodes, candidates };
}
