import { gemmWorkBytes } from '@southwell/kernels';
import { choiceOption } from '@southwell/numerics/core';
import { align, type Place } from '../newtonSchulz.ts';
import type { ResolvedRange } from '../ranges.ts';
import type { OptimiserState } from '../state.ts';
import { basisRows, checkBasis, type FixedBasis } from './bases.ts';
import { type Geometry, geometryOf } from './geometry.ts';

const normTitles = { l1: 'sum of absolute values', l2: 'Euclidean' } as const;
/** The norm of the projection to a vector by which alignment is measured. */
export type AlignmentNorm = keyof typeof normTitles;
export const alignmentOption = choiceOption(normTitles);

/** Scratch layout of a matrix, as byte offsets from its beginning, where the matrix itself is stored. */
export interface Layout extends Geometry {
  /** The transform of the matrix, later the result of the back-projection. */
  readonly whole: number;
  /** The projection of the matrix, and a second one. */
  readonly low: number;
  readonly other2: number;
  /** The vectors as rows, r × side in column-major order, and the previous vectors. */
  readonly vectors: number;
  readonly before: number;
  readonly work: number;
  readonly end: number;
}

export function layoutOf(range: ResolvedRange, rank: number, bytes: number): Layout {
  const geometry = geometryOf(range);
  const { rows, cols, side, other } = geometry;
  const whole = align(rows * cols * bytes);
  const low = whole + align(rows * cols * bytes);
  const other2 = low + align(rank * other * bytes);
  const vectors = other2 + align(rank * other * bytes);
  const before = vectors + align(rank * side * bytes);
  const work = before + align(rank * side * bytes);
  const end = work + gemmWorkBytes(other, other, other);
  return { ...geometry, whole, low, other2, vectors, before, work, end };
}

/**
 * Offsets of the tables of fixed bases, after the scratch of the matrices: one table for each size of a smaller side.
 */
export function tableOffsets(ranges: readonly ResolvedRange[], from: number, bytes: number): Map<number, number> {
  const tables = new Map<number, number>();
  let at = from;
  for (const range of ranges) {
    const { side } = geometryOf(range);
    if (tables.has(side)) continue;
    tables.set(side, at);
    at += align(side * side * bytes);
  }
  return tables;
}

/** Data that a state of projected matrices needs besides its slots; created once per state. */
export class Plan {
  readonly layouts: ReadonlyArray<Layout | undefined>;
  private readonly tables: Map<number, number>;

  constructor(
    private readonly state: OptimiserState,
    readonly rank: number,
    wanted: (range: ResolvedRange) => boolean,
    basis: FixedBasis | undefined,
    seed: number,
  ) {
    const { ranges, bytes } = state;
    this.layouts = ranges.map((range) => (wanted(range) ? layoutOf(range, rank, bytes) : undefined));
    const end = Math.max(0, ...this.layouts.map((layout) => layout?.end ?? 0));
    this.tables = basis ? tableOffsets(ranges.filter(wanted), align(end), bytes) : new Map();
    for (const [side, at] of this.tables) {
      // Column-major, as kernels need it.
      const rows = basisRows(basis!, side, seed);
      const heap = heapOf(state);
      const to = (state.scratch + at) / bytes;
      for (let k = 0; k < side; k++) for (let j = 0; j < side; j++) heap[to + k + j * side] = rows[k * side + j];
    }
  }

  /**
   * The transform of the matrix at `from` by all vectors of the basis, written to the layout's `whole`.
   * O(rows·cols·side).
   */
  transform(layout: Layout, from: number): void {
    const { state } = this;
    const { rows: n, cols: m, left, side, whole, work } = layout;
    const gemm = gemmOf(state);
    const [S, Q, room] = [state.scratch + whole, state.scratch + this.tables.get(side)!, state.scratch + work];
    if (left) gemm(false, true, m, n, n, 1, from, m, Q, n, 0, S, m, room);
    else gemm(false, false, m, n, m, 1, Q, m, from, m, 0, S, m, room);
  }

  /** The norm of the transform along each vector of the basis. */
  scores({ rows: n, cols: m, left, side, whole }: Layout, norm: AlignmentNorm): Float64Array {
    const { state } = this;
    const heap = heapOf(state);
    const at = (state.scratch + whole) / state.bytes;
    const scores = new Float64Array(side);
    const square = norm === 'l2';
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        const v = heap[at + i * m + j];
        scores[left ? i : j] += square ? v * v : Math.abs(v);
      }
    }
    return scores;
  }

  /** Copies the selected vectors of the transform to the layout's `low`, and those of the basis to its `vectors`. */
  take({ rows: n, cols: m, left, side, whole, low, vectors }: Layout, places: ArrayLike<number>): void {
    const { state } = this;
    const { bytes, scratch } = state;
    const heap = heapOf(state);
    const r = places.length;
    const [S, a] = [(scratch + whole) / bytes, (scratch + low) / bytes];
    for (let k = 0; k < r; k++) {
      const place = places[k];
      if (left) heap.copyWithin(a + k * m, S + place * m, S + (place + 1) * m);
      else for (let i = 0; i < n; i++) heap[a + k + i * r] = heap[S + place + i * m];
    }
    this.vectors(side, vectors, places);
  }

  /** Copies the selected vectors of the basis, as rows, to `vectors`. */
  vectors(side: number, vectors: number, places: ArrayLike<number>): void {
    const { state } = this;
    const heap = heapOf(state);
    const r = places.length;
    const [P, Q] = [(state.scratch + vectors) / state.bytes, (state.scratch + this.tables.get(side)!) / state.bytes];
    for (let j = 0; j < side; j++) for (let k = 0; k < r; k++) heap[P + k + j * r] = heap[Q + places[k] + j * side];
  }

  /** The projection of the matrix at `from`, written to the layout's `low`. O(rows·cols·r). */
  project({ rows: n, cols: m, left, low, vectors, work }: Layout, from: number): void {
    const { state, rank: r } = this;
    const gemm = gemmOf(state);
    const [a, P, room] = [state.scratch + low, state.scratch + vectors, state.scratch + work];
    if (left) gemm(false, true, m, r, n, 1, from, m, P, r, 0, a, m, room);
    else gemm(false, false, r, n, m, 1, P, r, from, m, 0, a, r, room);
  }

  /** The matrix at `to` ← alpha·(back-projection of `low`) + beta·(the matrix). O(rows·cols·r). */
  back({ rows: n, cols: m, left, vectors, work }: Layout, low: number, to: number, alpha: number, beta: number): void {
    const { state, rank: r } = this;
    const gemm = gemmOf(state);
    const [P, room] = [state.scratch + vectors, state.scratch + work];
    if (left) gemm(false, false, m, n, r, alpha, low, m, P, r, beta, to, m, room);
    else gemm(true, false, m, n, r, alpha, P, r, low, r, beta, to, m, room);
  }
}

/** The plan of each state, created on first use. */
export function planner(
  rank: number,
  wanted: (range: ResolvedRange) => boolean,
  basis: FixedBasis | undefined,
  seed: number,
): (state: OptimiserState) => Plan {
  const plans = new WeakMap<OptimiserState, Plan>();
  return (state) => {
    const plan = plans.get(state) ?? new Plan(state, rank, wanted, basis, seed);
    plans.set(state, plan);
    return plan;
  };
}

export const heapOf = ({ arena, single }: Place): Float32Array | Float64Array => (single ? arena.f32 : arena.f64);
export const gemmOf = ({ arena, single }: Place) => (single ? arena.kernels.sgemm : arena.kernels.gemm);

/** Bytes of scratch; checks the basis. @throws INVALID_PARAMETER. */
export function planBytes(
  ranges: readonly ResolvedRange[],
  rank: number,
  bytes: number,
  basis: FixedBasis | undefined,
): number {
  let end = 0;
  for (const range of ranges) end = Math.max(end, layoutOf(range, rank, bytes).end);
  let tables = 0;
  for (const side of new Set(ranges.map((range) => geometryOf(range).side))) tables += align(side * side * bytes);
  for (const range of basis ? ranges : []) checkBasis(basis!, geometryOf(range).side, range.name);
  return align(end) + (basis ? tables : 0);
}
