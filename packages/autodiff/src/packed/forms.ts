import { type Arena, gemmWorkBytes } from '@southwell/kernels';
import type { Place, TensorCall, TensorKernels } from '../primitive.ts';
import { BYTES } from '../tensor.ts';
import { extentOf, type PackedSizes, paddedExtent } from './matrix.ts';

/** A packed matrix in memory: rows of it, and products by a vector. */
interface Form {
  /** y ← the rows [from, to), row after row. */
  rows(from: number, to: number, y: number, work: number): void;
  /** y ← the products of the rows [from, to) with x; `from` is a multiple of 8. Undefined if one call is not enough. */
  part?(from: number, to: number, x: number, y: number, work: number): TensorCall;
  /** y ← the products of all rows with x. */
  times(x: number, y: number, work: number): void;
}

const tables = new WeakMap<Arena, number>();

/** For each byte of places of the form `groups`, the bytes that bring numbers to their lanes; once in each memory. */
function lanesIn(arena: Arena): number {
  const known = tables.get(arena);
  if (known !== undefined) return known;
  const pointer = arena.alloc(4096);
  for (let i = 0; i < 1024; i++)
    arena.i32[pointer / 4 + i] = 0x03020100 + 0x04040404 * (((i >> 2) >> (2 * (i & 3))) & 3);
  tables.set(arena, pointer);
  return pointer;
}

/** Scratch of a form in bytes. */
export function formWork(sizes: PackedSizes): number {
  if (sizes.form !== 'wrapped') return 2048;
  const [m, n] = paddedExtent(sizes);
  const { block } = sizes;
  const gemm = Math.max(gemmWorkBytes(n, block, block), gemmWorkBytes(block, block, block));
  return 2048 + BYTES.f32 * Math.max(2 * m + n, 3 * block * n) + gemm;
}

/** Binds a packed matrix, of which the arrays are at these places. */
export function boundForm(arena: Arena, kernels: TensorKernels, sizes: PackedSizes, arrays: readonly Place[]): Form {
  const [out, inner] = extentOf(sizes);
  const [a, b, c, d] = arrays.map(({ pointer }) => pointer);
  const single = (part: NonNullable<Form['part']>): Pick<Form, 'part' | 'times'> => ({
    part,
    times: (x, y, work) => {
      const [name, ...args] = part(0, out, x, y, work);
      (kernels[name] as (...args: unknown[]) => void)(...args);
    },
  });
  switch (sizes.form) {
    case 'groups': {
      const lanes = lanesIn(arena);
      return {
        rows: (from, to, y) => kernels.groupsRows(from, to, inner, a, b, y),
        ...single((from, to, x, y, work) => ['groupsTimes', from, to, inner, a, b, lanes, x, y, work]),
      };
    }
    case 'bitmap':
      return {
        rows: (from, to, y) => kernels.bitmapRows(from, to, inner, a, b, c, y),
        ...single((from, to, x, y) => ['bitmapTimes', from, to, inner, a, b, c, x, y]),
      };
    case 'codebooks': {
      const { bits } = sizes;
      const [runs, scales] = [arrays[2].size, d ?? 0];
      return {
        rows: (from, to, y) => kernels.codesRows(bits, from, to, inner, a, b, c, runs, scales, y),
        ...single((from, to, x, y, work) => ['codesTimes', bits, from, to, inner, a, b, c, runs, scales, x, y, work]),
      };
    }
    case 'int8':
      return {
        rows: (from, to, y) => kernels.int8Rows(from, to, inner, a, b, y),
        ...single((from, to, x, y) => ['int8Times', from, to, inner, a, b, x, y]),
      };
    case 'wrapped':
      return wrappedForm(arena, kernels, sizes, arrays);
  }
}

function wrappedForm(
  arena: Arena,
  kernels: TensorKernels,
  sizes: PackedSizes & { readonly form: 'wrapped' },
  arrays: readonly Place[],
): Form {
  const { block } = sizes;
  const [out, inner] = extentOf(sizes);
  const [m, n] = paddedExtent(sizes);
  const [left, right, values, places] = arrays.map(({ pointer }) => pointer);
  const lanes = lanesIn(arena);
  const after = 2048;
  return {
    rows(from, to, y, work) {
      const core = work + after;
      const [half, whole] = [core + 4 * block * n, core + 8 * block * n];
      const spare = whole + 4 * block * n;
      for (let i = from; i < to; ) {
        const first = i - (i % block);
        const count = Math.min(to, first + block) - i;
        kernels.groupsRows(first, first + block, n, values, places, core);
        // In the column-major order of gemm, with matrices by rows transposed: some rows of A times S, then times each block of B.
        const rows = left + 4 * (first * block + i - first);
        kernels.sgemm(false, true, n, count, block, 1, core, n, rows, block, 0, half, n, spare);
        for (let j = 0; j < n; j += block)
          kernels.sgemm(
            true,
            false,
            block,
            count,
            block,
            1,
            right + 4 * j * block,
            block,
            half + 4 * j,
            n,
            0,
            whole + 4 * j,
            n,
            spare,
          );
        const { f32 } = arena;
        for (let r = 0; r < count; r++) {
          const start = whole / 4 + r * n;
          f32.copyWithin(y / 4 + (i - from + r) * inner, start, start + inner);
        }
        i += count;
      }
    },
    times(x, y, work) {
      const [u, v] = [work + after, work + after + 4 * n];
      kernels.blocksTimes(block, n / block, right, inner, x, u);
      kernels.groupsTimes(0, m, n, values, places, lanes, u, v, work);
      const to = m === out ? y : v + 4 * m;
      kernels.blocksTimes(block, m / block, left, m, v, to);
      if (to !== y) arena.f32.copyWithin(y / 4, to / 4, to / 4 + out);
    },
  };
}
