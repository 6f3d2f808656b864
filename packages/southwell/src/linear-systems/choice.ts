import type { CscMatrix } from '@southwell/numerics/arrays';
import { analyse, type SymmetricAnalysis } from '@southwell/numerics/sparse';
import { diameter } from './connected.ts';
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
  /** Incomplete factors of its pattern, an entry of A, and a step with them. */
  incompleteSetUp: 20,
  incompleteStep: 2.2,
} as const;

/** Steps of conjugate gradients with incomplete factors on a diffusion, a digit and an entry of the way across. */
const STEPS_ACROSS = 0.045;
/** The share of multigrid's time that incomplete factors may take before it is tried. */
const BEFORE = 0.6;

/** Neighbours of a row, by their size, up to which diffusion goes along lines; rows that are looked at. */
const [LINES, SAMPLE] = [2.5, 200];

/** Unknowns up to which a factor is made at once, and up to which it is made where steps do not promise much. */
const [TINY, SMALL] = [100, 1500];
/** A band that is eliminated at once. */
const NARROW = 10;
/** Solves from which on factors are worth more than steps. */
const MANY = 8;
/** Entries of a factor that fit into memory, and operations that somebody would wait for (a minute). */
const [MOST_ENTRIES, MOST_OPERATIONS] = [3e8, 8e11];

export interface Plan {
  /** In the order in which they are tried. The last has no budget. */
  readonly attempts: readonly Attempt[];
  readonly analysis?: SymmetricAnalysis;
}

/**
 * Which solvers to try for a square matrix, and in which order: the cheapest for what it is by what they cost, with a budget of
 * steps where it is not certain to succeed, and then what is.
 * @param solves How many right-hand sides are expected.
 */
export function choose(A: CscMatrix, facts: MatrixFacts, tol: number, solves: number): Plan {
  if (facts.structuralRank < facts.rows) return singular(facts);
  const digits = Math.max(1, -Math.log10(Math.max(tol, 1e-14)));
  const often = facts.rows <= TINY || solves >= MANY;
  if (facts.symmetric && facts.diagonal.positive === facts.rows) return positive(A, facts, digits, often);
  if (facts.symmetric) return indefinite(A, facts, often);
  return general(facts, digits, often);
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
const affordable = ({ operations, factorEntries }: Pick<SymmetricAnalysis, 'operations' | 'factorEntries'>) =>
  factorEntries < MOST_ENTRIES && operations < MOST_OPERATIONS;

/** A factor within the band of the matrix would be affordable, and any other order is better. */
const withinBand = ({ rows: n, bandwidth }: MatrixFacts): boolean =>
  affordable({ operations: n * bandwidth * bandwidth, factorEntries: n * (bandwidth + 1) });

/** Steps so cheap that a few of them are tried first: they tell more of a matrix than its entries do. */
const CONJUGATE: readonly Attempt[] = [
  {
    ...{ method: 'cg', preconditioner: 'jacobi', probe: 10, most: 60 },
    because: 'a few steps gained so much that it is well-conditioned',
  },
  {
    ...{ method: 'cg', preconditioner: 'ssor', probe: 12, most: 75, below: 180 },
    because: 'a few steps gained so much that it is not ill-conditioned',
  },
];
const BICONJUGATE: readonly Attempt[] = [
  {
    ...{ method: 'bicgstab', preconditioner: 'jacobi', probe: 8, most: 30 },
    because: 'a few steps gained so much that it is well-conditioned',
  },
  {
    ...{ method: 'bicgstab', preconditioner: 'incomplete-lu', probe: 12, most: 120, below: 1000 },
    because: 'it is not symmetric, and a few steps gained much',
  },
];

function positive(A: CscMatrix, facts: MatrixFacts, digits: number, often: boolean): Plan {
  const { rows: n, entries } = facts;
  const singular = facts.nullComponents > 0;
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
  const multigrid: Attempt = {
    method: 'cg',
    preconditioner: 'multigrid',
    because: facts.zMatrix
      ? 'its entries beside the diagonal are negative, as in diffusion'
      : 'it is symmetric with a positive diagonal',
  };
  const first = often ? [] : CONJUGATE;
  // What is like a diffusion is not even ordered: that takes longer than all of multigrid.
  const grid = facts.zMatrix || facts.dominance !== 'none';
  const steps = { ...multigrid, most: Math.ceil(12 * digits) };
  if (grid && !often && n > SMALL && facts.bandwidth > NARROW) {
    const few = incompleteFirst(A, digits);
    return { attempts: [...(few ? [CONJUGATE[0], few] : first), steps, cholesky, ldlt] };
  }
  const direct = often || singular || n <= SMALL || facts.bandwidth <= NARROW;
  // The order of the unknowns is looked for where something hangs on it, or steps have not been enough.
  if (direct && withinBand(facts)) return { attempts: [...first, cholesky, ldlt] };
  const analysis = analyse(A);
  if (!affordable(analysis)) return { attempts: [...first, { ...multigrid, most: 2000 }, minres], analysis };
  const expected = COST.multigridSetUp * entries + 2.5 * digits * COST.multigridStep * entries;
  if (direct || expected > 0.7 * costOf(analysis)) {
    return { attempts: [...first, cholesky, ldlt], analysis };
  }
  const most = Math.max(8, Math.floor(costOf(analysis) / (COST.multigridStep * entries)));
  return { attempts: [...first, { ...multigrid, most }, cholesky, ldlt], analysis };
}

/** Incomplete factors, where they may be through before multigrid: the way across is short, or diffusion goes along lines, whose factors are exact. */
function incompleteFirst(A: CscMatrix, digits: number): Attempt | undefined {
  const multigrid = COST.multigridSetUp + 1.35 * digits * COST.multigridStep;
  const most = Math.floor((BEFORE * multigrid - COST.incompleteSetUp) / COST.incompleteStep);
  const incomplete = { method: 'cg', preconditioner: 'incomplete-cholesky', most } as const;
  const across = diameter(A);
  if (STEPS_ACROSS * across * digits <= most) {
    return { ...incomplete, because: `it is like a diffusion, and ${across} entries lead from one end to the other` };
  }
  if (neighboursOf(A) > LINES) return undefined;
  return { ...incomplete, probe: 12, because: 'it is like a diffusion along lines' };
}

/** How many neighbours rows have, each counted by its size beside the largest: the mean of a sample. */
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
    because: 'a few steps with incomplete factors gained much',
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
    because: 'it is an M-matrix, as of convection with diffusion',
  };
  const grids = facts.zMatrix && facts.dominance !== 'none' && facts.entries > 2e5 && facts.bandwidth > NARROW;
  return { attempts: [...BICONJUGATE, ...(grids ? [multigrid] : []), lu] };
}
