import type { ObservedRows } from './observed.ts';
import type { PlacedRows } from './placed.ts';

/** The index of the first of these rows among those of all ranks. */
export const firstOf = ({ shared }: ObservedRows): number => shared?.first ?? 0;

/** The part of a factor, k numbers per row, that this rank computes: a view. */
export const ownPart = ({ shared, count }: ObservedRows, f: Float64Array, k: number): Float64Array =>
  shared ? f.subarray(shared.first * k, (shared.first + count) * k) : f;

/** Gathers a factor on all ranks, each of which has computed its own part. */
export function exchange(rows: ObservedRows, f: Float64Array, k: number): void {
  if (rows.shared) f.set(rows.shared.gather(ownPart(rows, f, k)));
}

/** Row j is Σ values[e] f[indices[e]] over the entries of observed row j, for the rows of all ranks. */
export function wholeProduct(rows: ObservedRows, placed: PlacedRows, values: Float64Array, f: Float64Array) {
  const own = placed.product(values, f);
  return rows.shared ? rows.shared.gather(own) : own;
}

/** Sum of a function of the entries, over all ranks. */
export function sumOfEntries({ shared, pointers }: ObservedRows, of: (entry: number) => number): number {
  const sum = (from: number, to: number) => {
    let total = 0;
    for (let e = from; e < to; e++) total += of(e);
    return total;
  };
  if (!shared) return sum(0, pointers[pointers.length - 1]);
  const into = new Float64Array(1);
  shared.sum(into, (_, from, to, part) => {
    part[0] = sum(pointers[from], pointers[to]);
  });
  return into[0];
}

/** Maximum over all ranks. */
export function largestOn({ shared }: ObservedRows, own: number): number {
  const into = Float64Array.of(own);
  shared?.max(into);
  return into[0];
}

/** Row indices of all ranks, from the lists of each. */
export const allOf = ({ shared }: ObservedRows, own: readonly number[]): number[] =>
  shared ? shared.tell(own).flat() : [...own];
