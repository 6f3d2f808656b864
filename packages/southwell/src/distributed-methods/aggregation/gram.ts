import type { Exchange, RowSums } from '@southwell/distributed';
import { arenaFor, gemmWorkBytes } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { type Gradient, inScratch, Staging } from './staging.ts';

/** Rows that are copied to kernel memory at once: columns of many workers still fit the second cache. */
export const blockRows = (workers: number): number =>
  Math.max(256, Math.min(4096, 2 ** Math.floor(Math.log2(65536 / workers))));

/** Copies [from, to) of a gradient to `into` from `at` on. */
export function copyPart(gradient: Gradient, from: number, to: number, into: Float64Array, at: number): void {
  into.set(Array.isArray(gradient) ? gradient.slice(from, to) : (gradient as Float64Array).subarray(from, to), at);
}

/** Rows that tiles of products have: the matrices that they read are padded to a multiple. */
const TILE = 4;

/**
 * The p × p matrix of inner products of the columns, each of which holds this rank's rows of one gradient; the same bits
 * on all ranks and on any number of them, for gradients of 32 and of 64 bits. O(N p² / ranks).
 */
export function* gramOf(sums: RowSums, columns: readonly Gradient[]): Exchange<Float64Array> {
  const p = columns.length;
  const rows = Math.min(blockRows(p), sums.chunk);
  const wide = TILE * Math.ceil(p / TILE);
  const arena = arenaFor(Staging.bytes(columns, rows) + 8 * wide * (rows + wide));
  const scratch = arena.scratch();
  const K = new Float64Array(p * p);
  try {
    const staging = new Staging(arena, scratch, columns, sums.end - sums.first, { multiple: rows, count: wide });
    const { floats, ld } = staging;
    const A = floats ? scratch.f64(rows * wide).pointer : 0;
    const C = scratch.f64(wide * wide).pointer;
    const work = scratch.f64(Math.ceil(gemmWorkBytes(wide, wide, rows) / 8)).pointer;
    const { widen, syrk } = arena.kernels;
    if (floats) arena.f64.fill(0, A / 8 + p * rows, A / 8 + wide * rows);
    yield* sums.allReduce(K, (from, to, part) => {
      for (let start = from; start < to; start += rows) {
        const count = Math.min(rows, to - start);
        const row = start - sums.first;
        const at = staging.at(row, row + count);
        if (floats) {
          for (let i = 0; i < p; i++) widen(count, at + 4 * i * ld, A + 8 * i * rows);
          syrk(false, wide, count, A, rows, C, wide, work);
        } else syrk(false, wide, count, at, ld, C, wide, work);
        const heap = arena.f64;
        for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) part[i * p + j] += heap[C / 8 + i * wide + j];
      }
    });
  } finally {
    scratch.release();
  }
  return K;
}

/** The diagonal of {@link gramOf} alone, up to rounding: squared norms. O(N p / ranks). */
export function* squaresOf(sums: RowSums, columns: readonly Gradient[]): Exchange<Float64Array> {
  const rows = Math.min(blockRows(columns.length), sums.chunk);
  const arena = arenaFor(Staging.bytes(columns, rows));
  const scratch = arena.scratch();
  const squares = new Float64Array(columns.length);
  try {
    const staging = new Staging(arena, scratch, columns, sums.end - sums.first, { multiple: rows });
    const { floats, ld } = staging;
    const { dot, squareFloats } = arena.kernels;
    yield* sums.allReduce(squares, (from, to, part) => {
      for (let start = from; start < to; start += rows) {
        const count = Math.min(rows, to - start);
        const row = start - sums.first;
        const at = staging.at(row, row + count);
        for (let i = 0; i < part.length; i++) {
          const x = at + (floats ? 4 : 8) * i * ld;
          part[i] += floats ? squareFloats(count, x) : dot(count, x, x);
        }
      }
    });
  } finally {
    scratch.release();
  }
  return squares;
}

/**
 * out ← Σ weights[i]·columns[i], added up in the order of the columns; those of weight 0 are not read. False if a sum is not
 * finite. O(N p).
 */
export function combine(columns: readonly Gradient[], weights: ArrayLike<number>, out: Float64Array): boolean {
  const used = columns.filter((_, i) => weights[i] !== 0);
  const p = used.length;
  if (p === 0) {
    out.fill(0);
    return true;
  }
  return inScratch(2 * Staging.bytes(used), (arena, scratch) => {
    const n = out.length;
    const staging = new Staging(arena, scratch, used, n);
    const { ld, most, floats } = staging;
    const [w, y] = [scratch.f64(p).pointer, scratch.f64(most).pointer];
    arena.f64.set(
      Array.from(weights).filter((weight) => weight !== 0),
      w / 8,
    );
    const { combineFloats, combineDoubles } = arena.kernels;
    let probe = 0;
    for (let from = 0; from < n; from += most) {
      const count = Math.min(most, n - from);
      const x = staging.at(from, from + count);
      probe += floats ? combineFloats(count, p, x, ld, w, y) : combineDoubles(count, p, x, ld, w, y);
      out.set(arena.f64.subarray(y / 8, y / 8 + count), from);
    }
    return probe === 0;
  });
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
