import type { CscMatrix } from '../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../core/index.ts';
import { type CholeskyFactor, factorCholesky } from './cholesky.ts';
import { checkEntries } from './factor.ts';
import { factorLdlt, type SparseLdltFactor } from './ldlt/ldlt.ts';
import { THRESHOLD } from './ldlt/ldltFronts.ts';
import { checkPattern, checkSquare, copyPattern, type Pattern } from './pattern.ts';
import { type Entries, type Ordering, type Supernodes, supernodes } from './supernodes.ts';

export interface SymmetricOptions {
  /**
   * `auto` (the default): `amd` or, for factorisations of many operations, the better of it and `nested-dissection`;
   * `natural`, or a list of the rows of A in elimination order.
   */
  readonly ordering?: Ordering;
  /**
   * The row with which each row is eliminated, or −1: for indefinite matrices with zeros on the diagonal, whose pivots
   * are 2 × 2 (see {@link saddlePairs}). An ordering of one's own is then one of the pairs.
   */
  readonly pairs?: ArrayLike<number>;
}
const keys: OptionKeys<SymmetricOptions> = { ordering: true, pairs: true };

export interface LdltOptions {
  /** A factor made by the same analysis, whose memory is used. */
  readonly reuse?: SparseLdltFactor;
  /**
   * Smallest acceptable ratio of a pivot to the largest entry of its column, from 0 to 0.5 (default 0.01):
   * smaller ones delay fewer columns, so that factors are smaller, but solutions need refinement.
   */
  readonly threshold?: number;
}
const ldltKeys: OptionKeys<LdltOptions> = { reuse: true, threshold: true };

/** The symbolic analysis of a symmetric pattern, valid for any values. */
export class SymmetricAnalysis {
  /** @internal */
  constructor(
    /** @internal */
    readonly shape: Supernodes,
    private readonly entries: Entries,
    private readonly pattern: Pattern,
  ) {}

  get n(): number {
    return this.shape.n;
  }

  /** Row k of the reordered matrix is row order[k] of A. */
  get order(): Int32Array {
    return this.shape.order.slice();
  }

  /** Number of entries of the Cholesky factor, without the zeros of merged supernodes. */
  get factorEntries(): number {
    return this.shape.entries;
  }

  /** Number of additions and multiplications of a Cholesky factorisation. */
  get operations(): number {
    return this.shape.operations;
  }

  /**
   * The Cholesky factorisation of a matrix with this pattern.
   * @throws INVALID_SHAPE for another pattern, NON_FINITE, SINGULAR if a pivot is not positive, NOT_SUPPORTED for
   * factors of more than 4 GiB.
   */
  cholesky(A: CscMatrix): CholeskyFactor {
    checkEntries(A, 'A factorisation');
    checkPattern(A, this.pattern);
    return factorCholesky(A, this.shape, this.entries);
  }

  /**
   * The LDLᵀ factorisation of a symmetric matrix with this pattern. A singular matrix has a factor too, which cannot
   * solve.
   * @param options.reuse A factor made by this analysis, which is overwritten and returned: no memory is allocated,
   * unless other pivots must wait and make the factor larger. If the factorisation fails, it cannot solve any more.
   * @param options.threshold A smaller one lets fewer pivots wait, for less fill and larger rounding errors: for
   * quasi-definite matrices, whose solutions are refined.
   * @throws INVALID_SHAPE for another pattern, NON_FINITE, NUMERICAL if values overflow, NOT_SUPPORTED for factors of
   * more than 4 GiB, INVALID_PARAMETER for a factor of another analysis or a threshold out of range.
   */
  ldlt(A: CscMatrix, options: LdltOptions = {}): SparseLdltFactor {
    knownKeys('ldlt', options, ldltKeys);
    checkEntries(A, 'A factorisation');
    checkPattern(A, this.pattern);
    const { reuse, threshold = THRESHOLD } = options;
    if (!(threshold >= 0 && threshold <= 0.5)) {
      fail('INVALID_PARAMETER', `threshold must be from 0 to 0.5, not ${threshold}.`);
    }
    if (!reuse) return factorLdlt(A, this.shape, this.entries, threshold);
    reuse.replace(A, this.shape, threshold);
    return reuse;
  }
}

/**
 * Orders a symmetric matrix and computes the pattern of its factor, from the lower triangle alone. About O(entries of
 * the factor).
 *
 * @example const analysis = analyse(A); const x = analysis.cholesky(A).solve(b);
 * @throws INVALID_SHAPE, INVALID_PARAMETER for an upper triangle.
 */
export function analyse(A: Pattern, options: SymmetricOptions = {}): SymmetricAnalysis {
  knownKeys('analyse', options, keys);
  const n = checkSquare(A, 'A symmetric factorisation');
  const { colPointers, rowIndices } = A;
  let [below, above] = [0, 0];
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      if (rowIndices[k] > j) below++;
      else if (rowIndices[k] < j) above++;
    }
  }
  if (below === 0 && above > 0) {
    fail(
      'INVALID_PARAMETER',
      'The matrix has entries above its diagonal only, but the lower triangle is read: fromTriangle(A) gives both.',
    );
  }
  const { entryStart, source, target, ...shape } = supernodes(A, options.ordering, options.pairs);
  return new SymmetricAnalysis(shape, { entryStart, source, target }, copyPattern(A));
}

/**
 * The Cholesky factorisation of a sparse positive definite matrix; only the lower triangle is read. Multifrontal: dense
 * blocks of supernodes by the kernels of dense matrices (Duff and Reid 1983; Liu 1992).
 *
 * @example const x = sparseCholesky(A).solve(b);
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for an upper triangle, SINGULAR if a pivot is not positive,
 * NOT_SUPPORTED for factors of more than 4 GiB.
 */
export function sparseCholesky(A: CscMatrix, options: SymmetricOptions = {}): CholeskyFactor {
  checkEntries(A, 'sparseCholesky');
  return analyse(A, options).cholesky(A);
}

/**
 * The LDLᵀ factorisation of a sparse symmetric, possibly indefinite matrix; only the lower triangle is read.
 * Multifrontal, with 1 × 1 and 2 × 2 pivots that keep multipliers within 100; columns without an acceptable pivot are
 * delayed to their parents (Duff and Reid 1983).
 *
 * @example const { positive, negative, zero } = sparseLdlt(A).inertia();
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for an upper triangle, NUMERICAL if values overflow,
 * NOT_SUPPORTED for factors of more than 4 GiB.
 */
export function sparseLdlt(A: CscMatrix, options: SymmetricOptions = {}): SparseLdltFactor {
  checkEntries(A, 'sparseLdlt');
  return analyse(A, options).ldlt(A);
}
