import { transformKernels } from '@southwell/kernels/transforms';
import type { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { fail, Random } from '../core/index.ts';
import type { Drawn } from './sketch.ts';

/**
 * `per` entries ±1/√per in each column of S, one in each of `per` blocks of rows (OSNAP; Nelson and Nguyễn 2013); with
 * one entry, the count sketch (Clarkson and Woodruff 2013). O(per) per matrix entry; zeros of sparse matrices are
 * skipped.
 * @throws INVALID_PARAMETER if there are fewer rows than entries per column.
 */
export function osnap(n: number, rows: number, seed: number, per: number): Drawn {
  if (per > rows) {
    fail('INVALID_PARAMETER', `A sketch with ${per} entries per column needs at least as many rows, but has ${rows}.`);
  }
  const random = new Random(seed);
  // 2 · row, plus 1 for a negative sign.
  const places = new Int32Array(n * per);
  const starts = Array.from({ length: per + 1 }, (_, t) => Math.floor((t * rows) / per));
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < per; t++) {
      const row = starts[t] + random.integer(starts[t + 1] - starts[t]);
      places[i * per + t] = 2 * row + (random.bits() & 1);
    }
  }
  const scale = 1 / Math.sqrt(per);
  return {
    into(M, scales, out) {
      if (M.kind === 'dense') scatter(M, scales, out, places, per);
      else scatterSparse(M, scales, out.data, places, per, rows);
      if (per === 1) return;
      const { data } = out;
      for (let k = 0; k < data.length; k++) data[k] *= scale;
    },
  };
}

function scatter(
  M: DenseMatrix,
  scales: Float64Array | undefined,
  out: DenseMatrix,
  places: Int32Array,
  per: number,
): void {
  const { arena, rows: m, cols } = M;
  if (m === 0 || cols === 0) return;
  const scratch = arena.scratch();
  try {
    const where = scratch.i32(places.length);
    where.view.set(places);
    const by = scales && scratch.f64(m);
    by?.view.set(scales!);
    const work = scratch.f64(4 * out.rows).pointer;
    arena
      .use(transformKernels)
      .scatterRows(
        ...([m, cols, per, where.pointer, by?.pointer ?? 0, M.pointer, m] as const),
        ...([out.rows, out.pointer, out.rows, work] as const),
      );
  } finally {
    scratch.release();
  }
}

function scatterSparse(
  { cols, colPointers, rowIndices, values }: CscMatrix,
  scales: Float64Array | undefined,
  out: Float64Array,
  places: Int32Array,
  per: number,
  rows: number,
): void {
  for (let j = 0; j < cols; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      const v = values[k] * (scales ? scales[i] : 1);
      for (let t = 0; t < per; t++) {
        const place = places[per * i + t];
        out[j * rows + (place >>> 1)] += place & 1 ? -v : v;
      }
    }
  }
}
