import type { ObservedRows } from './observed.ts';
import type { PlacedRows } from './placed.ts';

/** The place of the first of these among all. */
export const firstOf = ({ shared }: ObservedRows): number => shared?.first ?? 0;

/** Those of a factor, k numbers each, which are found here: a view. */
export const ownPart = ({ shared, count }: ObservedRows, f: Float64Array, k: number): Float64Array =>
  shared ? f.subarray(shared.first * k, (shared.first + count) * k) : f;

/** Makes a factor whole on all ranks, each of which has found its own part. */
export function exchange(rows: ObservedRows, f: Float64Array, k: number): void {
  if (rows.shared) f.set(rows.shared.gather(ownPart(rows, f, k)));
}

/** Row j is Σ values[e] f[indices[e]] over the entries of observed row j, of all rows. */
export function wholeProduct(rows: ObservedRows, placed: PlacedRows, values: Float64Array, f: Float64Array) {
  const own = placed.product(values, f);
  return rows.shared ? rows.shared.gather(own) : own;
}

/** The sum of a number for each entry. */
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

/** The largest on any rank. */
export function largestOn({ shared }: ObservedRows, own: number): number {
  const into = Float64Array.of(own);
  shared?.max(into);
  return into[0];
}

/** Numbers of rows of all ranks, from those that each lists of its own. */
export const allOf = ({ shared }: ObservedRows, own: readonly number[]): number[] =>
  shared ? shared.tell(own).flat() : [...own];
