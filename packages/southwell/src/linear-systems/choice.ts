import type { CscMatrix } from '@southwell/numerics/arrays';
import { analyse, type SymmetricAnalysis } from '@southwell/numerics/sparse';
import { diameter } from './connected.ts';
import type { MatrixFacts } from './facts.ts';
import type { Attempt, Planned, Undecided } from './methods.ts';

/**
 * Costs of solvers in nanoseconds on a current core, measured on grids in two and three dimensions: only their ratios
 * matter. A sweep or a product costs per entry of A; a factorisation per operation and entry of the factor.
 */
const COST = {
  /** Ordering and symbolic analysis of a symmetric factor, per entry of A. */
  analysis: 350,
  /** A multiplication and addition within dense blocks. */
  operation: 0.07,
  /** Per entry of a symmetric factor: computing it, and using it in two triangular solves. */
  factorEntry: 45,
  /** Entries of a factor for each of A, at least, of matrices that are not narrow. */
  leastFill: 2,
  /** Multigrid, per entry of A: the set-up, and a step of conjugate gradients with it. */
  multigridSetUp: 130,
  multigridStep: 13,
  /** Incomplete factorisation without fill-in, per entry of A, and a step with it. */
  incompleteSetUp: 20,
  incompleteStep: 2.2,
} as const;

/**
 * Steps of conjugate gradients with incomplete factors for a diffusion problem, per digit and per node of the graph's
 * diameter.
 */
const STEPS_ACROSS = 0.045;
/** The fraction of the time of the next method for which incomplete factors are tried first; steps that tell enough. */
const [BEFORE, PROBE] = [0.6, 12];

/**
 * Weighted number of neighbours of a row up to which a diffusion problem is strongly anisotropic; number of rows
 * sampled.
 */
const [LINES, SAMPLE] = [2.5, 200];

/**
 * Number of unknowns up to which the matrix is factored immediately, and up to which it is factored if iterative
 * methods are not promising.
 */
const [TINY, SMALL] = [100, 1500];
/** Bandwidth up to which the matrix is factored immediately. */
const NARROW = 10;
/** Number of right-hand sides from which a factorisation is worth more than iterations. */
const MANY = 8;
/** Number of entries of a factor that fit into memory, and of operations that take about a minute. */
const [MOST_ENTRIES, MOST_OPERATIONS] = [3e8, 8e11];

export interface Plan {
  /** In the order in which they are tried. The last has no limit on steps. */
  readonly attempts: readonly Planned[];
  readonly analysis?: SymmetricAnalysis;
}

/**
 * The solvers to try for a square matrix, in order: the cheapest for its properties by estimated cost, with a limit on
 * steps if it is not certain to succeed, and then one that is.
 * @param uneven Whether rows or columns differ very much in size: it is then factored if possible, as for many
 * right-hand sides.
 * @param solves Expected number of right-hand sides.
 */
export function choose(A: CscMatrix, facts: MatrixFacts, tol: number, uneven: boolean, solves: number): Plan {
  if (facts.structuralRank < facts.rows) return singular(facts);
  const digits = Math.max(1, -Math.log10(Math.max(tol, 1e-14)));
  const often = uneven || facts.rows <= TINY || solves >= MANY;
  if (facts.symmetric && facts.diagonal.positive === facts.rows) return positive(A, facts, digits, often);
  if (facts.symmetric) return indefinite(A, facts, often);
  return general(facts, digits, often);
}

/** Number of entries from which a few steps are tried before QR factors, which also tell the rank. */
const TRIED = 2e4;
const STEPS: Attempt = {
  ...{ method: 'lsmr', preconditioner: 'none', probe: 8, most: 40 },
  because: 'a few steps converged so fast that it is well-conditioned',
};

/**
 * For rectangular matrices.
 * @param solves Expected number of right-hand sides.
 */
export function leastSquares(facts: MatrixFacts, solves: number): Plan {
  const small = facts.entries < 2e6 && Math.min(facts.rows, facts.cols) < 2e5;
  const wide = facts.rows < facts.cols;
  const because = wide
    ? 'there are more unknowns than equations and the shortest solution is wanted'
    : 'there are more equations than unknowns and least squares are wanted';
  const last: Attempt = { method: small ? 'qr' : 'lsmr', preconditioner: 'none', because };
  const tried = small && facts.entries >= TRIED && solves < MANY;
  return { attempts: tried ? [STEPS, last] : [last] };
}

function singular(facts: MatrixFacts): Plan {
  const small = facts.entries < 2e6 && facts.rows < 2e5;
  const because = `it is singular whatever its values, of structural rank ${facts.structuralRank}`;
  return { attempts: [{ method: small ? 'qr' : 'lsmr', preconditioner: 'none', because }] };
}

const costOf = ({ operations, factorEntries }: SymmetricAnalysis) =>
  operations * COST.operation + factorEntries * COST.factorEntry;
const affordable = ({ operations, factorEntries }: Pick<SymmetricAnalysis, 'operations' | 'factorEntries'>) =>
  factorEntries < MOST_ENTRIES && operations < MOST_OPERATIONS;

/** A factorisation within the band of the matrix is affordable, and any other ordering is better. */
const withinBand = ({ rows: n, bandwidth }: MatrixFacts): boolean =>
  affordable({ operations: n * bandwidth * bandwidth, factorEntries: n * (bandwidth + 1) });

/** Cheap steps are tried first: they tell more about a matrix than its entries do. */
const CONJUGATE: readonly Attempt[] = [
  {
    ...{ method: 'cg', preconditioner: 'jacobi', probe: 10, most: 60 },
    because: 'a few steps converged so fast that it is well-conditioned',
  },
  {
    ...{ method: 'cg', preconditioner: 'ssor', probe: 12, most: 75, below: 180 },
    because: 'a few steps converged so fast that it is not ill-conditioned',
  },
];
const BICONJUGATE: readonly Attempt[] = [
  {
    ...{ method: 'bicgstab', preconditioner: 'jacobi', probe: 8, most: 30 },
    because: 'a few steps converged so fast that it is well-conditioned',
  },
  {
    ...{ method: 'bicgstab', preconditioner: 'incomplete-lu', probe: 12, most: 120, below: 1000 },
    because: 'it is not symmetric, and a few steps converged fast',
  },
];

/** The solvers for a symmetric matrix with a positive diagonal that do not depend on its values. */
const solversOf = (facts: MatrixFacts) =>
  ({
    cholesky: {
      method: 'cholesky',
      preconditioner: 'none',
      because: facts.dominantDefinite ? 'it is positive definite' : 'it is symmetric with a positive diagonal',
    },
    ldlt: { method: 'ldlt', preconditioner: 'none', because: 'it is symmetric, but not positive definite' },
    minres: { method: 'minres', preconditioner: 'none', because: 'it is symmetric, and its factor would be too large' },
    multigrid: {
      method: 'cg',
      preconditioner: 'multigrid',
      because: facts.zMatrix
        ? 'its entries beside the diagonal are negative, as in diffusion'
        : 'it is symmetric with a positive diagonal',
    },
  }) as const satisfies Record<string, Attempt>;

function positive(A: CscMatrix, facts: MatrixFacts, digits: number, often: boolean): Plan {
  const { rows: n } = facts;
  const singular = facts.nullComponents > 0;
  const { cholesky, ldlt, multigrid } = solversOf(facts);
  const first = often ? [] : CONJUGATE;
  // Diffusion problems are not even ordered, since that takes longer than all of multigrid.
  const grid = facts.zMatrix || facts.dominance !== 'none';
  const steps = { ...multigrid, most: Math.ceil(12 * digits) };
  if (grid && !often && n > SMALL && facts.bandwidth > NARROW) {
    const few = incompleteFirst(A, digits);
    return { attempts: [...(few ? [CONJUGATE[0], few] : first), steps, cholesky, ldlt] };
  }
  const direct = often || singular || n <= SMALL || facts.bandwidth <= NARROW;
  // The ordering is computed only if the choice depends on it, or iterations were not sufficient.
  if (direct && withinBand(facts)) return { attempts: [...first, cholesky, ldlt] };
  const few = direct ? undefined : incompleteBefore(COST.analysis + COST.leastFill * COST.factorEntry);
  return { attempts: [...first, ...(few ? [few] : []), { digits, direct }] };
}

/** What follows an undecided choice: the matrix is ordered. */
export function decide(A: CscMatrix, facts: MatrixFacts, { digits, direct }: Undecided): Plan {
  const { entries } = facts;
  const { cholesky, ldlt, minres, multigrid } = solversOf(facts);
  const analysis = analyse(A);
  if (!affordable(analysis)) return { attempts: [{ ...multigrid, most: 2000 }, minres], analysis };
  const expected = COST.multigridSetUp * entries + 2.5 * digits * COST.multigridStep * entries;
  if (direct || expected > 0.7 * costOf(analysis)) {
    const few = direct ? undefined : incompleteBefore(costOf(analysis) / entries);
    return { attempts: [...(few ? [few] : []), cholesky, ldlt], analysis };
  }
  const most = Math.max(8, Math.floor(costOf(analysis) / (COST.multigridStep * entries)));
  return { attempts: [{ ...multigrid, most }, cholesky, ldlt], analysis };
}

/**
 * Incomplete factors, if they may finish before multigrid: the graph's diameter is small, or the problem is strongly
 * anisotropic, so that the factors are nearly exact.
 */
function incompleteFirst(A: CscMatrix, digits: number): Attempt | undefined {
  const multigrid = COST.multigridSetUp + 1.35 * digits * COST.multigridStep;
  const most = Math.floor((BEFORE * multigrid - COST.incompleteSetUp) / COST.incompleteStep);
  const incomplete = { method: 'cg', preconditioner: 'incomplete-cholesky', most } as const;
  const across = diameter(A);
  if (STEPS_ACROSS * across * digits <= most) {
    return { ...incomplete, because: `it resembles a diffusion problem of diameter ${across}` };
  }
  if (neighboursOf(A) > LINES) return undefined;
  return { ...incomplete, probe: PROBE, because: 'it resembles a strongly anisotropic diffusion problem' };
}

/** Incomplete factors, if many steps with them take less time than a factorisation, given its time per entry of A. */
function incompleteBefore(factorisation: number): Attempt | undefined {
  const most = Math.floor((BEFORE * factorisation - COST.incompleteSetUp) / COST.incompleteStep);
  if (most < 2 * PROBE) return undefined;
  const because = 'a few steps with incomplete factors converged fast';
  return { method: 'cg', preconditioner: 'incomplete-cholesky', probe: PROBE, most, because };
}

/** Weighted number of neighbours of rows, each relative to the largest: the mean of a sample. */
function neighboursOf({ cols: n, colPointers, rowIndices, values }: CscMatrix): number {
  const stride = Math.max(1, Math.floor(n / SAMPLE));
  let [total, count] = [0, 0];
  for (let j = 0; j < n; j += stride) {
    let [sum, most] = [0, 0];
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (rowIndices[k] === j) continue;
      const size = Math.abs(values[k]);
      sum += size;
      if (size > most) most = size;
    }
    if (most === 0) continue;
    total += sum / most;
    count++;
  }
  return count > 0 ? total / count : 0;
}

function indefinite(A: CscMatrix, facts: MatrixFacts, often: boolean): Plan {
  const because = 'it is symmetric with a diagonal that is not all positive';
  const minres: Attempt = { method: 'minres', preconditioner: 'none', because };
  const first: Attempt = {
    ...{ method: 'bicgstab', preconditioner: 'incomplete-lu', probe: 12, most: 50 },
    because: 'a few steps with incomplete factors converged fast',
  };
  const ldlt: Attempt = { method: 'ldlt', preconditioner: 'none', because };
  const planned = (last: Attempt, analysis?: SymmetricAnalysis): Plan => ({
    attempts: often ? [last] : [first, last],
    analysis,
  });
  if (withinBand(facts)) return planned(ldlt);
  const analysis = analyse(A);
  return planned(affordable(analysis) ? ldlt : minres, analysis);
}

function general(facts: MatrixFacts, digits: number, often: boolean): Plan {
  const lu: Attempt = { method: 'lu', preconditioner: 'none', because: 'it is not symmetric' };
  if (often) return { attempts: [lu] };
  const multigrid: Attempt = {
    ...{ method: 'gmres', preconditioner: 'multigrid', most: 20 * digits },
    because: 'it is an M-matrix, as in convection–diffusion problems',
  };
  const grids = facts.zMatrix && facts.dominance !== 'none' && facts.entries > 2e5 && facts.bandwidth > NARROW;
  return { attempts: [...BICONJUGATE, ...(grids ? [multigrid] : []), lu] };
}
