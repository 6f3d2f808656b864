import { factorisationKernels } from '@southwell/kernels/factorisation';
import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import { leftProduct } from '@southwell/numerics/linalg';
import type { Observed, ObservedRows } from './observed.ts';

/** Observed rows in kernel memory, with space for factors of k values per row; `free` releases it. */
export class PlacedRows {
  /** A column for each observed row. */
  private readonly S: CscMatrix;
  private readonly weights: DenseMatrix | undefined;
  private readonly factor: DenseMatrix;
  private readonly out: DenseMatrix;
  private readonly work: DenseMatrix;

  constructor({ pointers, indices, weights, values, across, count }: ObservedRows, k: number) {
    this.S = CscMatrix.fromColumns(across, count, pointers, indices, values);
    const create = (rows: number, cols: number) => DenseMatrix.create(rows, cols, { fill: false, arena: this.S.arena });
    let longest = 0;
    for (let j = 0; j < count; j++) longest = Math.max(longest, pointers[j + 1] - pointers[j]);
    this.weights = weights && create(1, weights.length);
    this.weights?.data.set(weights!);
    this.factor = create(k, across);
    this.out = create(k, count);
    this.work = create(1, 2 * k + longest);
  }

  /** Row j is Σ values[e] f[indices[e]] over the entries of observed row j. O(entries · k). */
  product(values: Float64Array, f: Float64Array): Float64Array {
    const { S, factor, out } = this;
    S.values.set(values);
    factor.data.set(f);
    leftProduct(factor, S, out);
    return out.data.slice();
  }

  /**
   * Improves x, k values per observed row, by conjugate-gradient steps on its regression on f; r holds the residuals of
   * the entries and is updated. O(steps · entries · k).
   */
  conjugateSteps(f: Float64Array, x: Float64Array, r: Float64Array, lambda: number, steps: number) {
    const { S, weights, factor, out, work } = this;
    const k = factor.rows;
    S.values.set(r);
    factor.data.set(f);
    out.data.set(x);
    const { colPointers, rowIndices, values } = S.pointers;
    const innerIterations = S.arena
      .use(factorisationKernels)
      .conjugateSteps(
        S.cols,
        k,
        colPointers,
        rowIndices,
        weights?.pointer ?? 0,
        factor.pointer,
        out.pointer,
        values,
        lambda,
        steps,
        work.pointer,
      );
    x.set(out.data);
    r.set(S.values);
    return { innerIterations, multiplyAdds: 2 * work.data[0] * k };
  }

  free(): void {
    for (const M of [this.S, this.weights, this.factor, this.out, this.work]) M?.free();
  }
}

/** Both orders of the entries, in kernel memory. */
export class PlacedEntries {
  readonly byCol: PlacedRows;
  readonly byRow: PlacedRows;

  constructor({ byCol, byRow }: Observed, k: number) {
    this.byCol = new PlacedRows(byCol, k);
    this.byRow = new PlacedRows(byRow, k);
  }

  free(): void {
    this.byCol.free();
    this.byRow.free();
  }
}

/** Runs a method with the entries in kernel memory, and frees them at its end. */
export function* withPlaced<T>(
  observed: Observed,
  k: number,
  method: (placed: PlacedEntries) => Iterable<T>,
): Generator<T, void, undefined> {
  const placed = new PlacedEntries(observed, k);
  try {
    yield* method(placed);
  } finally {
    placed.free();
  }
}
