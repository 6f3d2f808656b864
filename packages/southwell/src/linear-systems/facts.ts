import type { CscMatrix } from '@southwell/numerics/arrays';
import { transpose } from '@southwell/numerics/linalg';
import { structuralRank } from '@southwell/numerics/sparse';
import { type Columns, connectedParts, type Parts } from './connected.ts';
import { nullSpaceOf } from './nullSpace.ts';

/** What can be said of a matrix from its entries alone, without a factorisation. */
export interface MatrixFacts {
  readonly rows: number;
  readonly cols: number;
  /** Stored entries that are not 0. */
  readonly entries: number;
  /** Largest |aᵢⱼ|; 0 of a matrix of zeros. */
  readonly largest: number;
  /** Largest |aᵢⱼ − aⱼᵢ| as a share of the largest entry; infinite where the matrix is not square. */
  readonly asymmetry: number;
  /** The asymmetry is at most 1e-14: rounding of what wrote it. */
  readonly symmetric: boolean;
  /** aᵢⱼ is not 0 exactly where aⱼᵢ is not. */
  readonly symmetricPattern: boolean;
  /** Diagonal entries that are positive, negative, and 0 or absent. */
  readonly diagonal: { readonly positive: number; readonly negative: number; readonly zero: number };
  /** |aᵢᵢ| against the sum of the others' of its row: above it in every row, at least equal in every row, or neither. */
  readonly dominance: 'strict' | 'weak' | 'none';
  /** Positive diagonal, no positive entry beside it. */
  readonly zMatrix: boolean;
  /**
   * A Z-matrix whose dominance proves it to be a nonsingular M-matrix: weak in every row, and from every row a chain of entries
   * leads to one where it is strict (Shivakumar & Chew 1974). False says nothing, but of weak dominance that it is singular.
   */
  readonly mMatrix: boolean;
  /**
   * Symmetric, and its dominance proves it to be positive definite (Gershgorin; by chains as for `mMatrix`). False says nothing.
   */
  readonly dominantDefinite: boolean;
  /** Parts that are connected by entries in either direction. Of rectangular matrices undefined. */
  readonly components: number | undefined;
  /** Connected parts of a symmetric Z-matrix whose rows all sum to 0, to rounding: each makes it singular. */
  readonly nullComponents: number;
  /** Largest |i − j| of an entry. */
  readonly bandwidth: number;
  /** The most entries that lie in different rows and columns: below min(rows, cols) it is singular whatever the values. */
  readonly structuralRank: number;
}

/** Relative differences that count as rounding. */
const ROUNDING = 1e-14;

/**
 * What can be said of a matrix without factorising it. O(entries + rows + cols), and for the structural rank at worst
 * O(entries · rows), in practice O(entries).
 */
export function matrixFacts(A: CscMatrix): MatrixFacts {
  const { rows, cols } = A;
  const square = rows === cols;
  const own = plain(A);
  const scan = entriesOf(own);
  const side = square ? sidesOf(A, own, scan.largest) : undefined;
  const dominance = dominanceOf(own, side, scan.entries);
  return {
    ...{ rows, cols, ...scan },
    asymmetry: side?.asymmetry ?? Number.POSITIVE_INFINITY,
    symmetric: side !== undefined && side.asymmetry <= ROUNDING,
    symmetricPattern: side?.symmetricPattern ?? false,
    ...dominance,
    // A full diagonal is a matching.
    structuralRank: square && dominance.diagonal.zero === 0 ? rows : structuralRank(own),
  };
}

/** A copy outside of shared memory, which loops read several times as fast. */
const plain = ({ rows, cols, colPointers, rowIndices, values }: CscMatrix): Columns => ({
  ...{ rows, cols },
  colPointers: colPointers.slice(),
  rowIndices: rowIndices.slice(),
  values: values.slice(),
});

function entriesOf(A: Columns): Pick<MatrixFacts, 'entries' | 'largest' | 'bandwidth'> {
  const { cols, colPointers, rowIndices, values } = A;
  let [entries, largest, bandwidth] = [0, 0, 0];
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const size = Math.abs(values[k]);
      if (size === 0) continue;
      entries++;
      if (size > largest) largest = size;
      const off = Math.abs(rowIndices[k] - j);
      if (off > bandwidth) bandwidth = off;
    }
  }
  return { entries, largest, bandwidth };
}

/** What is known of a square matrix beside its transpose. */
interface Sides {
  readonly asymmetry: number;
  readonly symmetricPattern: boolean;
  /** By rows: columns of the transpose; the matrix itself where it is symmetric to the last bit. */
  readonly byRows: Columns;
}

function sidesOf(A: CscMatrix, own: Columns, largest: number): Sides {
  if (mirrored(A)) return { asymmetry: 0, symmetricPattern: true, byRows: own };
  const transposed = transpose(A);
  const byRows = plain(transposed);
  transposed.free();
  const [from, to] = [own, byRows];
  let worst = 0;
  let symmetricPattern = true;
  for (let j = 0; j < A.cols; j++) {
    let [p, q] = [from.colPointers[j], to.colPointers[j]];
    const [pEnd, qEnd] = [from.colPointers[j + 1], to.colPointers[j + 1]];
    while (p < pEnd || q < qEnd) {
      const i = p < pEnd ? from.rowIndices[p] : A.rows;
      const k = q < qEnd ? to.rowIndices[q] : A.rows;
      const a = i <= k ? from.values[p++] : 0;
      const b = k <= i ? to.values[q++] : 0;
      if ((a === 0) !== (b === 0)) symmetricPattern = false;
      // Halves, as the difference of the largest numbers overflows.
      const off = Math.abs(a / 2 - b / 2);
      if (off > worst) worst = off;
    }
  }
  return { asymmetry: worst === 0 ? 0 : (2 * worst) / largest, symmetricPattern, byRows };
}

/** Whether A is its transpose, with all its entries, as most are that are meant to be symmetric. */
function mirrored({ arena, cols: n, pointers }: CscMatrix): boolean {
  const scratch = arena.scratch();
  try {
    const next = scratch.i32(n).pointer;
    const { colPointers, rowIndices, values } = pointers;
    return arena.kernels.mirrored(n, colPointers, rowIndices, values, 0, next) === 1;
  } finally {
    scratch.release();
  }
}

type Dominance = Pick<
  MatrixFacts,
  'diagonal' | 'dominance' | 'zMatrix' | 'mMatrix' | 'dominantDefinite' | 'components' | 'nullComponents'
>;

function dominanceOf(A: Columns, sides: Sides | undefined, entries: number): Dominance {
  const diagonal = { positive: 0, negative: 0, zero: 0 };
  if (!sides) {
    const none = { dominance: 'none', zMatrix: false, mMatrix: false, dominantDefinite: false } as const;
    return { diagonal, ...none, components: undefined, nullComponents: 0 };
  }
  const n = A.cols;
  const { colPointers, rowIndices, values } = sides.byRows;
  /** aᵢᵢ − Σ|aᵢⱼ| of each row, and what of it is rounding. */
  const excess = new Float64Array(n);
  const slack = new Float64Array(n);
  let zMatrix = true;
  for (let i = 0; i < n; i++) {
    let [own, others] = [0, 0];
    for (let k = colPointers[i]; k < colPointers[i + 1]; k++) {
      const v = values[k];
      if (rowIndices[k] === i) own = v;
      else {
        others += Math.abs(v);
        if (v > 0) zMatrix = false;
      }
    }
    if (own > 0) diagonal.positive++;
    else if (own < 0) diagonal.negative++;
    else diagonal.zero++;
    excess[i] = Math.abs(own) - others;
    slack[i] = (colPointers[i + 1] - colPointers[i]) * 2 ** -52 * Math.max(Math.abs(own), others);
  }
  const isStrict = (i: number) => excess[i] > slack[i];
  const isWeak = (i: number) => excess[i] >= -slack[i];
  const all = (holds: (i: number) => boolean) => excess.every((_, i) => holds(i));
  const dominance = n > 0 && all(isStrict) ? 'strict' : n > 0 && all(isWeak) ? 'weak' : 'none';
  const positive = diagonal.positive === n;
  zMatrix &&= positive;
  const symmetric = sides.asymmetry <= ROUNDING;
  const parts = connectedParts(A, sides.byRows);
  // Where entries lead both ways, what is connected is chained.
  const mutual = sides.symmetricPattern && entries === A.values.length;
  const chains = () => (mutual ? strictEverywhere(parts, isStrict) : chained(A, isStrict));
  const proven = positive && dominance !== 'none' && chains();
  const nullComponents = zMatrix && symmetric ? nullSpaceOf(A, parts).dimension : 0;
  return {
    diagonal,
    dominance,
    zMatrix,
    mMatrix: zMatrix && proven,
    dominantDefinite: symmetric && proven,
    components: parts.count,
    nullComponents,
  };
}

/** Whether every part has a strict row. */
function strictEverywhere({ of, count }: Parts, isStrict: (i: number) => boolean): boolean {
  const has = new Uint8Array(count);
  for (let i = 0; i < of.length; i++) if (isStrict(i)) has[of[i]] = 1;
  return !has.includes(0);
}

/** Whether a chain of entries leads from every row to one that is strict. */
function chained({ cols: n, colPointers, rowIndices, values }: Columns, isStrict: (i: number) => boolean): boolean {
  const reached = new Uint8Array(n);
  const stack = new Int32Array(n);
  let [depth, count] = [0, 0];
  const reach = (i: number) => {
    if (reached[i]) return;
    reached[i] = 1;
    count++;
    stack[depth++] = i;
  };
  for (let i = 0; i < n; i++) if (isStrict(i)) reach(i);
  while (depth > 0) {
    const j = stack[--depth];
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) if (values[k] !== 0) reach(rowIndices[k]);
  }
  return count === n;
}
