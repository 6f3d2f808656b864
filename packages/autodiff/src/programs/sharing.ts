// How one operation is shared by several threads: it is divided into independent parts, whose bits do not depend on the
// division.
import { boundCall } from '@southwell/kernels';
import type { Binding, TensorCall, TensorKernels } from '../primitive.ts';

/** Duration in nanoseconds on one thread from which on signalling a second one pays. */
const LARGE = 15_000;

/** Divides 0 … n into ranges of about equal length; all boundaries but the last are multiples of `unit`. */
export function ranges(n: number, parts: number, unit = 1): Array<[from: number, to: number]> {
  const bounds = Array.from({ length: parts + 1 }, (_, p) =>
    p === parts ? n : Math.floor((n * p) / parts / unit) * unit,
  );
  return bounds.slice(1).map((to, p) => [bounds[p], to]);
}

/** The part [from, to) of an operation, with its own scratch. */
type Part = (from: number, to: number, work: number) => readonly TensorCall[];

/**
 * Shares an operation of n parts between several threads if its duration in nanoseconds makes that worthwhile;
 * otherwise undefined. Ranges begin at multiples of `unit`.
 */
export function shared(
  { pool, scratch, keep }: Pick<Binding<never>, 'pool' | 'scratch' | 'keep'>,
  n: number,
  nanoseconds: number,
  part: Part,
  unit = 1,
): (() => void) | undefined {
  const parts = pool && nanoseconds >= LARGE ? Math.min(pool.threads, Math.floor(n / unit)) : 1;
  if (!pool || parts < 2) return undefined;
  const prepared = pool.prepare(ranges(n, parts, unit).map(([from, to], i) => part(from, to, scratch(i))));
  keep(prepared);
  return () => prepared.run();
}

/** Approximate duration in nanoseconds of an m × k by k × n product on one thread. */
export const productTime = (m: number, n: number, k: number, bytes: number): number => (m * n * k * bytes) / 80;

/** Runs calls one after the other on this thread; products avoid spreading an argument list. */
export function inTurn(kernels: TensorKernels, calls: readonly TensorCall[]): () => void {
  const bound = calls.map(([name, ...args]) => boundCall(kernels[name] as Parameters<typeof boundCall>[0], args));
  return () => {
    for (let i = 0; i < bound.length; i++) bound[i]();
  };
}

/** Zeroes rows × columns numbers with leading dimension `ld`, as a product with inner dimension 0. */
export const cleared = (
  gemm: 'gemm' | 'sgemm',
  rows: number,
  columns: number,
  to: number,
  ld: number,
  work: number,
): TensorCall => [gemm, false, false, rows, columns, 0, 0, to, Math.max(1, rows), to, 1, 0, to, ld, work];
