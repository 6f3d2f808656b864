import { arenaFor } from '@southwell/kernels';
import { type TransformKernels, transformKernels } from '@southwell/kernels/transforms';
import { asMatrix, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail } from '../core/index.ts';
import type { SketchKind } from './kinds.ts';

/**
 * A random m × n matrix S with E[SᵀS] = I that is drawn once, without its entries being kept: SA has m rows, and lengths of
 * what is in the range of A are kept within about √(cols/m) of themselves, as far as the kind can promise it.
 */
export interface Sketch {
  readonly kind: SketchKind;
  /** Rows of what is sketched. */
  readonly n: number;
  /** Rows of the sketch, m. */
  readonly rows: number;
  readonly seed: number;
  /**
   * SM, or S·diag(scales)·M, for M of n rows: m × cols, in M's arena. M is not changed.
   * @throws INVALID_SHAPE.
   */
  apply(M: MatrixLike, scales?: ArrayLike<number>): DenseMatrix;
  /**
   * Sv, or S·diag(scales)·v.
   * @throws INVALID_SHAPE.
   */
  applyVector(v: ArrayLike<number>, scales?: ArrayLike<number>): Float64Array;
}

/** What a kind of sketch does: everything else is the same for all. */
export interface Drawn {
  /** out ← S·diag(scales)·M, out m × cols of zeros in M's arena. */
  into(M: Matrix, scales: Float64Array | undefined, out: DenseMatrix): void;
}

/** The sketch of what was drawn. */
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
        fail('INVALID_SHAPE', `Scales are one for each of the ${n} rows, but there are ${scales.length}.`);
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

/** A vector in kernel memory that a transform works on: its view, until something is allocated, and its pointer for kernels. */
export interface Workspace {
  readonly view: Float64Array;
  readonly pointer: number;
  readonly kernels: TransformKernels;
}

/**
 * A sketch that takes columns one by one, so that only one is ever copied: `column` is handed a work space whose first n values
 * are the column, the others zero, and writes the m values of its sketch to `out`. O(cols) calls.
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
