import { type Accelerator, accelerator } from './accelerator.ts';
import { type DenseKernels, denseKernels } from './dense/index.ts';
import { detectEngine, type Engine, instantiate } from './engine.ts';
import { FreeBlocks } from './freeBlocks.ts';
import type { Heap } from './heap.ts';
import type { Lapack } from './lapack.ts';
import { type KernelModule, type KernelsOf, moduleWith } from './module.ts';

const PAGE = 65536;
/** Number of pages at the beginning reserved for constants of kernels. */
const RESERVED = 2;
const ALIGN = 64;
const MAX_PAGES = 65536;
const MIN_GROWTH = 16 * PAGE;

/** For {@link Arena.holding}: an arena lives as long as a view of its memory. */
const owners = new WeakMap<ArrayBufferLike, Arena>();

/** Thrown if an arena cannot provide the requested memory. */
export class ArenaMemoryError extends Error {
  override readonly name = 'ArenaMemoryError';
  readonly code = 'OUT_OF_KERNEL_MEMORY';
}

/** What a worker needs to attach to an arena of another thread (structured-cloneable). */
export interface ArenaHandle {
  readonly memory: WebAssembly.Memory;
}

/**
 * One WebAssembly memory with the kernels bound to it and an allocator. Matrices live in an arena and never leave it;
 * scratch for a fit is taken from the arena of its matrix. Free blocks are kept in address order and merged; when an
 * arena is no longer referenced, the engine frees its whole memory.
 *
 * Shared memory (Node, isolated browsers) grows in place, so views stay valid. Elsewhere growth detaches views: hold a
 * {@link Block}, whose views are renewed automatically, rather than a typed array.
 */
export class Arena implements Heap {
  readonly engine: Engine;
  readonly memory: WebAssembly.Memory | undefined;
  /** Kernels of modules, indexed by module: those of this memory, and those with an accelerator's replacements. */
  private readonly own: unknown[] = [];
  private bound: unknown[] = [];
  /** Merged kernels of several modules, keyed by the modules as bits. */
  private together = new Map<number, object>();
  private by: Accelerator | undefined;
  private plain: ArrayBuffer | undefined;
  private byteLength = 0;
  private f64View!: Float64Array;
  private f32View!: Float32Array;
  private i32View!: Int32Array;
  private u16View!: Uint16Array;
  private readonly unused = new FreeBlocks();
  private readonly sizes = new Map<number, number>();
  private regions: Array<{ start: number; size: number }> = [];
  /** All buffers that are valid views of this memory: growth of shared memory adds one and invalidates none. */
  private buffers = new WeakSet<ArrayBufferLike>();
  /** Bytes currently allocated, and their maximum so far. */
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
    // An attached arena uses only regions that it has grown itself.
    if (!options.attach) this.byteLength = RESERVED * PAGE;
  }

  /**
   * Opens, in another thread, the arena behind `handle`; its blocks are readable, and allocations of the two are
   * separate.
   */
  static attach(handle: ArenaHandle): Arena {
    return new Arena({ attach: handle });
  }

  /** For {@link Arena.attach} in a worker; undefined if memory cannot be shared. */
  get handle(): ArenaHandle | undefined {
    return this.engine === 'wasm-shared' ? { memory: this.memory! } : undefined;
  }

  /**
   * The kernels of {@link denseKernels} over this memory; some of them from an installed library if one was requested.
   */
  get kernels(): DenseKernels {
    return this.bind(denseKernels);
  }

  /**
   * The kernels of a module over this memory, or those of several in one object: `arena.use(sparseKernels)`,
   * `arena.use(denseKernels, modelKernels)`. Instantiated at first use.
   */
  use<M extends ReadonlyArray<KernelModule<unknown>>>(...modules: M): KernelsOf<M> {
    if (modules.length === 1) return this.bind(modules[0]) as KernelsOf<M>;
    let key = 0;
    for (const { id } of modules) key |= 1 << id;
    // Also detects a change of the accelerator.
    const parts = modules.map((module) => this.bind(module));
    let all = this.together.get(key);
    if (!all) {
      all = Object.assign({}, ...parts) as object;
      this.together.set(key, all);
    }
    return all as KernelsOf<M>;
  }

  /**
   * A kernel by its name, from any imported module.
   * @throws Error if there is none.
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

  /** LAPACK factorisations of an installed library in this memory, if one was requested. */
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
    this.u16View = new Uint16Array(buffer);
  }

  /** The arena of this thread that contains a typed array, if any. */
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

  /** The whole memory as words of two bytes: index = pointer / 2. */
  get u16(): Uint16Array {
    if (!this.current) this.refresh();
    return this.u16View;
  }

  /** The byte offset of a typed array that lies in this arena; undefined for any other, including detached views. */
  pointerOf(array: Float64Array | Float32Array | Int32Array): number | undefined {
    return this.buffers.has(array.buffer) ? array.byteOffset : undefined;
  }

  /** Bytes of memory that the engine has reserved for this arena. */
  get capacityBytes(): number {
    return this.buffer.byteLength;
  }

  /**
   * Allocates `bytes`, 64-byte aligned, uninitialised. O(free blocks).
   * @throws {@link ArenaMemoryError} beyond 4 GiB.
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
   * Frees a pointer returned by {@link Arena.alloc}; freeing anything else is an error.
   * @throws ArenaMemoryError.
   */
  free(pointer: number): void {
    const size = this.sizes.get(pointer);
    if (size === undefined) throw new ArenaMemoryError(`Pointer ${pointer} is not allocated in this arena.`);
    this.sizes.delete(pointer);
    this.allocatedBytes -= size;
    this.unused.release(pointer, size);
  }

  /** Regions grown by this arena: a worker returns them so that the owner may {@link Arena.adopt} them. */
  get grownRegions(): ReadonlyArray<{ start: number; size: number }> {
    return this.regions;
  }

  /** Adds memory grown by an attached arena that has ended to the free blocks. */
  adopt(regions: ReadonlyArray<{ start: number; size: number }>): void {
    for (const { start, size } of regions) this.unused.release(start, size);
  }

  private grow(size: number): void {
    // Free space at the very end counts, but only if no other thread can grow the memory in between.
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

  /** Scratch blocks that are freed together, as in `using scratch = arena.scratch()` or try/finally with `release`. */
  scratch(): Scratch {
    return new Scratch(this);
  }
}

/** A typed array in an arena: a pointer for kernels, and a view for JavaScript that is renewed when memory grows. */
export class Block<T extends Float64Array | Float32Array | Int32Array> {
  private cached: T | undefined;
  /** Whether the length of a view reveals that its memory has moved. */
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
    // Views of outgrown shared buffers stay valid; only a detached buffer (length 0) requires a new view. Asking the
    // memory for its buffer costs more than this check.
    return cached !== undefined && cached.length === this.length && this.lasts ? cached : this.renew();
  }

  /**
   * Separate from the getter, which is inlined into everything that reads a view; in one function it took ten times as
   * long.
   */
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

/** Collects scratch blocks of one computation so that all are freed at its end, even after an error. */
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

/** The arena for small data; anything larger than 8 MiB gets an arena of its own, so that its memory can be freed. */
export function arenaFor(bytes: number): Arena {
  if (bytes >= OWN_ARENA_BYTES) return new Arena();
  common ??= new Arena();
  return common;
}
