import { gemmWorkBytes } from '@southwell/kernels';
import type { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { transpose } from '../linalg/index.ts';
import type { Drawn } from './sketch.ts';

/** Columns of S drawn at a time; each such block has its own random stream. */
const BLOCK = 64;

/**
 * Independent N(0, 1/m) entries, regenerated at every use rather than stored. O(m·n) normal variates, and 2m operations
 * per matrix entry.
 */
export function gaussian(n: number, rows: number, seed: number): Drawn {
  const random = new Random(seed);
  const scale = 1 / Math.sqrt(rows);
  /** Generates `count` columns of S, beginning with column `first`. */
  const draw = (first: number, count: number, S: Float64Array) => {
    const own = random.split(first / BLOCK);
    for (let k = 0; k < rows * count; k++) S[k] = scale * own.normal();
  };
  return {
    into(M, scales, out) {
      if (M.kind === 'dense') denseProduct(M, scales, out, draw);
      else sparseProduct(M, scales, out, draw);
    },
  };
  function denseProduct(M: DenseMatrix, scales: Float64Array | undefined, out: DenseMatrix, fill: typeof draw): void {
    const { arena, cols } = M;
    const scratch = arena.scratch();
    try {
      const S = scratch.f64(rows * BLOCK);
      const work = scratch.f64(gemmWorkBytes(rows, cols, BLOCK) / 8).pointer;
      for (let first = 0; first < n; first += BLOCK) {
        const count = Math.min(BLOCK, n - first);
        fill(first, count, S.view);
        if (scales) scaleColumns(S.view, scales, first, count);
        arena.kernels.gemm(
          ...([false, false, rows, cols, count, 1, S.pointer, rows, M.pointer + 8 * first, n] as const),
          ...([1, out.pointer, rows, work] as const),
        );
      }
    } finally {
      scratch.release();
    }
  }
  function sparseProduct(M: CscMatrix, scales: Float64Array | undefined, out: DenseMatrix, fill: typeof draw): void {
    // Transposed, so that S is generated only once for all columns of M.
    const T = transpose(M);
    const S = new Float64Array(rows * BLOCK);
    const { data } = out;
    const { colPointers, rowIndices, values } = T;
    for (let first = 0; first < n; first += BLOCK) {
      const count = Math.min(BLOCK, n - first);
      fill(first, count, S);
      if (scales) scaleColumns(S, scales, first, count);
      for (let i = first; i < first + count; i++) {
        const column = (i - first) * rows;
        for (let k = colPointers[i]; k < colPointers[i + 1]; k++) {
          const [to, v] = [rowIndices[k] * rows, values[k]];
          for (let r = 0; r < rows; r++) data[to + r] += v * S[column + r];
        }
      }
    }
    T.free();
  }
  function scaleColumns(S: Float64Array, scales: Float64Array, first: number, count: number): void {
    for (let c = 0; c < count; c++) for (let r = 0; r < rows; r++) S[c * rows + r] *= scales[first + c];
  }
}
