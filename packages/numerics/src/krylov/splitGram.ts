import { gemmWorkBytes } from '@southwell/kernels';
import type { DenseMatrix } from '../arrays/index.ts';
import { largestOf, type SplitRows } from '../core/index.ts';
import { gramMatrix } from '../linalg/index.ts';
import type { Operator } from '../operators/index.ts';
import { scaleBy } from './blockBasis.ts';

/** XXᵀ of the shorter side, divided by `unit`. */
export interface Gram {
  readonly G: DenseMatrix;
  readonly unit: number;
}

/** Number of values of X per piece sent to all ranks. */
const PIECE = 1 << 20;

/**
 * G = XXᵀ/unit for the shorter side of dense data whose rows are distributed over ranks, on all of them: summed over
 * rows or, if there are fewer rows than columns, from groups of columns gathered from all ranks.
 */
export function splitShortGram(A: Operator, split: SplitRows): Gram | undefined {
  const { matrix: X, mean } = A;
  if (X.kind !== 'dense') return undefined;
  const unit = sizeOf(X.data, split);
  const flip = A.rows < A.cols;
  const n = Math.min(A.rows, A.cols);
  const G = A.wide(n, n);
  if (flip) {
    G.data.fill(0);
    const term = A.wide(n, n);
    const length = Math.min(A.cols, Math.max(n, Math.ceil(PIECE / n)));
    for (let from = 0; from < A.cols; from += length) {
      const count = Math.min(length, A.cols - from);
      const own = new Float64Array(A.own * count);
      const x = X.data;
      for (let j = 0; j < count; j++) {
        const [at, off] = [(from + j) * A.own, mean ? mean[from + j] : 0];
        for (let i = 0; i < A.own; i++) own[i * count + j] = (x[at + i] - off) / unit;
      }
      const piece = A.filled(split.gather(own), count, n);
      gramMatrix(piece, term);
      const [sum, more] = [G.data, term.data];
      for (let at = 0; at < sum.length; at++) sum[at] += more[at];
      piece.free();
    }
    term.free();
  } else {
    const { arena } = X;
    const scratch = arena.scratch();
    const tall = split.pieces.reduce((most, [from, to]) => Math.max(most, to - from), 0);
    const piece = scratch.f64(tall * n);
    const work = scratch.f64(Math.ceil(gemmWorkBytes(n, n, tall) / 8)).pointer;
    const sums = new Float64Array(n * n);
    split.sum(sums, (_, from, to, part) => {
      const count = to - from;
      const [x, packed] = [X.data, piece.view];
      for (let j = 0; j < n; j++) {
        const [at, off] = [j * A.own + from, mean ? mean[j] : 0];
        for (let i = 0; i < count; i++) packed[j * count + i] = (x[at + i] - off) / unit;
      }
      arena.kernels.syrk(false, n, count, piece.pointer, count, G.pointer, n, work);
      part.set(G.data);
    });
    G.data.set(sums);
    scratch.release();
  }
  scaleBy(G, unit);
  return { G, unit };
}

/** A power of two that keeps products in range; 1 except for extreme magnitudes. */
function sizeOf(values: Float64Array, split: SplitRows): number {
  let own = 0;
  for (let at = 0; at < values.length; at++) own = Math.max(own, Math.abs(values[at]));
  const largest = largestOf(split, own);
  return largest > 1e100 || (largest > 0 && largest < 1e-100)
    ? 2 ** Math.max(-1000, Math.floor(Math.log2(largest)))
    : 1;
}
