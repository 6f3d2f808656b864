import { Arena, accelerator, ThreadPool } from '@southwell/kernels';
import { wholeNumber } from '@southwell/numerics/core';
import { type Op, type Place, tensorKernels } from '../primitive.ts';
import {
  BYTES,
  type DType,
  isHalf,
  type Layout,
  roomFor,
  type Storage,
  type StoredNumbers,
  type Tensor,
} from '../tensor.ts';

let arena: Arena | undefined;

/** The memory in which operations run, shared by all programs, so that they can read each other's parameters. */
export function workspace(): Arena {
  arena ??= new Arena();
  return arena;
}

/** Runs everything in the memory of another engine (for tests), or, with undefined, in that of this machine again. */
export function setWorkspace(next: Arena | undefined): Arena | undefined {
  const before = arena;
  arena = next;
  return before;
}

let pool: ThreadPool | undefined;

/**
 * Sets the number of threads, including this one, for large operations of programs created from now on; results have
 * the same bits. 1 ends the pool. Without shared memory there is a single thread. Resolves to the number of threads.
 */
export async function useThreads(count: number): Promise<number> {
  wholeNumber('The number of threads', count, 1, 64);
  await pool?.close();
  pool = count > 1 ? await ThreadPool.create({ arena: workspace(), threads: count }) : undefined;
  return pool?.threads ?? 1;
}

/** The current number of threads. */
export const threadCount = (): number => pool?.threads ?? 1;

/**
 * The thread pool for operations in an arena. An installed library has its own threads and rounding, which must not be
 * mixed with ours.
 */
export function poolOf(a: Arena): ThreadPool | undefined {
  return pool && pool.arena === a && pool.threads > 1 && !accelerator() ? pool : undefined;
}

/** The memory of an arena as an array of the given dtype. */
export function heapOf(a: Arena, dtype: DType): StoredNumbers {
  if (isHalf(dtype)) return a.u16;
  return dtype === 'f64' ? a.f64 : dtype === 'f32' ? a.f32 : a.i32;
}

/** The range [first, end) of storage elements that a tensor reads. */
function extent({ shape, strides, offset }: Layout): [number, number] {
  let low = offset;
  let high = offset;
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 0) return [offset, offset];
    const reach = (shape[d] - 1) * strides[d];
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high + 1];
}

/** The location of a tensor, given the address at which its whole storage would begin. */
export function placeOf(x: Tensor, start: number): Place {
  const { shape, strides, dtype, size } = x;
  return { pointer: start + x.offset * BYTES[dtype], shape, strides, dtype, size };
}

/**
 * Applies an operation immediately: inputs are copied to memory and results copied out. Slower than a program, with the
 * same kernels; values are JavaScript arrays, which are garbage-collected.
 */
export function evaluate<A>(op: Op<A>, attrs: A, inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
  const a = workspace();
  const pointers: number[] = [];
  const kept: Array<{ free(): void }> = [];
  const alloc = (bytes: number): number => {
    const pointer = a.alloc(bytes);
    pointers.push(pointer);
    return pointer;
  };
  try {
    const spans = new Map<Storage, [number, number]>();
    for (const x of inputs) {
      const [low, high] = extent(x);
      const known = spans.get(x.storage);
      spans.set(x.storage, known ? [Math.min(low, known[0]), Math.max(high, known[1])] : [low, high]);
    }
    const starts = new Map<Storage, number>();
    for (const [storage, [low, high]] of spans) {
      const bytes = BYTES[storage.dtype];
      const pointer = alloc((high - low) * bytes);
      heapOf(a, storage.dtype).set(storage.values!.subarray(low, high), pointer / bytes);
      starts.set(storage, pointer - low * bytes);
    }
    const x = inputs.map((t) => placeOf(t, starts.get(t.storage)!));
    const y = outputs.map((t) => placeOf(t, alloc(t.size * BYTES[t.dtype])));
    const bytes = op.work?.(inputs, outputs, attrs) ?? 0;
    const work = bytes > 0 ? alloc(bytes) : 0;
    const scratch = (thread: number): number => (thread === 0 || bytes === 0 ? work : alloc(bytes));
    const meta = (values: readonly number[]): number => {
      const pointer = alloc(values.length * 4);
      a.i32.set(values, pointer / 4);
      return pointer;
    };
    const keep = (resource: { free(): void }) => kept.push(resource);
    op.bind!({ arena: a, kernels: tensorKernels(a), pool: poolOf(a), attrs, x, y, work, scratch, meta, keep })();
    outputs.forEach((t, i) => {
      const from = y[i].pointer / BYTES[t.dtype];
      const values = roomFor(t.dtype, t.size);
      values.set(heapOf(a, t.dtype).subarray(from, from + t.size));
      t.storage.source = values;
    });
  } finally {
    for (const resource of kept) resource.free();
    for (const pointer of pointers) a.free(pointer);
  }
}
