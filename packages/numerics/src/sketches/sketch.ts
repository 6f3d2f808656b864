import { arenaFor } from '@southwell/kernels';
import { type TransformKernels, transformKernels } from '@southwell/kernels/transforms';
import { asMatrix, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import type { SketchKind } from './kinds.ts';

/**
 * A random m × n matrix S with E[SᵀS] = I, drawn once and applied without storing its entries. SA has m rows, and the
 * norms of vectors in the range of A are preserved up to a relative error of about √(cols/m), as far as the kind
 * guarantees it.
 */
export interface Sketch {
  readonly kind: SketchKind;
  /** Number of rows of the matrices to sketch. */
  readonly n: number;
  /** Number of rows of the sketch, m. */
  readonly rows: number;
  readonly seed: number;
  /**
   * SM, or S·diag(scales)·M, for M with n rows: m × cols, in M's arena. M is not modified.
   * @throws INVALID_SHAPE.
   */
  apply(M: MatrixLike, scales?: ArrayLike<number>): DenseMatrix;
  /**
   * Sv, or S·diag(scales)·v.
   * @throws INVALID_SHAPE.
   */
  applyVector(v: ArrayLike<number>, scales?: ArrayLike<number>): Float64Array;
}

/** The part of a sketch that depends on its kind. */
export interface Drawn {
  /** out ← S·diag(scales)·M, where out is m × cols, zero, and in M's arena. */
  into(M: Matrix, scales: Float64Array | undefined, out: DenseMatrix): void;
}

/** Wraps a drawn matrix as a sketch. */
export function sketchOf(kind: SketchKind, n: number, rows: number, seed: number, drawn: Drawn): Sketch {
  const apply = (given: MatrixLike, scales?: ArrayLike<number>): DenseMatrix => {
    const M = asMatrix(given);
    try {
      if (M.rows !== n) {
        fail(
          'INVALID_SHAPE',
          `This sketch takes ${n} rows, but the matrix has ${M.rows}. Draw one for ${M.rows} rows.`,
        );
      }
      if (scales && scales.length !== n) {
        fail('INVALID_SHAPE', `Give one scale for each of the ${n} rows, not ${scales.length}.`);
      }
      const out = DenseMatrix.create(rows, M.cols, { arena: M.arena });
      drawn.into(M, scales && Float64Array.from(scales), out);
      return out;
    } finally {
      if (M !== given) M.free();
    }
  };
  return {
    ...{ kind, n, rows, seed, apply },
    applyVector(v, scales) {
      const column = DenseMatrix.fromColumnMajor(v, v.length, 1);
      try {
        const out = apply(column, scales);
        const values = out.data.slice();
        out.free();
        return values;
      } finally {
        column.free();
      }
    },
  };
}

/**
 * A vector in kernel memory for a transform to work on: a view, valid until the next allocation, and a pointer for
 * kernels.
 */
export interface Workspace {
  readonly view: Float64Array;
  readonly pointer: number;
  readonly kernels: TransformKernels;
}

/**
 * A sketch applied column by column, so that only one column is copied at a time: `column` receives a workspace whose
 * first n values are the column, followed by zeros, and writes the m values of its sketch to `out`. O(cols) calls.
 */
export function byColumns(size: number, column: (work: Workspace, out: Float64Array) => void): Drawn {
  return {
    into(M, scales, out) {
      const arena = arenaFor(8 * size);
      const block = arena.f64Block(size);
      const image = new Float64Array(out.rows);
      try {
        for (let j = 0; j < M.cols; j++) {
          const { view, pointer } = block;
          copyColumn(M, j, scales, view);
          column({ view, pointer, kernels: arena.use(transformKernels) }, image);
          out.column(j).set(image);
        }
      } finally {
        block.free();
      }
    },
  };
}

function copyColumn(M: Matrix, j: number, scales: Float64Array | undefined, to: Float64Array): void {
  if (M.kind === 'dense') {
    to.set(M.column(j));
    to.fill(0, M.rows);
  } else {
    to.fill(0);
    const { colPointers, rowIndices, values } = M;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) to[rowIndices[k]] = values[k];
  }
  if (scales) for (let i = 0; i < M.rows; i++) to[i] *= scales[i];
}
