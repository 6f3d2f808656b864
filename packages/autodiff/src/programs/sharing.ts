// How one operation is done by several threads: cut into parts that do not depend on each other and whose bits are the same
// however many a thread gets.
import { boundCall } from '@southwell/kernels';
import type { Binding, TensorCall, TensorKernels } from '../primitive.ts';

/** Nanoseconds on one thread from which a second one is worth its signal. */
const LARGE = 15_000;

/** 0 … n cut into so many ranges of about equal length, all but the last multiples of `unit`. */
export function ranges(n: number, parts: number, unit = 1): Array<[from: number, to: number]> {
  const bounds = Array.from({ length: parts + 1 }, (_, p) =>
    p === parts ? n : Math.floor((n * p) / parts / unit) * unit,
  );
  return bounds.slice(1).map((to, p) => [bounds[p], to]);
}

/** What an operation does to a part of its n, in scratch of its own. */
type Part = (from: number, to: number, work: number) => readonly TensorCall[];

/**
 * An operation of n parts by several threads where it takes so many nanoseconds that this pays; else undefined. Ranges begin at
 * multiples of `unit`.
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

/** Nanoseconds of a product of m × k by k × n on one thread, about. */
export const productTime = (m: number, n: number, k: number, bytes: number): number => (m * n * k * bytes) / 80;

/** The calls one after the other on this thread; those of products without a list of arguments that is spread. */
export function inTurn(kernels: TensorKernels, calls: readonly TensorCall[]): () => void {
  const bound = calls.map(([name, ...args]) => boundCall(kernels[name] as Parameters<typeof boundCall>[0], args));
  return () => {
    for (let i = 0; i < bound.length; i++) bound[i]();
  };
}

/** Clears rows × columns numbers whose columns lie `ld` apart: a product of nothing. */
export const cleared = (
  gemm: 'gemm' | 'sgemm',
  rows: number,
  columns: number,
  to: number,
  ld: number,
  work: number,
): TensorCall => [gemm, false, false, rows, columns, 0, 0, to, Math.max(1, rows), to, 1, 0, to, ld, work];
