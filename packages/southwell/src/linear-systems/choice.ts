import type { CscMatrix } from '@southwell/numerics/arrays';
import { cg, ssor } from '@southwell/numerics/iterative';
import { analyse, type SymmetricAnalysis } from '@southwell/numerics/sparse';
import type { MatrixFacts } from './facts.ts';
import type { Attempt } from './methods.ts';

/**
 * What solvers take, in nanoseconds on a current core, measured on grids in two and three dimensions: only their ratios
 * matter. A sweep or a product takes some per entry of A; a factor some per operation and entry of its own.
 */
const COST = {
  /** Ordering and the pattern of a symmetric factor, an entry of A. */
  analysis: 350,
  /** A multiplication and addition within dense blocks. */
  operation: 0.07,
  /** An entry of a symmetric factor: made, and used in two solves. */
  factorEntry: 45,
  /** Multigrid, an entry of A: setting it up, and a step of conjugate gradients with it. */
  multigridSetUp: 130,
  multigridStep: 13,
  /** A step with incomplete factors or SSOR, an entry of A. */
  sweepStep: 7,
  /** An operation of LU, which has no dense blocks, and an entry of its factors. */
  luOperation: 1.2,
  luEntry: 40,
} as const;

/** Unknowns up to which a factor is made without a look at anything else. */
const SMALL = 1500;
/** Entries of a factor that fit into memory, and operations that somebody would wait for (a minute). */
const [MOST_ENTRIES, MOST_OPERATIONS] = [3e8, 8e11];

/** A question asked of the matrix by a few steps of a cheap method, answered for one right-hand side. */
const [PROBE, AHEAD] = [12, 45];

export interface Plan {
  /** In the order in which they are tried. The last has no budget. */
  readonly attempts: readonly Attempt[];
  readonly analysis?: SymmetricAnalysis;
}

/**
 * Which solvers to try for a square matrix, and in which order: the cheapest for what it is by what they cost, with a budget of
 * steps where it is not certain to succeed, and then what is.
 * @param b A right-hand side that few steps may be tried on; without one the solver is to be used often, and factors count less.
 */
export function choose(A: CscMatrix, facts: MatrixFacts, tol: number, b?: Float64Array): Plan {
  if (facts.structuralRank < facts.rows) return singular(facts);
  if (facts.symmetric && facts.diagonal.positive === facts.rows) return positive(A, facts, tol, b);
  if (facts.symmetric) return indefinite(A);
  return general(facts, tol);
}

/** Rectangular, or square and singular whatever the values. */
export function leastSquares(facts: MatrixFacts): Plan {
  const small = facts.entries < 2e6 && Math.min(facts.rows, facts.cols) < 2e5;
  const wide = facts.rows < facts.cols;
  const because = wide
    ? 'there are more unknowns than equations and the shortest solution is wanted'
    : 'there are more equations than unknowns and least squares are wanted';
  return { attempts: [{ method: small ? 'qr' : 'lsmr', preconditioner: 'none', because }] };
}

function singular(facts: MatrixFacts): Plan {
  const small = facts.entries < 2e6 && facts.rows < 2e5;
  const because = `it is singular whatever its values, of structural rank ${facts.structuralRank}`;
  return { attempts: [{ method: small ? 'qr' : 'lsmr', preconditioner: 'none', because }] };
}

const costOf = ({ operations, factorEntries }: SymmetricAnalysis) =>
  operations * COST.operation + factorEntries * COST.factorEntry;
const affordable = ({ operations, factorEntries }: SymmetricAnalysis) =>
  factorEntries < MOST_ENTRIES && operations < MOST_OPERATIONS;

function positive(A: CscMatrix, facts: MatrixFacts, tol: number, b: Float64Array | undefined): Plan {
  const { rows: n, entries } = facts;
  const cholesky: Attempt = {
    method: 'cholesky',
    preconditioner: 'none',
    because: facts.dominantDefinite ? 'it is positive definite' : 'it is symmetric with a positive diagonal',
  };
  const ldlt: Attempt = {
    method: 'ldlt',
    preconditioner: 'none',
    because: 'it is symmetric, and not positive definite',
  };
  const minres: Attempt = {
    method: 'minres',
    preconditioner: 'none',
    because: 'it is symmetric, and its factor would be too large',
  };
  const grid = facts.zMatrix || facts.dominance !== 'none';
  // A semi-definite one is solved on what is orthogonal to its null space.
  if (n <= SMALL && facts.nullComponents === 0) {
    const analysis = analyse(A);
    if (affordable(analysis)) return { attempts: [cholesky, ldlt], analysis };
  }
  const digits = Math.max(1, -Math.log10(Math.max(tol, 1e-14)));
  if (b && facts.nullComponents === 0 && probe(A, b, digits)) {
    const because = 'a few steps gained so much that it is well-conditioned';
    const ssorFirst: Attempt = { method: 'cg', preconditioner: 'ssor', because, budget: 4 * AHEAD };
    return { attempts: [ssorFirst, cholesky, ldlt] };
  }
  const multigrid: Attempt = {
    method: 'cg',
    preconditioner: 'multigrid',
    because: facts.zMatrix
      ? 'its entries beside the diagonal are negative, as in diffusion'
      : 'it is symmetric with a positive diagonal',
  };
  const stepsOf = (ns: number) => Math.max(8, Math.floor(ns / (COST.multigridStep * entries)));
  if (grid) {
    // What is like a diffusion is not even ordered: that takes longer than all of multigrid.
    const budget = Math.ceil(12 * digits);
    if (n > 4 * SMALL || facts.nullComponents > 0) return { attempts: [{ ...multigrid, budget }, cholesky, ldlt] };
  }
  const analysis = analyse(A);
  if (!affordable(analysis)) return { attempts: [{ ...multigrid, budget: 2000 }, minres], analysis };
  const factor = costOf(analysis);
  const expected = COST.multigridSetUp * entries + 2.5 * digits * COST.multigridStep * entries;
  if (expected > 0.7 * factor) return { attempts: [cholesky, ldlt], analysis };
  return { attempts: [{ ...multigrid, budget: stepsOf(factor) }, cholesky, ldlt], analysis };
}

/** Whether a few steps of conjugate gradients with SSOR promise an end after some more. */
function probe(A: CscMatrix, b: Float64Array, digits: number): boolean {
  const M = ssor(A, 1.2);
  try {
    const { certificate, status } = cg(A, b, { preconditioner: M, tol: 10 ** -digits, maxIter: PROBE });
    if (status === 'converged') return true;
    const left = certificate?.relative ?? 1;
    return left < 1 && -Math.log10(left) >= (digits * PROBE) / AHEAD;
  } finally {
    M.free();
  }
}

function indefinite(A: CscMatrix): Plan {
  const analysis = analyse(A);
  const because = 'it is symmetric with a diagonal that is not all positive';
  const minres: Attempt = { method: 'minres', preconditioner: 'none', because };
  if (!affordable(analysis)) return { attempts: [minres], analysis };
  return { attempts: [{ method: 'ldlt', preconditioner: 'none', because }], analysis };
}

function general(facts: MatrixFacts, tol: number): Plan {
  const { rows: n, entries } = facts;
  const lu: Attempt = { method: 'lu', preconditioner: 'none', because: 'it is not symmetric' };
  if (n <= SMALL) return { attempts: [lu] };
  const digits = Math.max(1, -Math.log10(Math.max(tol, 1e-14)));
  const steps: Attempt = {
    method: 'bicgstab',
    preconditioner: 'incomplete-lu',
    because: 'it is not symmetric, and large',
  };
  const multigrid: Attempt = {
    method: 'gmres',
    preconditioner: 'multigrid',
    because: 'it is an M-matrix, as of convection with diffusion',
  };
  // A band of few entries is eliminated at once.
  if (facts.bandwidth <= 10) return { attempts: [lu] };
  const grids = facts.zMatrix && facts.dominance !== 'none';
  const budget = Math.ceil(12 * digits);
  const rest: Attempt[] = grids && entries > 2e5 ? [{ ...multigrid, budget: 20 * digits }, lu] : [lu];
  if (facts.diagonal.zero > 0) return { attempts: [lu] };
  return { attempts: [{ ...steps, budget }, ...rest] };
}
