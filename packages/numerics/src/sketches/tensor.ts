import { arenaFor } from '@southwell/kernels';
import { transformKernels } from '@southwell/kernels/transforms';
import { asMatrix, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail, Random } from '../core/index.ts';
import { byColumns, type Drawn, type Sketch, sketchOf } from './sketch.ts';
import { checkRows, powerOfTwoFrom, signs } from './transforms.ts';

/**
 * Numbers of rows of the factors of a Kronecker product: its row i₁·n₂ + i₂ combines row i₁ of the first factor and row
 * i₂ of the second.
 */
export type KroneckerRows = readonly [number, number];

/** A sketch of Kronecker products, without forming them. */
export interface TensorSketch extends Sketch {
  readonly kind: 'tensor-srht';
  readonly factors: KroneckerRows;
  /**
   * S(A ⊗ B), m × (cols of A · cols of B), from A and B alone; column j₁·cols + j₂ belongs to columns j₁ and j₂. O((N₁
   * log N₁) cols of A + (N₂ log N₂) cols of B + m · columns).
   * @throws INVALID_SHAPE.
   */
  applyKronecker(A: MatrixLike, B: MatrixLike): DenseMatrix;
}

/** P·(H D₁ ⊗ H D₂)/√m with m distinct pairs of rows. */
export function tensorSrht(factors: KroneckerRows, rows: number, seed: number): TensorSketch {
  const random = new Random(seed);
  const padded = factors.map(powerOfTwoFrom);
  const total = padded[0] * padded[1];
  checkRows(rows, total, `${padded[0]} · ${padded[1]} pairs of rows`);
  const flips = factors.map((n, k) => signs(n, random.split(k)));
  const pairs = random.split(2).sample(total, rows).sort();
  const scale = 1 / Math.sqrt(rows);
  const n = factors[0] * factors[1];
  const sketch = sketchOf('tensor-srht', n, rows, seed, formed(factors, padded, flips, pairs, scale));
  return {
    ...sketch,
    kind: 'tensor-srht',
    factors,
    applyKronecker(A, B) {
      const [first, second] = [A, B].map((M, k) => transformed(M, padded[k], flips[k], k));
      try {
        const out = DenseMatrix.create(rows, first.cols * second.cols, { arena: first.arena, fill: false });
        const { data } = out;
        let at = 0;
        for (let j = 0; j < first.cols; j++) {
          const u = first.column(j);
          for (let k = 0; k < second.cols; k++) {
            const v = second.column(k);
            for (const pair of pairs) data[at++] = scale * u[Math.floor(pair / padded[1])] * v[pair % padded[1]];
          }
        }
        return out;
      } finally {
        first.free();
        second.free();
      }
    },
  };
}

/** H·D·M, applied to every column, with N rows. */
function transformed(given: MatrixLike, N: number, sign: Float64Array, which: number): DenseMatrix {
  const M: Matrix = asMatrix(given);
  if (M.rows !== sign.length) {
    const name = which === 0 ? 'first' : 'second';
    fail('INVALID_SHAPE', `The ${name} factor has ${M.rows} rows, but this sketch was drawn for ${sign.length}.`);
  }
  const out = DenseMatrix.create(N, M.cols);
  byColumns(N, ({ view, pointer, kernels }, column) => {
    for (let i = 0; i < sign.length; i++) view[i] *= sign[i];
    kernels.hadamard(N, pointer);
    column.set(view);
  }).into(M, undefined, out);
  if (M !== given) M.free();
  return out;
}

/** The same sketch of explicitly formed matrices: along the second factor first, then along the first. */
function formed(
  [n1, n2]: KroneckerRows,
  [N1, N2]: readonly number[],
  flips: readonly Float64Array[],
  pairs: Int32Array,
  scale: number,
): Drawn {
  return byColumns(n1 * n2, ({ view }, out) => {
    const values = view.slice();
    const arena = arenaFor(8 * N1 * (N2 + 1));
    const [grid, line] = [arena.f64Block(N1 * N2), arena.f64Block(N1)];
    try {
      const all = grid.view;
      all.fill(0);
      for (let i = 0; i < n1; i++) {
        for (let j = 0; j < n2; j++) all[i * N2 + j] = flips[0][i] * flips[1][j] * values[i * n2 + j];
        arena.use(transformKernels).hadamard(N2, grid.pointer + 8 * i * N2);
      }
      for (let j = 0; j < N2; j++) {
        for (let i = 0; i < N1; i++) line.view[i] = all[i * N2 + j];
        arena.use(transformKernels).hadamard(N1, line.pointer);
        for (let i = 0; i < N1; i++) all[i * N2 + j] = line.view[i];
      }
      for (let k = 0; k < out.length; k++) out[k] = scale * all[pairs[k]];
    } finally {
      line.free();
      grid.free();
    }
  });
}
