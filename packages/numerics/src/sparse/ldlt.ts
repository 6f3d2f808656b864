import { arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { type CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import { type Inertia, LongProduct } from '../linalg/index.ts';
import type { FactorShape } from './cholesky.ts';
import { oneNormOf, SparseFactor } from './factor.ts';
import { type FrontSolver, solveFronts } from './fronts.ts';
import { eliminatePivots, PANEL } from './lu/pivoting.ts';
import { grown } from './pattern.ts';
import { checkSize, FactorStore, Rooms } from './rooms.ts';
import type { Entries, Supernodes } from './supernodes.ts';

/**
 * Smallest acceptable ratio of a pivot to the largest entry of its column (MA57's default): multipliers are at most
 * 100.
 */
const THRESHOLD = 0.01;

/** A factor as plain data with typed arrays, for checkpoints. */
export interface PlainLdlt {
  readonly kind: 'sparse ldlt';
  readonly n: number;
  readonly oneNorm: number;
  readonly order: Int32Array;
  readonly first: Int32Array;
  readonly rowStart: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float64Array;
  readonly diagonal: Float64Array;
  readonly below: Float64Array;
}

/** Inertia, and whether it is certain in spite of rounding. */
export interface SparseInertia extends Inertia {
  /**
   * Whether no eigenvalue is so close to zero that the rounding errors of the factorisation, at most (m +
   * 10)·ε·‖|L||D||Lᵀ|‖₁, where m is the largest number of entries in a row of L, could have changed its sign.
   */
  readonly certain: boolean;
}

/** The factorisation PAPᵀ = LDLᵀ of a sparse symmetric matrix, where D has 1 × 1 and 2 × 2 blocks. */
export class SparseLdltFactor extends SparseFactor {
  protected readonly flaw: string | undefined;
  private readonly solver: FrontSolver;

  /** @internal */
  constructor(
    private readonly shape: FactorShape,
    private readonly values: DenseMatrix,
    /** The diagonal of D. */
    private readonly diagonal: Float64Array,
    /** The subdiagonal of D: non-zero at k if rows k and k + 1 form a 2 × 2 block. */
    private readonly below: Float64Array,
    readonly oneNorm: number,
  ) {
    super();
    this.solver = solveFronts(shape, values);
    const zero = diagonal.findIndex((d, k) => d === 0 && below[k] === 0 && (k === 0 || below[k - 1] === 0));
    if (zero >= 0) {
      this.flaw =
        `The matrix is singular: column ${shape.order[zero] + 1} depends on the others. Solve by sparseQr(A), in the sense of ` +
        'least squares, or shift the diagonal.';
    }
  }

  get n(): number {
    return this.shape.n;
  }

  /** Row k of PAPᵀ is row order[k] of A. */
  get order(): Int32Array {
    return this.shape.order.slice();
  }

  /**
   * The inertia of A, which by Sylvester's law is that of D; zeros are pivots that are exactly zero. About ten solves.
   */
  inertia(): SparseInertia {
    let [positive, negative, zero] = [0, 0, 0];
    this.blocks((d, e, c) => {
      if (e === 0) {
        if (d > 0) positive++;
        else if (d < 0) negative++;
        else zero++;
      } else if ((d / e) * (c / e) < 1) {
        positive++;
        negative++;
      } else if (d > 0) positive += 2;
      else negative += 2;
    });
    const error = (this.longestRow() + 10) * Number.EPSILON * this.sizeOfParts();
    // 1/‖A⁻¹‖₁ is at most the magnitude of the smallest eigenvalue; the estimate is nearly always within a factor of
    // three.
    return {
      positive,
      negative,
      zero,
      certain: this.n === 0 || (zero === 0 && this.reciprocalCondition() * this.oneNorm > 3 * error),
    };
  }

  /** det A as sign · e^log, and as a number, which is 0 or infinite if outside the range of doubles. O(n). */
  determinant(): { readonly sign: number; readonly log: number; readonly value: number } {
    const product = new LongProduct();
    this.blocks((d, e, c) => {
      if (e === 0) product.multiply(d);
      else {
        product.multiply(e);
        product.multiply(e);
        product.multiply((d / e) * (c / e) - 1);
      }
    });
    return { sign: product.sign, log: product.log, value: product.value };
  }

  protected solveVector(x: Float64Array): void {
    const { order, n } = this.shape;
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) y[k] = x[order[k]];
    this.solver.forward(y, true);
    this.divide(y, 0);
    this.solver.backward(y, true);
    for (let k = 0; k < n; k++) x[order[k]] = y[k];
  }

  protected solveVectorTransposed(x: Float64Array): void {
    this.solveVector(x);
  }

  protected override solveColumns(X: DenseMatrix): void {
    this.solver.columns(X, true, (heap, at, ld, count) => {
      for (let c = 0; c < count; c++) this.divide(heap, at + c * ld);
    });
  }

  /** Frees the memory immediately. The factor must not be used afterwards. */
  free(): void {
    this.values.free();
  }

  /** Plain data from which {@link SparseLdltFactor.fromPlain} restores the factor. A copy. */
  toPlain(): PlainLdlt {
    const { n, order, first, rowStart, rows } = this.shape;
    const copies = { order: order.slice(), first: first.slice(), rowStart: rowStart.slice(), rows: rows.slice() };
    const D = { diagonal: this.diagonal.slice(), below: this.below.slice() };
    return { kind: 'sparse ldlt', n, oneNorm: this.oneNorm, ...copies, values: this.values.data.slice(), ...D };
  }

  /** @throws INVALID_FORMAT unless `plain` was returned by {@link SparseLdltFactor.toPlain}. */
  static fromPlain(plain: PlainLdlt): SparseLdltFactor {
    if (plain?.kind !== 'sparse ldlt') fail('INVALID_FORMAT', 'This is not a sparse LDLᵀ factor.');
    const { n, order, first, rowStart, rows, values, diagonal, below, oneNorm } = plain;
    const L = DenseMatrix.fromColumnMajor(values, values.length, 1);
    return new SparseLdltFactor({ n, order, first, rowStart, rows }, L, diagonal, below, oneNorm);
  }

  /** y ← D⁻¹y for n values beginning at `at`. */
  private divide(y: Float64Array, at: number): void {
    const { diagonal, below, n } = this;
    for (let k = 0; k < n; k++) {
      const e = below[k];
      if (e === 0) {
        y[at + k] /= diagonal[k];
        continue;
      }
      const [p, q] = [diagonal[k] / e, diagonal[k + 1] / e];
      const determinant = p * q - 1;
      const [u, v] = [y[at + k] / e, y[at + k + 1] / e];
      y[at + k] = (q * u - v) / determinant;
      y[at + k + 1] = (p * v - u) / determinant;
      k++;
    }
  }

  /** Visits the blocks of D: one number, or two diagonal entries and the entry beside them. */
  private blocks(visit: (d: number, e: number, c: number) => void): void {
    const { diagonal, below, n } = this;
    for (let k = 0; k < n; k++) {
      if (below[k] === 0) visit(diagonal[k], 0, 0);
      else {
        visit(diagonal[k], below[k], diagonal[k + 1]);
        k++;
      }
    }
  }

  private longestRow(): number {
    const { rowStart, rows, n } = this.shape;
    const counts = new Int32Array(n);
    this.solver.each((s, from, k) => {
      for (let i = 0; i < k; i++) counts[from + i] += i + 1;
      for (let q = rowStart[s]; q < rowStart[s + 1]; q++) counts[rows[q]] += k;
    });
    return counts.reduce((most, count) => Math.max(most, count), 0);
  }

  /** ‖|L||D||Lᵀ|‖₁. */
  private sizeOfParts(): number {
    const { n, diagonal, below, values } = this;
    const { rowStart, rows } = this.shape;
    const L = values.data;
    const x = new Float64Array(n).fill(1);
    // y ← |Lᵀ|e, then |D|y, then |L|y.
    this.solver.each((s, from, k, m, panel) => {
      for (let j = 0; j < k; j++) {
        let sum = 1;
        for (let i = j + 1; i < m; i++) sum += Math.abs(L[panel + j * m + i]);
        x[from + j] = sum;
      }
      return s;
    });
    const y = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      y[k] += Math.abs(diagonal[k]) * x[k];
      if (below[k] === 0) continue;
      y[k] += Math.abs(below[k]) * x[k + 1];
      y[k + 1] += Math.abs(below[k]) * x[k];
    }
    const z = y.slice();
    this.solver.each((s, from, k, m, panel) => {
      for (let j = 0; j < k; j++) {
        for (let i = j + 1; i < m; i++) {
          const row = i < k ? from + i : rows[rowStart[s] + i - k];
          z[row] += Math.abs(L[panel + j * m + i]) * y[from + j];
        }
      }
    });
    return z.reduce((most, v) => Math.max(most, v), 0);
  }
}

/**
 * Multifrontal LDLᵀ: a column without an acceptable pivot in its front is delayed to the parent front.
 * @throws NUMERICAL if values overflow, NOT_SUPPORTED for factors of more than 4 GiB.
 */
export function factorLdlt(A: CscMatrix, shape: Supernodes, entries: Entries): SparseLdltFactor {
  // Long because a front is assembled, eliminated and passed on in one loop, over lists that grow along the way.
  const { n, count, first, rowStart, rows, panel, parent, place } = shape;
  const { entryStart, source, target } = entries;
  let widest = 0;
  for (let s = 0; s < count; s++) widest = Math.max(widest, first[s + 1] - first[s] + rowStart[s + 1] - rowStart[s]);
  const bytes = 8 * (panel[count] + shape.stackSize + widest * (widest + PANEL + 1));
  checkSize(bytes);
  const arena = arenaFor(bytes);
  const rooms = new Rooms(arena);
  const store = new FactorStore(arena, panel[count]);
  let built = false;
  try {
    const row = rooms.reserve('row', PANEL + 1);
    rooms.reserve('stack', shape.stackSize + widest * widest);
    const diagonal = new Float64Array(n);
    const below = new Float64Array(n);
    let eliminated = 0;
    const push = (d: number, e: number) => {
      diagonal[eliminated] = d;
      below[eliminated++] = e;
    };
    /** The elimination position of each column of the analysis. */
    const step = new Int32Array(n);
    // The supernodes of the factor, with their rows given as columns of the analysis.
    const newFirst = [0];
    const newRowStart = [0];
    let newRows = new Int32Array(rows.length);
    let rowCount = 0;
    let size = 0;
    // Pending fronts: their supernodes, the numbers of their delayed columns, and these columns.
    const pending = new Int32Array(count);
    const late = new Int32Array(count);
    let waiting = new Int32Array(64);
    let [depth, top, waitingCount] = [0, 0, 0];
    let ids = new Int32Array(64);
    let where = new Int32Array(64);
    for (let s = 0; s < count; s++) {
      const columns = first[s + 1] - first[s];
      const u = rowStart[s + 1] - rowStart[s];
      const m = columns + u;
      let children = depth;
      let d = 0;
      while (children > 0 && parent[pending[children - 1]] === s) d += late[pending[--children]];
      const M = d + m;
      if (M > ids.length) [ids, where] = [grown(ids, M), grown(where, M)];
      const stack = rooms.reserve('stack', top + M * M, top) / 8;
      const W = rooms.reserve('W', M * (PANEL + 1));
      const work = rooms.reserve('work', gemmWorkBytes(M, M, PANEL) / 8 + 1060);
      const heap = arena.f64;
      const F = stack + top;
      heap.fill(0, F, F + M * M);
      waitingCount -= d;
      for (let i = 0; i < d; i++) ids[i] = waiting[waitingCount + i];
      for (let i = 0; i < columns; i++) ids[d + i] = first[s] + i;
      for (let i = 0; i < u; i++) ids[d + columns + i] = rows[rowStart[s] + i];
      for (let q = entryStart[s]; q < entryStart[s + 1]; q++) {
        const t = target[q] - panel[s];
        const c = Math.floor(t / m);
        heap[F + (c + d) * M + d + t - c * m] = A.values[source[q]];
      }
      let [under, offset] = [top, d];
      while (depth > children) {
        const child = pending[--depth];
        const from = rowStart[child];
        const side = late[child] + rowStart[child + 1] - from;
        under -= side * side;
        offset -= late[child];
        for (let a = 0; a < late[child]; a++) where[a] = offset + a;
        for (let a = late[child]; a < side; a++) where[a] = d + place[from + a - late[child]];
        for (let a = 0; a < side; a++) {
          const to = F + where[a] * M;
          const at = stack + under + a * side;
          for (let b = a; b < side; b++) heap[to + where[b]] += heap[at + b];
        }
      }
      const whole = d + columns;
      const done = eliminatePivots(arena, { at: F, M, whole, ids }, { W, row, work }, THRESHOLD, push);
      for (let j = 0; j < done; j++) step[ids[j]] = newFirst[newFirst.length - 1] + j;
      const left = M - done;
      if (done > 0) {
        const L = store.reserve(size + M * done, size);
        arena.f64.copyWithin(L + size, F, F + M * done);
        size += M * done;
        if (rowCount + left > newRows.length) newRows = grown(newRows, rowCount + left);
        newRows.set(ids.subarray(done, M), rowCount);
        rowCount += left;
        newFirst.push(newFirst[newFirst.length - 1] + done);
        newRowStart.push(rowCount);
      }
      late[s] = whole - done;
      if (left > 0) {
        if (parent[s] === -1) {
          fail(
            'NUMERICAL',
            'The factorisation left the range of doubles: divide the matrix by the size of its entries first.',
          );
        }
        const values = arena.f64;
        for (let j = 0; j < left; j++) {
          const from = F + (done + j) * M + done;
          values.copyWithin(stack + under + j * left, from, from + left);
        }
        if (waitingCount + late[s] > waiting.length) waiting = grown(waiting, waitingCount + late[s]);
        waiting.set(ids.subarray(done, whole), waitingCount);
        waitingCount += late[s];
        pending[depth++] = s;
      }
      top = under + left * left;
    }
    const order = new Int32Array(n);
    for (let j = 0; j < n; j++) order[step[j]] = shape.order[j];
    const finalRows = newRows.slice(0, rowCount).map((j) => step[j]);
    const pattern = {
      n,
      order,
      first: Int32Array.from(newFirst),
      rowStart: Int32Array.from(newRowStart),
      rows: finalRows,
    };
    const L = store.finish(size);
    built = true;
    return new SparseLdltFactor(pattern, L, diagonal, below, oneNormOf(A, true));
  } finally {
    rooms.release();
    if (!built) store.free();
  }
}
