import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '@southwell/numerics/arrays';
import { isMirrored, transpose } from '@southwell/numerics/linalg';
import { spreadOfSizes, structuralRank } from '@southwell/numerics/sparse';
import { connectedParts, type Parts } from './connected.ts';
import { partsOfNullSpace } from './nullSpace.ts';
import { DOMINANCE, type RowStates, rowStates, STRICT, WEAK } from './rowStates.ts';
import { UNEVEN } from './scaled.ts';

/** Properties of a matrix determined from its entries, without a factorisation. */
export interface MatrixFacts {
  readonly rows: number;
  readonly cols: number;
  /** Number of non-zero entries. */
  readonly entries: number;
  /** Largest |aᵢⱼ|; 0 for a zero matrix. */
  readonly largest: number;
  /** Largest |aᵢⱼ − aⱼᵢ| relative to the largest entry; infinite if the matrix is not square. */
  readonly asymmetry: number;
  /**
   * Whether the asymmetry is at most 1e-14, rounding error of the program that wrote it. If rows differ very much in
   * size, that is required of each pair of entries relative to themselves.
   */
  readonly symmetric: boolean;
  /** Whether the pattern is symmetric. */
  readonly symmetricPattern: boolean;
  /** Number of diagonal entries that are positive, negative, and 0 or absent. */
  readonly diagonal: { readonly positive: number; readonly negative: number; readonly zero: number };
  /** Diagonal dominance by rows: strict in every row, weak in every row, or none. */
  readonly dominance: 'strict' | 'weak' | 'none';
  /** Whether the diagonal is positive and no other entry is positive. */
  readonly zMatrix: boolean;
  /**
   * Whether the matrix is a Z-matrix whose dominance proves it to be a nonsingular M-matrix: weak in every row, with a
   * chain of entries from every row to a strictly dominant one (Shivakumar & Chew 1974). False proves nothing, except
   * with weak dominance, that it is singular.
   */
  readonly mMatrix: boolean;
  /**
   * Whether the matrix is symmetric and its dominance proves it to be positive definite (Gershgorin; by chains as for
   * `mMatrix`). False proves nothing.
   */
  readonly dominantDefinite: boolean;
  /** Number of components connected by entries in either direction; undefined for rectangular matrices. */
  readonly components: number | undefined;
  /** Number of components of a symmetric Z-matrix whose rows all sum to 0, up to rounding: each makes it singular. */
  readonly nullComponents: number;
  /** Bandwidth: largest |i − j| of an entry. */
  readonly bandwidth: number;
  /** Structural rank: if below min(rows, cols), the matrix is rank-deficient for any values. */
  readonly structuralRank: number;
}

/** Relative differences up to this count as rounding. */
const ROUNDING = 1e-14;

/**
 * Analyses a matrix without factorising it. O(entries + rows + cols), and for the structural rank at worst
 * O(entries · rows), in practice O(entries).
 */
export function matrixFacts(A: CscMatrix): MatrixFacts {
  const { rows, cols } = A;
  const square = rows === cols;
  const mirror = square && !isMirrored(A) ? transpose(A) : A;
  try {
    const states = rowStates(mirror);
    const { entries, largest, bandwidth } = states;
    const difference = square && mirror !== A ? differenceOf(A, mirror) : { most: 0, samePattern: true };
    const asymmetry = square ? (difference.most === 0 ? 0 : 2 * (difference.most / largest)) : Number.POSITIVE_INFINITY;
    const symmetricPattern = square && difference.samePattern;
    const even = () => spreadOfSizes(A) <= UNEVEN || pairsAgree(A, mirror);
    // Symmetric solvers read the lower triangle.
    const symmetric = asymmetry <= ROUNDING && (asymmetry === 0 || ((symmetricPattern || !isUpper(A)) && even()));
    const sides = { mirror, symmetric, symmetricPattern, states };
    const dominance = square ? dominanceOf(A, sides) : NOT_SQUARE;
    return {
      ...{ rows, cols, entries, largest, bandwidth, asymmetry, symmetricPattern },
      symmetric,
      ...dominance,
      // A zero-free diagonal is a complete matching.
      structuralRank: square && dominance.diagonal.zero === 0 ? rows : structuralRank(plain(A)),
    };
  } finally {
    if (mirror !== A) mirror.free();
  }
}

/** A copy outside shared memory, which loops read several times as fast. */
const plain = ({ rows, cols, colPointers, rowIndices, values }: CscMatrix) => ({
  ...{ rows, cols },
  colPointers: colPointers.slice(),
  rowIndices: rowIndices.slice(),
  values: values.slice(),
});

/** Half of the largest |aᵢⱼ − bᵢⱼ|, and whether the patterns are equal. */
function differenceOf(A: CscMatrix, B: CscMatrix): { most: number; samePattern: boolean } {
  const scratch = A.arena.scratch();
  try {
    const out = scratch.f64(1);
    const [p, q] = [A.pointers, B.pointers];
    const samePattern = A.arena
      .use(systemKernels)
      .rowsDifference(
        ...([A.cols, p.colPointers, p.rowIndices, p.values] as const),
        ...([q.colPointers, q.rowIndices, q.values, out.pointer] as const),
      );
    return { most: out.view[0], samePattern: samePattern === 1 };
  } finally {
    scratch.release();
  }
}

/** Whether no entry is below the diagonal. */
function isUpper({ cols, colPointers, rowIndices }: CscMatrix): boolean {
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) if (rowIndices[k] > j) return false;
  }
  return true;
}

/** Whether aᵢⱼ and aⱼᵢ differ by rounding beside the larger of the two, for all pairs. */
function pairsAgree(A: CscMatrix, mirror: CscMatrix): boolean {
  const [M, T] = [plain(A), plain(mirror)];
  const [entry, other] = [new Float64Array(A.rows), new Float64Array(A.rows)];
  for (let j = 0; j < A.cols; j++) {
    for (let k = M.colPointers[j]; k < M.colPointers[j + 1]; k++) entry[M.rowIndices[k]] = M.values[k];
    for (let k = T.colPointers[j]; k < T.colPointers[j + 1]; k++) other[T.rowIndices[k]] = T.values[k];
    for (const { colPointers, rowIndices } of [M, T]) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const [v, w] = [entry[rowIndices[k]], other[rowIndices[k]]];
        if (Math.abs(v - w) > ROUNDING * Math.max(Math.abs(v), Math.abs(w))) return false;
        entry[rowIndices[k]] = 0;
        other[rowIndices[k]] = 0;
      }
    }
  }
  return true;
}

type Dominance = Pick<
  MatrixFacts,
  'diagonal' | 'dominance' | 'zMatrix' | 'mMatrix' | 'dominantDefinite' | 'components' | 'nullComponents'
>;

const NOT_SQUARE: Dominance = {
  ...{ diagonal: { positive: 0, negative: 0, zero: 0 }, dominance: 'none', zMatrix: false, mMatrix: false },
  ...{ dominantDefinite: false, components: undefined, nullComponents: 0 },
};

/** Properties of a square matrix and its transpose. */
interface Sides {
  /** By rows: the columns of the transpose; the matrix itself if it is exactly symmetric. */
  readonly mirror: CscMatrix;
  readonly states: RowStates;
  readonly symmetric: boolean;
  readonly symmetricPattern: boolean;
}

function dominanceOf(A: CscMatrix, { mirror, states, symmetric, symmetricPattern }: Sides): Dominance {
  const n = A.cols;
  const { diagonal, entries, above, states: of } = states;
  let least = n > 0 ? STRICT : 0;
  for (let i = 0; i < n; i++) least = Math.min(least, of[i] & DOMINANCE);
  const dominance = least === STRICT ? 'strict' : least === WEAK ? 'weak' : 'none';
  const positive = diagonal.positive === n;
  const zMatrix = positive && above === 0;
  const parts = connectedParts(A, mirror);
  // With a symmetric pattern, connected rows are linked by chains.
  const mutual = symmetricPattern && entries === A.nnz;
  const chains = () => (mutual ? strictEverywhere(parts, of) : chained(A, of));
  const proven = positive && dominance !== 'none' && chains();
  return {
    diagonal,
    dominance,
    zMatrix,
    mMatrix: zMatrix && proven,
    dominantDefinite: symmetric && proven,
    components: parts.count,
    // By columns, as solvers see it; if only rounding distinguishes the two, they agree.
    nullComponents:
      zMatrix && symmetric ? partsOfNullSpace(parts, mirror === A ? of : rowStates(A).states).dimension : 0,
  };
}

const isStrict = (state: number): boolean => (state & DOMINANCE) === STRICT;

/** Whether every component has a strictly dominant row. */
function strictEverywhere({ of, count }: Parts, states: Int32Array): boolean {
  const has = new Uint8Array(count);
  for (let i = 0; i < of.length; i++) if (isStrict(states[i])) has[of[i]] = 1;
  return !has.includes(0);
}

/** Whether a chain of entries leads from every row to a strictly dominant one. */
function chained(A: CscMatrix, states: Int32Array): boolean {
  const { cols: n, colPointers, rowIndices, values } = plain(A);
  const reached = new Uint8Array(n);
  const stack = new Int32Array(n);
  let [depth, count] = [0, 0];
  const reach = (i: number) => {
    if (reached[i]) return;
    reached[i] = 1;
    count++;
    stack[depth++] = i;
  };
  for (let i = 0; i < n; i++) if (isStrict(states[i])) reach(i);
  while (depth > 0) {
    const j = stack[--depth];
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) if (values[k] !== 0) reach(rowIndices[k]);
  }
  return count === n;
}
