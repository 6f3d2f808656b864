import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  numberOption,
  type OptionsOf,
} from '@southwell/numerics/core';
import { checkMoments, type InputMoments } from './moments.ts';
import { checkWeights } from './prune.ts';
import type { CodedWeights } from './quantise.ts';
import { sweepColumns } from './sweep.ts';

const records = {
  /** Bits of a weight, from 1 to 8. Default 4. */
  bits: integerOption({ min: 1, max: 8 }),
  /**
   * `nearest`: every weight has the level nearest to it (the default without full moments). `sweep`: column by column, where
   * the columns to the right make up for the error.
   */
  rounding: choiceOption({ nearest: 'to nearest', sweep: 'column by column' }),
  /** Of `sweep`: added to the diagonal of the moments, as a share of its mean. Default 0.01. */
  damping: numberOption({ min: 0, finite: true }),
} as const;

/** Options of {@link quantiseToGrid}. */
export type GridOptions = OptionsOf<typeof records>;

/** Shares of the largest weight of a row that are tried as the end of its grid. */
const ENDS = Float64Array.from({ length: 25 }, (_, i) => 1 - i / 40);

/**
 * Weights as 2^bits evenly spaced levels ±½, ±1½, … times a scale for each row, the scale whose rounding errors are least, each
 * weighted by the mean square of its input; with full moments rounded by GPTQ (Frantar et al. 2023). O(size) to nearest, else
 * O(rows·columns² + columns³).
 * @throws INVALID_PARAMETER for unknown options or values out of range, and for `sweep` without full moments; NON_FINITE for
 * weights that are NaN or infinite; INVALID_SHAPE if the moments are those of other inputs.
 */
export function quantiseToGrid(W: DenseMatrix, options: GridOptions = {}, moments?: InputMoments): CodedWeights {
  checkOptions('quantiseToGrid', records, options);
  const { bits = 4, rounding = moments?.full ? 'sweep' : 'nearest', damping = 0.01 } = options;
  checkWeights('quantiseToGrid', W);
  if (moments) checkMoments('quantiseToGrid', W, moments);
  const { rows, cols: columns } = W;
  const k = 2 ** bits;
  const middle = (k - 1) / 2;
  const scales = scalesOf(W, middle, moments?.diagonal);
  const indices = new Uint8Array(rows * columns);
  const round = (column: Float64Array, j: number): void => {
    for (let i = 0; i < rows; i++) {
      const place = scales[i] === 0 ? 0 : Math.round(column[i] / scales[i] + middle);
      const q = Math.max(0, Math.min(k - 1, place));
      indices[i * columns + j] = q;
      column[i] = (q - middle) * scales[i];
    }
  };
  const work = DenseMatrix.fromColumnMajor(W.data, rows, columns);
  if (rounding === 'nearest') for (let j = 0; j < columns; j++) round(work.column(j), j);
  else if (moments) sweepColumns('quantiseToGrid with rounding sweep', work, moments, damping, { round });
  else fail('INVALID_PARAMETER', 'quantiseToGrid: rounding sweep needs moments of the inputs.');
  work.free();
  const codebooks = Float32Array.from({ length: k }, (_, q) => q - middle);
  return { rows, columns, bits, boundaries: Int32Array.of(0), codebooks, scales, indices };
}

/** The scale of each row, in single precision; 0 for rows of zeros. */
function scalesOf({ rows, cols, data }: DenseMatrix, middle: number, squares: Float64Array | undefined): Float32Array {
  const scales = new Float32Array(rows);
  const row = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    let most = 0;
    for (let j = 0; j < cols; j++) {
      row[j] = data[j * rows + i];
      most = Math.max(most, Math.abs(row[j]));
    }
    let best = Number.POSITIVE_INFINITY;
    for (const end of ENDS) {
      const scale = Math.fround((end * most) / Math.max(middle, 0.5));
      if (scale === 0) break;
      const [each, greatest] = [1 / scale, 2 * middle];
      let error = 0;
      for (let j = 0; j < cols; j++) {
        const place = Math.max(0, Math.min(greatest, row[j] * each + middle));
        const difference = row[j] - (((place + 0.5) | 0) - middle) * scale;
        error += difference * difference * (squares ? squares[j] : 1);
      }
      if (error < best) [best, scales[i]] = [error, scale];
    }
  }
  return scales;
}
