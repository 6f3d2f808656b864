import { type Arena, arenaFor } from '@southwell/kernels';
import { mapCodes, networkKernels } from '@southwell/kernels/networks';
import { blockRows, copyPart } from './gram.ts';
import type { Gradient } from './staging.ts';

/** One comparison: of the values at the two places, the smaller one moves to `low` and the larger one to `high`. */
interface Comparator {
  readonly low: number;
  readonly high: number;
  readonly keepsLow: boolean;
  readonly keepsHigh: boolean;
}

/**
 * Merge exchange (Knuth, The Art of Computer Programming 3, §5.2.2, Algorithm M) without the comparisons that do not
 * change the values at the places `wanted`.
 */
export function sortingNetwork(n: number, wanted: readonly number[]): Comparator[] {
  const pairs: Array<readonly [number, number]> = [];
  const top = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(2, n))) - 1);
  for (let p = top; p >= 1; p /= 2) {
    for (let q = top, r = 0, d = p; ; ) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) pairs.push([i, i + d]);
      if (q === p) break;
      [d, q, r] = [q - p, q / 2, p];
    }
  }
  const needed = new Set(wanted);
  const network: Comparator[] = [];
  for (const [low, high] of pairs.reverse()) {
    const [keepsLow, keepsHigh] = [needed.has(low), needed.has(high)];
    if (!keepsLow && !keepsHigh) continue;
    needed.add(low).add(high);
    network.push({ low, high, keepsLow, keepsHigh });
  }
  return network.reverse();
}

/** Sorted values of a block of coordinates: row r has the r-th smallest of each. */
export interface SortedBlock {
  /** Kernel memory, and where each row begins in it; only the rows that were asked for are sorted. */
  readonly values: Float64Array;
  readonly at: readonly number[];
  readonly count: number;
  /** Adds row r to `into`, another row of this memory. */
  add(r: number, into: number): void;
  /** A row of room. */
  readonly room: number;
}

/**
 * Sorts the values of every coordinate over the columns, a block of coordinates at a time, and hands each block to `take`
 * with the first coordinate. Returns whether all values are finite; if not, the results are not defined.
 */
export function sortedBlocks(
  columns: readonly Gradient[],
  wanted: readonly number[],
  take: (from: number, block: SortedBlock) => void,
): boolean {
  const [p, n] = [columns.length, columns[0].length];
  const rows = Math.max(2, Math.min(blockRows(p) / 2, n));
  const network = sortingNetwork(p, wanted);
  const arena = arenaFor(8 * rows * (p + 2));
  const scratch = arena.scratch();
  let finite = true;
  try {
    const sorter = new Sorter(arena, scratch, p, rows);
    for (let from = 0; from < n; from += rows) {
      const count = Math.min(rows, n - from);
      finite = sorter.load(columns, from, count) && finite;
      take(from, sorter.sort(network, count));
    }
  } finally {
    scratch.release();
  }
  return finite;
}

class Sorter {
  private readonly meta: number;
  private readonly work: number;
  private readonly rowsAt: number[];
  private readonly room: number;
  private spare: number;

  constructor(
    private readonly arena: Arena,
    scratch: ReturnType<Arena['scratch']>,
    p: number,
    rows: number,
  ) {
    this.meta = scratch.f64(4).pointer;
    this.work = scratch.f64(1024).pointer;
    const base = scratch.f64((p + 2) * rows).pointer;
    this.rowsAt = Array.from({ length: p }, (_, i) => base + 8 * i * rows);
    this.spare = base + 8 * p * rows;
    this.room = base + 8 * (p + 1) * rows;
  }

  /** Copies coordinates of all columns; false if one of them is not finite. */
  load(columns: readonly Gradient[], from: number, count: number): boolean {
    const heap = this.arena.f64;
    let probe = 0;
    columns.forEach((column, i) => {
      const at = this.rowsAt[i] / 8;
      copyPart(column, from, from + count, heap, at);
      probe += zeroIfFinite(heap, at, at + count);
    });
    return probe === 0;
  }

  sort(network: readonly Comparator[], count: number): SortedBlock {
    const { arena, rowsAt, meta, work, room } = this;
    const { mapElements } = arena.use(networkKernels);
    // One dimension of `count` elements, with strides of 1 and none for the operand that is not read.
    arena.i32.set([1, count, 1, 1, 1, 0], meta / 4);
    for (const { low, high, keepsLow, keepsHigh } of network) {
      const [a, b] = [rowsAt[low], rowsAt[high]];
      if (!keepsHigh) mapElements(mapCodes.min, meta, a, a, b, a, work);
      else if (!keepsLow) mapElements(mapCodes.max, meta, b, a, b, a, work);
      else {
        mapElements(mapCodes.min, meta, this.spare, a, b, a, work);
        mapElements(mapCodes.max, meta, b, a, b, a, work);
        rowsAt[low] = this.spare;
        this.spare = a;
      }
    }
    return {
      values: arena.f64,
      at: rowsAt.map((pointer) => pointer / 8),
      count,
      room: room / 8,
      add: (r, into) => arena.kernels.axpy(count, 1, rowsAt[r], 8 * into),
    };
  }
}

/** 0, or NaN if a value is not finite. */
function zeroIfFinite(x: ArrayLike<number>, from: number, to: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let k = from;
  for (; k + 3 < to; k += 4) {
    a += x[k] * 0;
    b += x[k + 1] * 0;
    c += x[k + 2] * 0;
    d += x[k + 3] * 0;
  }
  for (; k < to; k++) a += x[k] * 0;
  return a + b + c + d;
}

/** Whether all entries are finite. O(N). */
export const allFinite = (column: Gradient): boolean => zeroIfFinite(column, 0, column.length) === 0;

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);

/** out ← the mean of the sorted values from rank `drop` to p − drop − 1. False if a value or a mean is not finite. O(N p log² p). */
export function trimmedMean(columns: readonly Gradient[], drop: number, out: Float64Array): boolean {
  const kept = range(drop, columns.length - drop);
  const finite = sortedBlocks(columns, kept, (from, { values, at, count, room, add }) => {
    if (kept.length === 1) {
      out.set(values.subarray(at[kept[0]], at[kept[0]] + count), from);
      return;
    }
    values.fill(0, room, room + count);
    for (const r of kept) add(r, room);
    const share = kept.length;
    for (let k = 0; k < count; k++) out[from + k] = values[room + k] / share;
  });
  // Sums of finite values may overflow; single values do not.
  return finite && (kept.length === 1 || allFinite(out));
}

/** Ranks that a median averages. */
const medianDrop = (p: number): number => Math.floor((p - 1) / 2);

/** out ← the median of each coordinate. False if a value is not finite. O(N p log² p). */
export const coordinateMedian = (columns: readonly Gradient[], out: Float64Array): boolean =>
  trimmedMean(columns, medianDrop(columns.length), out);

/**
 * out ← the mean of the `keep` values of each coordinate that are nearest its trimmed mean; of two at the same distance the
 * smaller one is kept. `drop` undefined is the median. False if a value or a mean is not finite. O(N p log² p).
 */
export function meanAround(
  columns: readonly Gradient[],
  keep: number,
  out: Float64Array,
  drop = medianDrop(columns.length),
): boolean {
  const p = columns.length;
  const inner = range(drop, p - drop);
  const finite = sortedBlocks(columns, range(0, p), (from, { values, at, count, room, add }) => {
    values.fill(0, room, room + count);
    for (const r of inner) add(r, room);
    for (let k = 0; k < count; k++) {
      const centre = values[room + k] / inner.length;
      let [low, high] = [0, p - 1];
      for (let left = p - keep; left > 0; left--) {
        if (centre - values[at[low] + k] > values[at[high] + k] - centre) low++;
        else high--;
      }
      let sum = 0;
      for (let r = low; r <= high; r++) sum += values[at[r] + k];
      out[from + k] = sum / keep;
    }
  });
  return finite && allFinite(out);
}
