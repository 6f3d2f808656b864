import type { Block, Scratch } from '@southwell/kernels';
import { sparseKernels } from '@southwell/kernels/sparse';
import { type CscMatrix, pieceOfRows } from '../arrays/index.ts';
import type { SplitRows } from '../core/index.ts';

/**
 * Products XᵀB of compressed sparse columns whose rows are distributed over ranks, computed column by column. The
 * results are bitwise equal to products formed and summed piece by piece, whatever the number of ranks.
 */
export class TreeSums {
  private readonly pieceOf: Block<Int32Array>;
  private readonly places: Block<Int32Array>;
  private readonly nodeOf: Block<Int32Array>;

  /** Allocates from `keep`, whose release frees the memory. */
  constructor(
    private readonly X: CscMatrix,
    private readonly rows: SplitRows,
    keep: Scratch,
  ) {
    const { places, nodeOf } = rows.tree;
    const [own, pieces] = [X.rows, places.length];
    [this.pieceOf, this.places, this.nodeOf] = [keep.i32(own), keep.i32(pieces), keep.i32(pieces)];
    this.pieceOf.view.set(pieceOfRows(rows));
    this.places.view.set(places);
    this.nodeOf.view.set(nodeOf);
  }

  /**
   * out[t·k + a] ← Σ X[i, columns[t]]·B[i, a] for the first `m` columns of a list, summed over all rows; B is row-major
   * with k numbers per row. Without B, sums of squares of the columns. O(k · entries + m · k · nodes).
   */
  into(out: Float64Array, columns: Block<Int32Array>, m: number, B?: { readonly pointer: number; readonly k: number }) {
    const { X, rows, pieceOf, places, nodeOf } = this;
    const k = B?.k ?? 1;
    const { nodes } = rows.tree;
    const scratch = X.arena.scratch();
    try {
      const sums = scratch.f64(nodes * m * k);
      const work = scratch.f64(32 * k + 16);
      sums.view.fill(0);
      const { colPointers, rowIndices, values } = X.pointers;
      const stored = [colPointers, rowIndices, values, B?.pointer ?? 0] as const;
      const tree = [pieceOf.pointer, places.pointer, nodeOf.pointer] as const;
      X.arena
        .use(sparseKernels)
        .cscTreeSums(m, k, columns.pointer, ...stored, ...tree, sums.pointer, m * k, work.pointer);
      rows.sumNodes(out, sums.view.slice());
    } finally {
      scratch.release();
    }
  }
}

/** The indices 0 … n − 1, as a list of columns. */
export function allColumns(n: number, keep: Scratch): Block<Int32Array> {
  const list = keep.i32(n);
  const view = list.view;
  for (let j = 0; j < n; j++) view[j] = j;
  return list;
}
