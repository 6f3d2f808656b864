import { type Arena, arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { type FrontKernels, frontKernels } from '@southwell/kernels/fronts';
import { type CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { fail, SouthwellError } from '../core/index.ts';
import { LongProduct } from '../linalg/index.ts';
import { oneNormOf, SparseFactor } from './factor.ts';
import { type FrontSolver, solveFronts } from './fronts.ts';
import { checkSize } from './rooms.ts';
import type { Entries, Supernodes } from './supernodes.ts';

/** Fronts with at most this many multiplications are eliminated without calling kernels. */
const SMALL_FRONT = 1500;
/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainCholesky {
  readonly kind: 'sparse cholesky';
  readonly n: number;
  readonly oneNorm: number;
  readonly order: Int32Array;
  readonly first: Int32Array;
  readonly rowStart: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

/** Thrown for matrices without a Cholesky factor. */
export class NotDefiniteError extends SouthwellError {
  /** The message without its advice. */
  readonly finding: string;

  constructor(
    /** The column, from 1, whose pivot is not positive. */
    readonly column: number,
    readonly pivot: number,
  ) {
    const finding = `The matrix is not positive definite: column ${column} has the pivot ${pivot}.`;
    super('SINGULAR', `${finding} Use sparseLdlt(A) for indefinite matrices, or add to the diagonal.`);
    this.finding = finding;
  }
}

/** The part of the supernodal structure that solves need. */
export type FactorShape = Pick<Supernodes, 'n' | 'order' | 'first' | 'rowStart' | 'rows'>;

/** The factorisation PAPᵀ = LLᵀ of a sparse positive definite matrix, stored as dense columns of supernodes. */
export class CholeskyFactor extends SparseFactor {
  protected readonly flaw = undefined;
  private readonly solver: FrontSolver;

  /** @internal */
  constructor(
    private readonly shape: FactorShape,
    /** The columns of the supernodes, one after the other. */
    private readonly values: DenseMatrix,
    readonly oneNorm: number,
  ) {
    super();
    this.solver = solveFronts(shape, values);
  }

  get n(): number {
    return this.shape.n;
  }

  /** Row k of PAPᵀ is row order[k] of A. */
  get order(): Int32Array {
    return this.shape.order.slice();
  }

  /** log det A. O(n). */
  logDeterminant(): number {
    const product = new LongProduct();
    const L = this.values.data;
    this.solver.each((_, from, k, m, panel) => {
      for (let j = 0; j < k; j++) product.multiply(L[panel + j * (m + 1)]);
      return from;
    });
    return 2 * product.log;
  }

  protected solveVector(x: Float64Array): void {
    this.solver.vector(x, false);
  }

  protected solveVectorTransposed(x: Float64Array): void {
    this.solveVector(x);
  }

  protected override solveColumns(X: DenseMatrix): void {
    this.solver.columns(X, false);
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.values.free();
    this.solver.free();
  }

  /** Plain data from which {@link CholeskyFactor.fromPlain} restores the factor. A copy. */
  toPlain(): PlainCholesky {
    const { n, order, first, rowStart, rows } = this.shape;
    const values = this.values.data.slice();
    const copies = { order: order.slice(), first: first.slice(), rowStart: rowStart.slice(), rows: rows.slice() };
    return { kind: 'sparse cholesky', n, oneNorm: this.oneNorm, ...copies, values };
  }

  /** @throws INVALID_FORMAT unless `plain` was returned by {@link CholeskyFactor.toPlain}. */
  static fromPlain(plain: PlainCholesky): CholeskyFactor {
    if (plain?.kind !== 'sparse cholesky') fail('INVALID_FORMAT', 'This is not a sparse Cholesky factor.');
    const { n, order, first, rowStart, rows, values, oneNorm } = plain;
    return new CholeskyFactor(
      { n, order, first, rowStart, rows },
      DenseMatrix.fromColumnMajor(values, values.length, 1),
      oneNorm,
    );
  }
}

/** @throws SINGULAR, NOT_SUPPORTED. */
export function factorCholesky(A: CscMatrix, shape: Supernodes, entries: Entries): CholeskyFactor {
  const { count, first, rowStart, panel, stackSize, order } = shape;
  const size = panel[count];
  let widest = 0;
  for (let s = 0; s < count; s++) widest = Math.max(widest, first[s + 1] - first[s] + rowStart[s + 1] - rowStart[s]);
  const workSize = gemmWorkBytes(widest, widest, widest) / 8 + 1060;
  const bytes = 8 * (size + stackSize + workSize);
  checkSize(bytes);
  const arena = arenaFor(bytes);
  const L = DenseMatrix.create(size, 1, { fill: false, arena });
  const scratch = arena.scratch();
  try {
    const stack = scratch.f64(stackSize).pointer / 8;
    const work = scratch.f64(workSize).pointer;
    const map = scratch.i32(widest).pointer;
    const kernels = arena.use(frontKernels);
    const heap = arena.f64;
    const base = L.pointer / 8;
    heap.fill(0, base, base + size);
    const { values } = A;
    const { source, target } = entries;
    for (let q = 0; q < target.length; q++) heap[base + target[q]] = values[source[q]];
    const bad = eliminateAll(shape, arena, kernels, base, stack, work, map);
    if (bad !== undefined) {
      const value = heap[bad.at];
      L.free();
      throw new NotDefiniteError(order[bad.column] + 1, value);
    }
  } finally {
    scratch.release();
  }
  const { n, rows } = shape;
  return new CholeskyFactor({ n, order, first, rowStart, rows }, L, oneNormOf(A, true));
}

/** Eliminates one supernode after another; returns the first pivot that is not positive, and its position. */
function eliminateAll(
  { count, first, rowStart, panel, place, parent }: Supernodes,
  { f64: heap, i32, kernels }: Arena,
  fronts: FrontKernels,
  base: number,
  bottom: number,
  work: number,
  map: number,
): { column: number; at: number } | undefined {
  // The children of a supernode are the topmost fronts of the stack.
  const pending = new Int32Array(count);
  let depth = 0;
  let top = bottom;
  for (let s = 0; s < count; s++) {
    const k = first[s + 1] - first[s];
    const u = rowStart[s + 1] - rowStart[s];
    const m = k + u;
    const P = base + panel[s];
    const U = top;
    heap.fill(0, U, U + u * u);
    let child = top;
    let under = top;
    while (depth > 0 && parent[pending[depth - 1]] === s) {
      const c = pending[--depth];
      const size = rowStart[c + 1] - rowStart[c];
      under -= size * size;
      child = under;
      i32.set(place.subarray(rowStart[c], rowStart[c + 1]), map / 4);
      fronts.extendAddSplit(size, 8 * child, map, k, 8 * P, m, 8 * U, u);
    }
    const bad = eliminate(heap, kernels, P, m, k, U, u, work);
    if (bad > 0) return { column: first[s] + bad - 1, at: P + (bad - 1) * (m + 1) };
    if (u > 0) {
      if (under < U) heap.copyWithin(under, U, U + u * u);
      pending[depth++] = s;
    }
    top = under + u * u;
  }
  return undefined;
}

/** Eliminates the k columns of a front; returns the number, from 1, of the first pivot that is not positive, or 0. */
function eliminate(
  heap: Float64Array,
  kernels: Arena['kernels'],
  P: number,
  m: number,
  k: number,
  U: number,
  u: number,
  work: number,
): number {
  if (k * m * m > SMALL_FRONT) {
    const bad = kernels.potrf(k, 8 * P, m, work);
    if (bad !== 0 || u === 0) return bad;
    const B = 8 * (P + k);
    kernels.trsm(u, k, 8 * P, m, B, m, work);
    kernels.addLower(u, k, -1, B, m, B, m, 8 * U, u, work);
    return 0;
  }
  for (let j = 0; j < k; j++) {
    const column = P + j * m;
    const pivot = heap[column + j];
    if (!(pivot > 0)) return j + 1;
    const root = Math.sqrt(pivot);
    heap[column + j] = root;
    for (let i = j + 1; i < m; i++) heap[column + i] /= root;
    for (let c = j + 1; c < k; c++) {
      const x = heap[column + c];
      if (x === 0) continue;
      const to = P + c * m;
      for (let i = c; i < m; i++) heap[to + i] -= x * heap[column + i];
    }
    for (let c = k; c < m; c++) {
      const x = heap[column + c];
      if (x === 0) continue;
      const to = U + (c - k) * u - k;
      for (let i = c; i < m; i++) heap[to + i] -= x * heap[column + i];
    }
  }
  return 0;
}
