import { DenseMatrix } from '@southwell/numerics/arrays';
import { matrixProduct } from '@southwell/numerics/linalg';
import type { Normalised } from '../scores.ts';
import type { Padded } from './fit.ts';

/** A matrix A·S·B: block-diagonal times sparse in groups times block-diagonal. */
export interface Factors {
  /** The size of the matrix, without padding. */
  readonly rows: number;
  readonly columns: number;
  /** The size of S: multiples of the block. */
  readonly padded: readonly [rows: number, columns: number];
  readonly blockSize: number;
  readonly keep: number;
  readonly of: number;
  /** The blocks of A one after the other, each column after column; the row scales are in them. */
  readonly A: Float64Array;
  /** The same of B, with the column scales. */
  readonly B: Float64Array;
  /** The entries of S that stay, row after row. */
  readonly values: Float64Array;
  /** The place of each within its group. */
  readonly places: Uint8Array;
  /** Σ h·(W̄ − A·S·B)² / Σ h·W̄². */
  readonly loss: number;
  /** The same at the start, with A = B = I. */
  readonly startLoss: number;
}

/** The factors of a state, with the scales of the normalisation in A and B. */
export function factorsOf(
  problem: Padded & { readonly scales: Normalised; readonly size: readonly [rows: number, columns: number] },
  { arrays: [A, B, S], mask }: { readonly arrays: readonly Float64Array[]; readonly mask: Uint8Array },
  { first, loss }: { readonly first: number; readonly loss: number },
): Factors {
  const { rows: m, columns: n, b, keep, of, scales, size } = problem;
  const [outer, inner] = [A.slice(), B.slice()];
  // Row p of block i of A belongs to row i·b + p of the matrix; column q of block j of B to column j·b + q.
  for (let at = 0; at < outer.length; at++) outer[at] *= scales.rows[Math.floor(at / (b * b)) * b + (at % b)] ?? 0;
  for (let at = 0; at < inner.length; at++) inner[at] *= scales.columns[Math.floor(at / b)] ?? 0;
  const count = (m * n * keep) / of;
  const [values, places] = [new Float64Array(count), new Uint8Array(count)];
  let k = 0;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      if (mask[j * m + i] === 0) continue;
      values[k] = S[j * m + i];
      places[k++] = j % of;
    }
  return {
    ...{ rows: size[0], columns: size[1], padded: [m, n], blockSize: b, keep, of },
    ...{ A: outer, B: inner, values, places, loss, startLoss: first },
  };
}

/** The matrix A·S·B. O(rows·columns·blockSize). */
export function factorsToDense(factors: Factors): DenseMatrix {
  const { rows, columns, padded, blockSize: b, keep, of, A, B, values, places } = factors;
  const [m, n] = padded;
  const out = DenseMatrix.create(rows, columns);
  const core = DenseMatrix.create(b, b);
  const [left, right, half, block] = [0, 1, 2, 3].map(() => DenseMatrix.create(b, b, { arena: core.arena }));
  const kept = (n / of) * keep;
  for (let i = 0; i < m; i += b) {
    left.data.set(A.subarray(i * b, (i + b) * b));
    for (let j = 0; j < n; j += b) {
      core.data.fill(0);
      for (let p = 0; p < b; p++)
        for (let g = Math.floor(j / of); g * of < j + b; g++)
          for (let k = 0; k < keep; k++) {
            const at = (i + p) * kept + g * keep + k;
            const column = g * of + places[at] - j;
            if (column >= 0 && column < b) core.set(p, column, values[at]);
          }
      right.data.set(B.subarray(j * b, (j + b) * b));
      matrixProduct(left, core, half);
      matrixProduct(half, right, block);
      for (let q = 0; q < b && j + q < columns; q++)
        for (let p = 0; p < b && i + p < rows; p++) out.set(i + p, j + q, block.get(p, q));
    }
  }
  for (const used of [core, left, right, half, block]) used.free();
  return out;
}

/**
 * Bytes of the factors with numbers of `bytes` bytes (4): the blocks, the values, and ⌈log₂ of⌉ bits for each place.
 */
export function factorsBytes({ A, B, values, of }: Factors, bytes = 4): number {
  return bytes * (A.length + B.length + values.length) + Math.ceil((values.length * Math.ceil(Math.log2(of))) / 8);
}

/** Multiplications of A·(S·(B·x)). */
export const factorsMultiplications = ({ A, B, values }: Factors): number => A.length + B.length + values.length;
