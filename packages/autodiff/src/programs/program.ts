import { type Arena, accelerator } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { copyOp } from '../op.ts';
import { type Op, tensorKernels } from '../primitive.ts';
import { isContiguous, rowMajor, show, sizeOf } from '../shapes.ts';
import { BYTES, type DType, Storage, type StoredNumbers, Tensor, type TensorRecord } from '../tensor.ts';
import { flatten, type Structure } from '../tree.ts';
import { heapOf, placeOf, poolOf, workspace } from './evaluate.ts';
import { live } from './live.ts';
import { packedAt, packedMatrices, packedProduct } from './packed.ts';
import { plan, schedule } from './plan.ts';
import { fused } from './unpacked.ts';

/** The tensors of an argument or a result of a {@link Program}, contiguous in memory. */
export class Region<T> {
  /**
   * The argument or result with live tensors, which show the current contents of the memory. Other programs may bind
   * them in place.
   */
  readonly tree: T;

  constructor(
    private readonly program: { readonly arena: Arena; readonly freed: boolean },
    structure: Structure,
    leaves: readonly Tensor[],
    /** Byte offset of the first number in the memory of {@link Program.arena}. */
    readonly pointer: number,
    /** Total number of elements. */
    readonly length: number,
    private readonly dtype: DType | undefined,
  ) {
    this.tree = structure.build(leaves) as T;
  }

  /**
   * All numbers, to read or write: they are the inputs of the next run, or the results of the last one. Fetch the array
   * again after other programs have been prepared, since memory may have moved. Those of two bytes (f16, bf16) are
   * their bits, in a Uint16Array.
   * @throws NOT_SUPPORTED if dtypes are mixed, or the program has been freed.
   */
  get data(): StoredNumbers {
    const { program, dtype, pointer, length } = this;
    if (program.freed) fail('NOT_SUPPORTED', 'The memory of this program was freed.');
    if (!dtype)
      fail('NOT_SUPPORTED', 'The tensors have different dtypes and do not form one array; read them one by one.');
    const from = pointer / BYTES[dtype];
    return heapOf(program.arena, dtype).subarray(from, from + length);
  }

  /**
   * {@link data} restricted to floating-point numbers, as optimisers take for parameters and their derivatives.
   * @throws NOT_SUPPORTED as data, and for integers and numbers of two bytes.
   */
  get numbers(): Float32Array | Float64Array {
    const { data } = this;
    if (data instanceof Int32Array) fail('NOT_SUPPORTED', 'The tensors are integers (i32): use data.');
    if (data instanceof Uint16Array)
      fail('NOT_SUPPORTED', 'The tensors are of two bytes: cast parameters to f32 to optimise them.');
    return data;
  }
}

/** The result of tracing a function. */
export interface Traced {
  readonly records: readonly TensorRecord[];
  readonly args: readonly unknown[];
  readonly inputs: readonly Tensor[];
  readonly result: unknown;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/**
 * A compiled function for fixed argument shapes: a flat list of kernel calls on fixed addresses. `run` allocates
 * nothing. Each argument, and each entry of a list result, is contiguous: parameters, gradients.
 */
export class Program<A extends readonly unknown[], R> {
  readonly arena: Arena = workspace();
  freed = false;
  /** The arguments. */
  readonly inputs: { readonly [K in keyof A]: Region<A[K]> };
  /** The entries of a result that is a list; otherwise the result alone. */
  readonly outputs: R extends readonly unknown[] ? { readonly [K in keyof R]: Region<R[K]> } : readonly [Region<R>];
  /** The result, with live tensors. */
  readonly result: R;
  /** The operations of a run with the shapes of their results, in order. */
  readonly steps: readonly string[];
  /** Size in bytes of the memory that it holds. */
  readonly bytes: number;
  private readonly calls: Array<() => void>;
  private readonly pointers: number[] = [];
  /** Bytes allocated. */
  private held = 0;
  private readonly kept: Kept[] = [];

  /** @throws NOT_SUPPORTED if the function uses tensors of an enclosing trace; ArenaMemoryError beyond 4 GiB. */
  constructor({ records: all, args, inputs, result }: Traced) {
    // Registered first, so that memory is also freed if the construction fails.
    forgotten.register(this, { arena: this.arena, pointers: this.pointers, kept: this.kept }, this);
    const resultLeaves: Tensor[] = [];
    flatten(result, resultLeaves);
    const { records } = live(all, resultLeaves);
    const starts = new Map<Storage, number>();
    let used = 0;
    this.inputs = args.map((arg) => {
      const own: Tensor[] = [];
      flatten(arg, own);
      const symbols = inputs.slice(used, used + own.length);
      used += own.length;
      let i = 0;
      return this.region(arg, own, (_, pointer) => starts.set(symbols[i++].storage, pointer));
    }) as never;

    // A result is computed directly in its region, unless it is a view, an input, or occurs twice; it is then copied at
    // the end.
    const first = fused(schedule(records), resultLeaves);
    const made = new Set<Storage>(first.steps.flatMap(({ outputs }) => outputs.map((y) => first.root(y.storage))));
    const copies: Array<{ from: Tensor; pointer: number }> = [];
    const entries = Array.isArray(result) ? result : [result];
    let seen = 0;
    const outputs = entries.map((entry) => {
      const own: Tensor[] = [];
      flatten(entry, own);
      const leaves = resultLeaves.slice(seen, seen + own.length);
      seen += own.length;
      return this.region(entry, own.map(plainOf), (_, pointer) => {
        const x = first.resolve(leaves.shift()!);
        const s = first.root(x.storage);
        const whole = s.length === x.size && x.offset === 0 && isContiguous(x.shape, x.strides);
        if (whole && made.has(s) && !starts.has(s)) starts.set(s, pointer);
        else copies.push({ from: x, pointer });
      });
    });
    this.outputs = outputs as never;
    this.result = (Array.isArray(result) ? outputs.map(({ tree }) => tree) : outputs[0].tree) as R;

    const final = plan(first, resultLeaves, new Set(starts.keys()));
    const shared = this.alloc(final.bytes);
    const scratches: number[] = [];
    const scratch = (thread: number): number => {
      scratches[thread] ??= this.alloc(Math.max(final.work, 8192));
      return scratches[thread];
    };
    const work = scratch(0);
    for (const [storage, offset] of final.offsets) starts.set(storage, shared + offset);
    const packed = new Map<Storage, number>();
    // Threads share products by rows, which they pack themselves, as does an installed library.
    const alone = !poolOf(this.arena) && !accelerator();
    const matrices = alone ? packedMatrices(final, resultLeaves) : [];
    for (const [storage, matrix] of matrices)
      packed.set(
        storage,
        packedAt(this.arena, matrix, (bytes) => this.alloc(bytes)),
      );
    for (const storage of final.constants) if (!packed.has(storage)) starts.set(storage, this.constant(storage));
    const meta = (values: readonly number[]): number => {
      const pointer = this.alloc(values.length * 4);
      this.arena.i32.set(values, pointer / 4);
      return pointer;
    };
    const keep = (resource: Kept) => {
      this.kept.push(resource);
      this.held += resource.bytes ?? 0;
    };
    const place = (x: Tensor) => placeOf(x, starts.get(final.root(x.storage))!);
    const { arena } = this;
    const kernels = tensorKernels(arena);
    const pool = poolOf(arena);
    this.calls = final.steps.map(({ record, inputs: x, outputs: y }) => {
      const matrix = x.length > 1 ? packed.get(final.root(x[1].storage)) : undefined;
      if (matrix !== undefined) return packedProduct(this.arena, place(x[0]), matrix, place(y[0]), work);
      return (record.op as Op).bind!({
        arena,
        kernels,
        pool,
        attrs: record.attrs,
        x: x.map(place),
        y: y.map(place),
        work,
        scratch,
        meta,
        keep,
      });
    });
    for (const { from, pointer } of copies) {
      const y = { ...placeOf(from, 0), pointer, strides: rowMajor(from.shape) };
      this.calls.push(
        copyOp.bind!({ arena, kernels, pool, attrs: {}, x: [place(from)], y: [y], work, scratch, meta, keep }),
      );
    }
    const named = final.steps.map(({ record, outputs }) => `${record.op.name} ${show(outputs[0].shape)}`);
    this.steps = [...named, ...copies.map(({ from }) => `copy ${show(from.shape)}`)];
    this.bytes = this.held;
  }

  private alloc(bytes: number): number {
    const pointer = this.arena.alloc(bytes);
    this.pointers.push(pointer);
    this.held += bytes;
    return pointer;
  }

  /** A tensor with the layout of x that views memory. */
  private live(pointer: number, x: Tensor): Tensor {
    const source = () => {
      if (this.freed) fail('NOT_SUPPORTED', 'The memory of the program to which this tensor belongs was freed.');
      const from = pointer / BYTES[x.dtype];
      return heapOf(this.arena, x.dtype).subarray(from, from + x.size);
    };
    return new Tensor(x.shape, x.dtype, new Storage(x.dtype, x.size, source, undefined, pointer), rowMajor(x.shape), 0);
  }

  /** Places the tensors of a tree contiguously. */
  private region(tree: unknown, own: readonly Tensor[], put: (x: Tensor, pointer: number) => void): Region<unknown> {
    const structure = flatten(tree, []);
    const kinds = new Set(own.map((x) => x.dtype));
    const dtype = kinds.size === 1 ? own[0].dtype : undefined;
    // With mixed dtypes, each tensor is aligned for doubles.
    const sizes = own.map((x) => (dtype ? x.size * BYTES[dtype] : align(x.size * BYTES[x.dtype])));
    const resident =
      own.length > 0 && own.every((x) => x.storage.pointer !== undefined && isContiguous(x.shape, x.strides));
    const start = resident
      ? own[0].storage.pointer! + own[0].offset * BYTES[own[0].dtype]
      : this.alloc(sizes.reduce((a, b) => a + b, 64));
    let at = start;
    const leaves = own.map((x, i) => {
      const pointer = resident ? x.storage.pointer! + x.offset * BYTES[x.dtype] : at;
      at += sizes[i];
      put(x, pointer);
      return resident ? x : this.live(pointer, x);
    });
    const size = own.reduce((n, x) => n + x.size, 0);
    return new Region(this, structure, leaves, start, size, dtype);
  }

  /** The address of a constant: in its own memory, or that of a copy. */
  private constant(storage: Storage): number {
    if (storage.pointer !== undefined) return storage.pointer;
    if (!storage.values) {
      fail(
        'NOT_SUPPORTED',
        'A separately compiled function closes over a tensor of an enclosing trace: pass it as a parameter instead.',
      );
    }
    const pointer = this.alloc(storage.length * BYTES[storage.dtype]);
    heapOf(this.arena, storage.dtype).set(storage.values, pointer / BYTES[storage.dtype]);
    return pointer;
  }

  /**
   * Computes the results from the current inputs. Allocates nothing.
   * @throws errors of operations, such as an index out of range; NOT_SUPPORTED once freed.
   */
  run(): void {
    if (this.freed) fail('NOT_SUPPORTED', 'The memory of this program was freed.');
    const { calls } = this;
    for (let i = 0; i < calls.length; i++) calls[i]();
  }

  /** Frees the memory immediately, rather than on garbage collection. */
  free(): void {
    if (this.freed) return;
    this.freed = true;
    forgotten.unregister(this);
    release({ arena: this.arena, pointers: this.pointers, kept: this.kept });
  }
}

/** A result detached from its previous location. */
const plainOf = (x: Tensor): Tensor =>
  new Tensor(x.shape, x.dtype, new Storage(x.dtype, sizeOf(x.shape), undefined), rowMajor(x.shape), 0);

/** A resource of an operation: memory that it frees, such as that of a program that a loop runs. */
interface Kept {
  readonly bytes?: number;
  free(): void;
}
interface Held {
  readonly arena: Arena;
  readonly pointers: readonly number[];
  readonly kept: readonly Kept[];
}
function release({ arena, pointers, kept }: Held): void {
  for (const resource of kept) resource.free();
  for (const pointer of pointers) arena.free(pointer);
}
const forgotten = new FinalizationRegistry<Held>(release);
