import type { Arena } from '@southwell/kernels';

/** Panel width. */
export const PANEL = 48;
/** From this many multiplications on, a product is computed by kernels. */
const LARGE = 400;

/** A front: the lower triangle with M rows at `at`; its first `whole` columns are fully assembled. */
export interface Front {
  readonly at: number;
  readonly M: number;
  readonly whole: number;
  /** The rows of the matrix to which those of the front belong; exchanged along with them. */
  readonly ids: Int32Array;
}

/**
 * Scratch for the elimination, in the memory of the front: M × (PANEL + 1) doubles, PANEL + 1 doubles, and scratch for
 * products.
 */
export interface PivotRoom {
  readonly W: number;
  readonly row: number;
  readonly work: number;
}

/**
 * Eliminates those fully assembled columns of a front that have acceptable pivots: 1 × 1 pivots of at least `threshold`
 * times the largest entry of the column, or 2 × 2 pivots with multipliers of at most 1/threshold (Duff and Reid 1983).
 * The columns of L overwrite the eliminated ones, which are exchanged to the front; D is appended to `diagonal` and
 * `below`. Returns the number eliminated; the remainder is updated for the parent. If all columns of a front are fully
 * assembled, all are eliminated, because its largest entry is always acceptable.
 */
export function eliminatePivots(
  arena: Arena,
  { at: F, M, whole, ids }: Front,
  { W, row, work }: PivotRoom,
  threshold: number,
  push: (diagonal: number, below: number) => void,
): number {
  // Long because its small functions share the front, the panel and the step, and are called for every column.
  const { kernels, f64: heap } = arena;
  const w = W / 8;
  const place = (i: number, j: number) => F + j * M + i;
  let first = 0;
  let k = 0;
  /** Computes the current column p, after the steps so far, in column `slot` of W. */
  const load = (p: number, slot: number): void => {
    const to = w + slot * M;
    for (let j = k; j < p; j++) heap[to + j] = heap[place(p, j)];
    heap.copyWithin(to + p, place(p, p), place(M, p));
    const done = k - first;
    if (done * (M - k) > LARGE) {
      for (let j = 0; j < done; j++) heap[row / 8 + j] = heap[w + j * M + p];
      kernels.gemv(M - k, done, -1, 8 * place(k, first), M, row, 1, 8 * (to + k));
      return;
    }
    for (let j = 0; j < done; j++) {
      const x = heap[w + j * M + p];
      if (x === 0) continue;
      const from = F + (first + j) * M;
      for (let i = k; i < M; i++) heap[to + i] -= heap[from + i] * x;
    }
  };
  /** The largest entry of rows from … to − 1 of a column of W, except for rows p and q. */
  const largest = (slot: number, from: number, to: number, p: number, q: number): number => {
    let best = -1;
    let most = 0;
    for (let i = from; i < to; i++) {
      if (i === p || i === q) continue;
      const v = Math.abs(heap[w + slot * M + i]);
      if (v > most) {
        most = v;
        best = i;
      }
    }
    return best;
  };
  const sizeAt = (slot: number, i: number) => (i < 0 ? 0 : Math.abs(heap[w + slot * M + i]));
  /** Exchanges row and column p, not yet eliminated, with `to` ≤ p, whose column is overwritten afterwards. */
  const exchange = (to: number, p: number, slots: number): void => {
    if (to === p) return;
    heap[place(p, p)] = heap[place(to, to)];
    for (let i = to + 1; i < p; i++) heap[place(p, i)] = heap[place(i, to)];
    heap.copyWithin(place(p + 1, p), place(p + 1, to), place(M, to));
    for (let j = 0; j < k; j++) swap(heap, place(to, j), place(p, j));
    for (let j = 0; j < slots; j++) swap(heap, w + j * M + to, w + j * M + p);
    const id = ids[to];
    ids[to] = ids[p];
    ids[p] = id;
  };
  const stepOfOne = (p: number): void => {
    const slot = k - first;
    exchange(k, p, slot + 1);
    const from = w + slot * M;
    const d = heap[from + k];
    if (d === 0) heap.fill(0, place(k + 1, k), place(M, k));
    else for (let i = k + 1; i < M; i++) heap[place(i, k)] = heap[from + i] / d;
    push(d, 0);
    k++;
  };
  const stepOfTwo = (p: number, q: number): void => {
    const slot = k - first;
    exchange(k, p, slot + 2);
    exchange(k + 1, q === k ? p : q, slot + 2);
    const one = w + slot * M;
    const two = w + (slot + 1) * M;
    const e = heap[one + k + 1];
    const d1 = heap[two + k + 1] / e;
    const d2 = heap[one + k] / e;
    const t = 1 / (d1 * d2 - 1);
    heap[place(k + 1, k)] = 0;
    for (let i = k + 2; i < M; i++) {
      const u = heap[one + i] / e;
      const v = heap[two + i] / e;
      heap[place(i, k)] = t * (d1 * u - v);
      heap[place(i, k + 1)] = t * (d2 * v - u);
    }
    push(heap[one + k], e);
    push(heap[two + k + 1], 0);
    k += 2;
  };
  /** Tries to find a pivot that includes column p. */
  const attempt = (p: number): boolean => {
    const slot = k - first;
    load(p, slot);
    const size = sizeAt(slot, p);
    const q = largest(slot, k, whole, p, p);
    const far = largest(slot, whole, M, p, p);
    const most = Math.max(sizeAt(slot, q), sizeAt(slot, far));
    if (size >= threshold * most && (size > 0 || most === 0)) {
      stepOfOne(p);
      return true;
    }
    if (q < 0) return false;
    load(q, slot + 1);
    const otherSize = sizeAt(slot + 1, q);
    const otherMost = sizeAt(slot + 1, largest(slot + 1, k, M, q, q));
    if (otherSize >= threshold * otherMost && otherSize > 0) {
      heap.copyWithin(w + slot * M + k, w + (slot + 1) * M + k, w + (slot + 2) * M);
      stepOfOne(q);
      return true;
    }
    const e = heap[w + slot * M + q];
    const a = heap[w + slot * M + p] / e;
    const b = heap[w + (slot + 1) * M + q] / e;
    const determinant = Math.abs(a * b - 1);
    const u = sizeAt(slot, largest(slot, k, M, p, q)) / Math.abs(e);
    const v = sizeAt(slot + 1, largest(slot + 1, k, M, p, q)) / Math.abs(e);
    if (
      determinant > 0 &&
      threshold * (Math.abs(b) * u + v) <= determinant &&
      threshold * (u + Math.abs(a) * v) <= determinant
    ) {
      stepOfTwo(p, q);
      return true;
    }
    return false;
  };
  const update = (): void => {
    const rest = M - k;
    const done = k - first;
    if (rest > 0 && done > 0) {
      if (done * rest * rest > LARGE) {
        kernels.addLower(rest, done, -1, 8 * place(k, first), M, W + 8 * k, M, 8 * place(k, k), M, work);
      } else {
        for (let j = 0; j < done; j++) {
          const from = F + (first + j) * M;
          for (let c = k; c < M; c++) {
            const x = heap[w + j * M + c];
            if (x === 0) continue;
            const to = F + c * M;
            for (let i = c; i < M; i++) heap[to + i] -= heap[from + i] * x;
          }
        }
      }
    }
    first = k;
  };
  let next = 0;
  let failed = 0;
  while (k < whole && failed < whole - k) {
    if (next < k || next >= whole) next = k;
    if (attempt(next)) {
      failed = 0;
      // One column of the panel is reserved for a 2 × 2 step.
      if (k - first >= PANEL - 1) update();
      // The column that was at k is now at `next`, or has been eliminated.
    } else {
      failed++;
      next++;
    }
  }
  update();
  return k;
}

function swap(heap: Float64Array, i: number, j: number): void {
  const v = heap[i];
  heap[i] = heap[j];
  heap[j] = v;
}
