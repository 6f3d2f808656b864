import type { Arena } from '@southwell/kernels';

/** Columns of a panel. */
export const PANEL = 48;
/** From so many multiplications on a product goes through the kernels. */
const LARGE = 400;

/** A front: the lower triangle of M rows at `at`, of which the first `whole` columns have all that will be added to them. */
export interface Front {
  readonly at: number;
  readonly M: number;
  readonly whole: number;
  /** What the rows are; exchanged as they are. */
  readonly ids: Int32Array;
}

/** Scratch of the elimination, in the front's memory: M × (PANEL + 1) doubles, PANEL + 1 doubles, and that of products. */
export interface PivotRoom {
  readonly W: number;
  readonly row: number;
  readonly work: number;
}

/**
 * Eliminates as many of a front's whole columns as have acceptable pivots: of one row, at least `threshold` of the column's
 * largest, or of two rows, whose multipliers are at most 1/threshold (Duff and Reid 1983). The columns of L take the place of
 * those eliminated, exchanged to the front; D is appended to `diagonal` and `below`. Returns how many; the others are left for
 * the parent, updated. In a front of whole columns alone all are eliminated: its largest entry is always acceptable.
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
  /** Column p as it is after the steps so far, to column `slot` of W. */
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
  /** The largest of rows from … to − 1 of a column of W, but for rows p and q. */
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
    const [one, two] = [w + slot * M, w + (slot + 1) * M];
    const e = heap[one + k + 1];
    const [d1, d2] = [heap[two + k + 1] / e, heap[one + k] / e];
    const t = 1 / (d1 * d2 - 1);
    heap[place(k + 1, k)] = 0;
    for (let i = k + 2; i < M; i++) {
      const [u, v] = [heap[one + i] / e, heap[two + i] / e];
      heap[place(i, k)] = t * (d1 * u - v);
      heap[place(i, k + 1)] = t * (d2 * v - u);
    }
    push(heap[one + k], e);
    push(heap[two + k + 1], 0);
    k += 2;
  };
  /** Whether a pivot with column p was found. */
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
    const [a, b] = [heap[w + slot * M + p] / e, heap[w + (slot + 1) * M + q] / e];
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
      // One column is left for a step of two.
      if (k - first >= PANEL - 1) update();
      // What stood at k stands at `next` now, or has gone.
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
