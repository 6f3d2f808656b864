import { type Accelerator, accelerator } from './accelerator.ts';
import { type DenseKernels, denseKernels } from './dense/index.ts';
import { detectEngine, type Engine, instantiate } from './engine.ts';
import { FreeBlocks } from './freeBlocks.ts';
import type { Heap } from './heap.ts';
import type { Lapack } from './lapack.ts';
import { type KernelModule, type KernelsOf, moduleWith } from './module.ts';

const PAGE = 65536;
/** Pages at the beginning that are left to the constants of kernels. */
const RESERVED = 2;
const ALIGN = 64;
const MAX_PAGES = 65536;
const MIN_GROWTH = 16 * PAGE;

/** What {@link Arena.holding} knows: an arena lives as long as a view of its memory does. */
const owners = new WeakMap<ArrayBufferLike, Arena>();

/** Thrown when an arena cannot hold what is asked of it. */
export class ArenaMemoryError extends Error {
  override readonly name = 'ArenaMemoryError';
  readonly code = 'OUT_OF_KERNEL_MEMORY';
}

/** What a worker needs to attach to an arena of another thread (structured-cloneable). */
export interface ArenaHandle {
  readonly memory: WebAssembly.Memory;
}

/**
 * One kernel memory, the kernels bound to it and an allocator. Matrices live in an arena and never leave it; scratch
 * for a fit is taken from the arena of its matrix. Free blocks are kept in address order and merged; when an arena is
 * no longer referenced the engine gives its whole memory back.
 *
 * Shared memory (Node, isolated browsers) grows in place, so views stay valid. Elsewhere growth detaches views: hold a
 * {@link Block}, whose views renew themselves, rather than a typed array.
 */
export class Arena implements Heap {
  readonly engine: Engine;
  readonly memory: WebAssembly.Memory | undefined;
  /** The kernels of modules, by their numbers: those of this memory, and with what an accelerator takes over. */
  private readonly own: unknown[] = [];
  private bound: unknown[] = [];
  /** Those of several modules together, by their numbers as bits. */
  private together = new Map<number, object>();
  private by: Accelerator | undefined;
  private plain: ArrayBuffer | undefined;
  private byteLength = 0;
  private f64View!: Float64Array;
  private f32View!: Float32Array;
  private i32View!: Int32Array;
  private readonly unused = new FreeBlocks();
  private readonly sizes = new Map<number, number>();
  private regions: Array<{ start: number; size: number }> = [];
  /** Every buffer that has shown this memory and still does: growth of shared memory adds one and outdates none. */
  private buffers = new WeakSet<ArrayBufferLike>();
  /** Bytes now allocated, and the most there ever were. */
  allocatedBytes = 0;
  peakBytes = 0;

  constructor(options: { engine?: Engine; attach?: ArenaHandle } = {}) {
    this.engine = options.engine ?? (options.attach ? 'wasm-shared' : detectEngine());
    if (this.engine === 'typescript') {
      this.plain = new ArrayBuffer(RESERVED * PAGE);
    } else {
      this.memory =
        options.attach?.memory ??
        new WebAssembly.Memory({ initial: RESERVED, maximum: MAX_PAGES, shared: this.engine === 'wasm-shared' });
    }
    this.refresh();
    // An attached arena only ever uses regions that it grew itself.
    if (!options.attach) this.byteLength = RESERVED * PAGE;
  }

  /** Opens, in another thread, the arena behind `handle`; its blocks are readable, its own allocations separate. */
  static attach(handle: ArenaHandle): Arena {
    return new Arena({ attach: handle });
  }

  /** For {@link Arena.attach} in a worker; undefined where memory cannot be shared. */
  get handle(): ArenaHandle | undefined {
    return this.engine === 'wasm-shared' ? { memory: this.memory! } : undefined;
  }

  /** The kernels of {@link denseKernels} over this memory; some of them an installed library's where one was asked for. */
  get kernels(): DenseKernels {
    return this.bind(denseKernels);
  }

  /**
   * The kernels of a module over this memory, or those of several in one object: `arena.use(sparseKernels)`, `arena.use(denseKernels, modelKernels)`.
   * Instantiated when they are first asked for.
   */
  use<M extends ReadonlyArray<KernelModule<unknown>>>(...modules: M): KernelsOf<M> {
    if (modules.length === 1) return this.bind(modules[0]) as KernelsOf<M>;
    let key = 0;
    for (const { id } of modules) key |= 1 << id;
    // Looks whether there is another accelerator, too.
    const parts = modules.map((module) => this.bind(module));
    let all = this.together.get(key);
    if (!all) {
      all = Object.assign({}, ...parts) as object;
      this.together.set(key, all);
    }
    return all as KernelsOf<M>;
  }

  /**
   * A kernel by its name, of any module that was imported.
   * @throws Error where none has it.
   */
  kernel(name: string): (...args: ReadonlyArray<number | boolean>) => unknown {
    const kernels = this.bind(moduleWith(name)) as Record<
      string,
      (...args: ReadonlyArray<number | boolean>) => unknown
    >;
    return kernels[name];
  }

  private bind<K>(module: KernelModule<K>): K {
    const by = accelerator();
    if (by !== this.by) {
      this.by = by;
      this.bound = [];
      this.together = new Map();
    }
    return (this.bound[module.id] as K | undefined) ?? this.instantiate(module, by);
  }

  private instantiate<K>(module: KernelModule<K>, by: Accelerator | undefined): K {
    const { engine, memory } = this;
    this.own[module.id] ??= engine === 'typescript' ? module.twin(this) : instantiate(module, engine, memory!);
    const own = this.own[module.id] as K;
    return (this.bound[module.id] = by ? by.on(this, own, (name) => this.ownKernel(name)) : own) as K;
  }

  private ownKernel(name: string): unknown {
    const module = moduleWith(name);
    this.bind(module);
    return (this.own[module.id] as Record<string, unknown>)[name];
  }

  /** Whole factorisations by an installed library in this memory, where one was asked for. */
  get lapack(): Lapack | undefined {
    return accelerator()?.lapack?.(this);
  }

  private get buffer(): ArrayBufferLike {
    return this.memory ? this.memory.buffer : this.plain!;
  }

  private refresh(): void {
    const buffer = this.buffer;
    if (this.engine !== 'wasm-shared') this.buffers = new WeakSet();
    this.buffers.add(buffer);
    if (!owners.has(buffer)) owners.set(buffer, this);
    this.byteLength = buffer.byteLength;
    this.f64View = new Float64Array(buffer);
    this.f32View = new Float32Array(buffer);
    this.i32View = new Int32Array(buffer);
  }

  /** The arena of this thread that a typed array lies in, if any. */
  static holding(array: ArrayBufferView): Arena | undefined {
    return owners.get(array.buffer);
  }

  private get current(): boolean {
    return this.f64View.buffer === this.buffer;
  }

  /** The whole memory as doubles: index = pointer / 8. */
  get f64(): Float64Array {
    if (!this.current) this.refresh();
    return this.f64View;
  }

  /** The whole memory as floats: index = pointer / 4. */
  get f32(): Float32Array {
    if (!this.current) this.refresh();
    return this.f32View;
  }

  /** The whole memory as 32-bit integers: index = pointer / 4. */
  get i32(): Int32Array {
    if (!this.current) this.refresh();
    return this.i32View;
  }

  /** The byte offset of a typed array that lies in this arena; undefined for any other, outdated views included. */
  pointerOf(array: Float64Array | Float32Array | Int32Array): number | undefined {
    return this.buffers.has(array.buffer) ? array.byteOffset : undefined;
  }

  /** Bytes of memory that the engine has reserved for this arena. */
  get capacityBytes(): number {
    return this.buffer.byteLength;
  }

  /**
   * Reserves `bytes`, 64-byte aligned, contents undefined. O(free blocks).
   * @throws {@link ArenaMemoryError} past 4 GiB.
   */
  alloc(bytes: number): number {
    const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    let start = this.unused.take(size);
    if (start === undefined) {
      this.grow(size);
      start = this.unused.take(size)!;
    }
    this.sizes.set(start, size);
    this.allocatedBytes += size;
    if (this.allocatedBytes > this.peakBytes) this.peakBytes = this.allocatedBytes;
    return start;
  }

  /**
   * Returns a pointer from {@link Arena.alloc}; freeing anything else is an error.
   * @throws ArenaMemoryError.
   */
  free(pointer: number): void {
    const size = this.sizes.get(pointer);
    if (size === undefined) throw new ArenaMemoryError(`Pointer ${pointer} is not allocated in this arena.`);
    this.sizes.delete(pointer);
    this.allocatedBytes -= size;
    this.unused.release(pointer, size);
  }

  /** Regions that this arena grew: a worker returns them so that the owner may {@link Arena.adopt} them. */
  get grownRegions(): ReadonlyArray<{ start: number; size: number }> {
    return this.regions;
  }

  /** Adds memory grown by an attached arena that has ended to the free blocks. */
  adopt(regions: ReadonlyArray<{ start: number; size: number }>): void {
    for (const { start, size } of regions) this.unused.release(start, size);
  }

  private grow(size: number): void {
    // What is free at the very end counts towards the need, but only where no other thread can grow in between.
    const pages = Math.ceil(Math.max(size, MIN_GROWTH) / PAGE);
    const exact = Math.ceil(size / PAGE);
    let start: number;
    if (this.memory) {
      let old = this.tryGrow(pages);
      let grown = pages;
      if (old < 0) {
        old = this.tryGrow(exact);
        grown = exact;
      }
      if (old < 0) throw this.tooLarge(size);
      start = old * PAGE;
      this.regions.push({ start, size: grown * PAGE });
      this.unused.release(start, grown * PAGE);
    } else {
      start = this.byteLength;
      const bytes = start + pages * PAGE;
      if (bytes > MAX_PAGES * PAGE) throw this.tooLarge(size);
      try {
        const next = new ArrayBuffer(bytes);
        new Uint8Array(next).set(new Uint8Array(this.plain!));
        this.plain = next;
      } catch {
        throw this.tooLarge(size);
      }
      this.unused.release(start, pages * PAGE);
    }
    this.refresh();
  }

  private tryGrow(pages: number): number {
    try {
      return this.memory!.grow(pages);
    } catch {
      return -1;
    }
  }

  private tooLarge(size: number): ArenaMemoryError {
    const gib = (b: number) => (b / 2 ** 30).toFixed(2);
    return new ArenaMemoryError(
      `Kernel memory cannot hold another ${gib(size)} GiB beside the ${gib(this.allocatedBytes)} GiB in use: one memory ` +
        'ends at 4 GiB and at what the machine has. Use a sparse matrix, drop columns first, or split the columns into ' +
        'blocks of their own arenas.',
    );
  }

  /** Allocates n doubles. */
  f64Block(n: number): Block<Float64Array> {
    return new Block(this, this.alloc(n * 8), n, 'f64');
  }

  /** Allocates n floats. */
  f32Block(n: number): Block<Float32Array> {
    return new Block(this, this.alloc(n * 4), n, 'f32');
  }

  /** Allocates n 32-bit integers. */
  i32Block(n: number): Block<Int32Array> {
    return new Block(this, this.alloc(n * 4), n, 'i32');
  }

  /** Scratch that is given back together, as in `using scratch = arena.scratch()` or try/finally with `release`. */
  scratch(): Scratch {
    return new Scratch(this);
  }
}

/** A typed array in an arena: a pointer for kernels and a view for JavaScript that renews itself when memory grows. */
export class Block<T extends Float64Array | Float32Array | Int32Array> {
  private cached: T | undefined;
  /** A view tells by its length that its memory has moved. */
  private readonly lasts: boolean;
  constructor(
    readonly arena: Arena,
    readonly pointer: number,
    readonly length: number,
    private readonly kind: 'f64' | 'f32' | 'i32',
  ) {
    this.lasts = arena.engine !== 'typescript';
  }

  get view(): T {
    const { cached } = this;
    // Views of outgrown shared buffers stay valid; only a detached buffer (length 0) forces a new view. Asking the memory
    // which buffer it has costs more than the check.
    return cached !== undefined && cached.length === this.length && this.lasts ? cached : this.renew();
  }

  /** Apart from the getter, which is compiled into everything that reads a view: with this beside it that took ten times as long. */
  private renew(): T {
    const { arena } = this;
    const heap = this.kind === 'f64' ? arena.f64 : this.kind === 'f32' ? arena.f32 : arena.i32;
    const from = this.pointer / heap.BYTES_PER_ELEMENT;
    const view = heap.subarray(from, from + this.length) as T;
    this.cached = view;
    return view;
  }

  free(): void {
    this.arena.free(this.pointer);
  }
}

/** Collects scratch blocks of one computation so that all are freed at its end, however it ends. */
export class Scratch {
  private pointers: number[] = [];
  constructor(readonly arena: Arena) {}

  f64(n: number): Block<Float64Array> {
    return this.keep(this.arena.f64Block(n));
  }

  f32(n: number): Block<Float32Array> {
    return this.keep(this.arena.f32Block(n));
  }

  i32(n: number): Block<Int32Array> {
    return this.keep(this.arena.i32Block(n));
  }

  private keep<T extends Float64Array | Float32Array | Int32Array>(block: Block<T>): Block<T> {
    this.pointers.push(block.pointer);
    return block;
  }

  release(): void {
    for (const p of this.pointers) this.arena.free(p);
    this.pointers = [];
  }
}

const OWN_ARENA_BYTES = 8 * 2 ** 20;
let common: Arena | undefined;

/** The arena for small data; whatever is larger than 8 MiB gets one of its own, so that it can be given back. */
export function arenaFor(bytes: number): Arena {
  if (bytes >= OWN_ARENA_BYTES) return new Arena();
  common ??= new Arena();
  return common;
}
