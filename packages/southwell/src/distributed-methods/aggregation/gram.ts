import type { Exchange, RowSums } from '@southwell/distributed';
import { arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';

/** The entries of a gradient in the order of the parameters. */
export type Gradient = Float64Array | Float32Array | readonly number[];

/** Rows that are copied to kernel memory at once: columns of many workers still fit the second cache. */
export const blockRows = (workers: number): number =>
  Math.max(256, Math.min(4096, 2 ** Math.floor(Math.log2(65536 / workers))));

/** Copies [from, to) of a gradient to `into` from `at` on. */
export function copyPart(gradient: Gradient, from: number, to: number, into: Float64Array, at: number): void {
  into.set(Array.isArray(gradient) ? gradient.slice(from, to) : (gradient as Float64Array).subarray(from, to), at);
}

/**
 * The p × p matrix of inner products of the columns, each of which holds this rank's rows of one gradient; the same bits
 * on all ranks and on any number of them. O(N p² / ranks).
 */
export function* gramOf(sums: RowSums, columns: readonly Gradient[]): Exchange<Float64Array> {
  const p = columns.length;
  const rows = Math.min(blockRows(p), sums.chunk);
  const arena = arenaFor(8 * p * (rows + p));
  const scratch = arena.scratch();
  const K = new Float64Array(p * p);
  try {
    const A = scratch.f64(rows * p).pointer;
    const C = scratch.f64(p * p).pointer;
    const work = scratch.f64(Math.ceil(gemmWorkBytes(p, p, rows) / 8)).pointer;
    yield* sums.allReduce(K, (from, to, part) => {
      for (let start = from; start < to; start += rows) {
        const count = Math.min(rows, to - start);
        const at = start - sums.first;
        const heap = arena.f64;
        columns.forEach((column, i) => {
          copyPart(column, at, at + count, heap, A / 8 + i * rows);
        });
        arena.kernels.syrk(false, p, count, A, rows, C, p, work);
        for (let k = 0; k < p * p; k++) part[k] += heap[C / 8 + k];
      }
    });
  } finally {
    scratch.release();
  }
  return K;
}

/** Rows of one pass of {@link combine}: the partial sums stay in the first cache. */
const STRIP = 2048;

/** out ← Σ weights[i]·columns[i]; columns of weight 0 are not read. O(N p). */
export function combine(columns: readonly Gradient[], weights: ArrayLike<number>, out: Float64Array): void {
  const used = columns.map((column, i) => ({ column, weight: weights[i] })).filter(({ weight }) => weight !== 0);
  const zero = { column: out, weight: 0 };
  out.fill(0);
  for (let from = 0; from < out.length; from += STRIP) {
    const to = Math.min(out.length, from + STRIP);
    let i = 0;
    for (; i + 3 < used.length; i += 4) addFour(used[i], used[i + 1], used[i + 2], used[i + 3], from, to, out);
    for (; i < used.length; i++) addOne(used[i] ?? zero, from, to, out);
  }
}

interface Weighted {
  readonly column: Gradient;
  readonly weight: number;
}

function addFour(
  a: Weighted,
  b: Weighted,
  c: Weighted,
  d: Weighted,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const [x, y, z, u] = [a.column, b.column, c.column, d.column];
  const [wx, wy, wz, wu] = [a.weight, b.weight, c.weight, d.weight];
  for (let k = from; k < to; k++) out[k] = out[k] + wx * x[k] + wy * y[k] + wz * z[k] + wu * u[k];
}

function addOne({ column, weight }: Weighted, from: number, to: number, out: Float64Array): void {
  for (let k = from; k < to; k++) out[k] += weight * column[k];
}

/**
 * Checks a symmetric p × p matrix of inner products given as p² numbers.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function checkGram(where: string, K: Float64Array): number {
  const p = Math.round(Math.sqrt(K.length));
  if (p === 0 || p * p !== K.length) {
    fail('INVALID_SHAPE', `${where} takes the p × p inner products of p ≥ 1 gradients, not ${K.length} numbers.`);
  }
  let largest = 0;
  for (const v of K) largest = Math.max(largest, Math.abs(v));
  if (!Number.isFinite(largest)) {
    fail(
      'NON_FINITE',
      `${where} takes inner products of finite gradients; leave the gradients out that are not finite.`,
    );
  }
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(K[i * p + j] - K[j * p + i]) > 1e-9 * largest) {
        fail('INVALID_SHAPE', `${where} takes a symmetric matrix, but entries (${i}, ${j}) and (${j}, ${i}) differ.`);
      }
    }
  }
  return p;
}

/** Rows and columns `kept` of the p × p matrix K. */
export function partOfGram(K: Float64Array, p: number, kept: readonly number[]): Float64Array {
  const q = kept.length;
  const part = new Float64Array(q * q);
  kept.forEach((i, a) => {
    kept.forEach((j, b) => {
      part[a * q + b] = K[i * p + j];
    });
  });
  return part;
}

/** K w. */
export function times(K: Float64Array, w: Float64Array): Float64Array {
  const p = w.length;
  const out = new Float64Array(p);
  for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) out[i] += K[i * p + j] * w[j];
  return out;
}

/** ‖Σ w_i g_i‖. O(p²). */
export function lengthOf(K: Float64Array, w: Float64Array): number {
  const Kw = times(K, w);
  let square = 0;
  for (let i = 0; i < w.length; i++) square += w[i] * Kw[i];
  return Math.sqrt(Math.max(0, square));
}

/** Distances of all gradients from Σ w_i g_i, from their inner products. Rounding leaves √ε of the norms. O(p²). */
export function distancesFrom(K: Float64Array, w: Float64Array): Float64Array {
  const p = w.length;
  const Kw = times(K, w);
  let square = 0;
  for (let i = 0; i < p; i++) square += w[i] * Kw[i];
  return Float64Array.from(w, (_, i) => Math.sqrt(Math.max(0, K[i * p + i] - 2 * Kw[i] + square)));
}

/** Squared distances between gradients, from their inner products. O(p²). */
export function squaredDistances(K: Float64Array, p: number): Float64Array {
  const out = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      if (i !== j) out[i * p + j] = Math.max(0, K[i * p + i] + K[j * p + j] - 2 * K[i * p + j]);
    }
  }
  return out;
}

/** The middle value, or the mean of the two in the middle. O(p log p). */
export function medianOf(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
