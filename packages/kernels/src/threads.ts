import { accelerator } from './accelerator.ts';
import type { Arena } from './arena.ts';
import { bytesOf, compiledFor } from './engine.ts';
import type { Kernels } from './kernels.ts';
import { type KernelModule, moduleWith } from './module.ts';
import { gemmWorkBytes, gramWorkBytes } from './work.ts';
import { type Handle, startWorker } from './worker.ts';

type Threaded = Pick<Kernels, 'gemvT' | 'cscGemvT' | 'gemm' | 'sgemm' | 'columnGram'>;

/** Opcode of a list of calls; its arguments are the address of the list and the number of calls. */
const LIST = -3;

/** Kernel numbers per module; more than any module has kernels. */
const PER_MODULE = 256;
/** Maximum number of modules whose kernels a pool can call. */
const MODULES = 31;

const functionsIn = (module: WebAssembly.Module): string[] =>
  WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);

/** A call of a kernel: its name followed by its arguments. */
export type KernelCall<Name extends keyof Kernels = keyof Kernels> = readonly [
  name: Name,
  ...args: ReadonlyArray<number | boolean>,
];

type Kernel = (...args: ReadonlyArray<number | boolean>) => unknown;

/** A call that is repeated. Products avoid spreading an argument list, which costs more than the call itself. */
export function boundCall(kernel: Kernel, args: ReadonlyArray<number | boolean>): () => void {
  if (args.length !== 14) return () => kernel(...args);
  const [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = args;
  return () => kernel(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}

/** Number of doubles per call in a list: the number of the kernel, and its arguments. */
const CALL = 17;

// The control block: some i32 words, then a slot of sixteen doubles for each job: a kernel or LIST, who may take it,
// and the arguments.
const GENERATION = 0;
const REMAINING = 1;
const FAILURES = 2;
const QUIT = 3;
const WORDS = 16;
const SLOT_WORDS = 32;

/** Generations wrap around here. */
const GENERATIONS = 2 ** 30;

/** Number of polls, about 50 µs, before a waiting thread sleeps; the same in workers. */
const LOOKS = 4000;

/** Number of multiply-adds below which waking a worker (about 20 µs) costs more than it saves. */
const WORTHWHILE = 2 ** 17;

interface Job {
  readonly operation: number;
  readonly args: readonly number[];
}

/** The most recently created open pool of each arena. */
const pools = new WeakMap<Arena, ThreadPool>();

/** The thread pool of an arena, if there is one. */
export const threadsOf = (arena: Arena): ThreadPool | undefined => pools.get(arena);

/**
 * Threads that work on the matrices of one arena. Calls block until all threads have finished, and the caller does part
 * of the work; results equal those of the arena's kernels bit for bit. Small operations stay on the caller's thread. If
 * memory cannot be shared, the caller is the only thread. One call at a time, from the thread that created the pool.
 * Workers do not keep a Node process alive.
 *
 *     const pool = await ThreadPool.create({ arena: X.arena, threads: 2 });
 *     pool.gemvT(m, n, A, lda, x, y);
 *     await pool.close();
 */
export class ThreadPool implements Threaded {
  private generation = 0;
  /**
   * Numbers of kernels by name, as used in the control block and in lists: the number of the module, then that of the
   * kernel within it.
   */
  private readonly numbers = new Map<string, number>();
  /** Pointers to the code that workers read. */
  private readonly code: number[] = [];
  private constructor(
    readonly arena: Arena,
    private workers: Handle[],
    private control: number,
  ) {}

  /** Starts `threads` − 1 workers (default 1 thread: none). */
  static async create({ arena, threads = 1 }: { arena: Arena; threads?: number }): Promise<ThreadPool> {
    const count = arena.engine === 'wasm-shared' ? Math.max(0, Math.floor(threads) - 1) : 0;
    if (count === 0) return new ThreadPool(arena, [], 0);
    const slots = count + 1;
    const words = WORDS + slots * SLOT_WORDS + 2 * MODULES;
    const control = arena.alloc(words * 4);
    arena.i32.fill(0, control >>> 2, (control >>> 2) + words);
    const memory = arena.memory!;
    const started = await Promise.allSettled(
      Array.from({ length: count }, (_, w) => startWorker({ memory, control, slots, own: w + 1 })),
    );
    const workers = started.flatMap((s) => (s.status === 'fulfilled' ? [s.value] : []));
    if (workers.length < count) {
      // The runtime refuses workers (content security policy, a limit), so the caller works alone.
      for (const worker of workers) worker.terminate();
      await Promise.all(workers.map((worker) => worker.ended()));
      arena.free(control);
      return new ThreadPool(arena, [], 0);
    }
    const pool = new ThreadPool(arena, workers, control);
    pools.set(arena, pool);
    return pool;
  }

  /** Number of threads, including the caller. */
  get threads(): number {
    return this.workers.length + 1;
  }

  /** y ← Aᵀx as in {@link Kernels.gemvT}, with a range of columns per thread. */
  gemvT(m: number, n: number, A: number, lda: number, x: number, y: number): void {
    const cuts = this.cuts(n, m * n);
    this.run(
      'gemvT',
      cuts.map(([from, to]) => [m, to - from, A + from * lda * 8, lda, x, y + from * 8]),
    );
  }

  /** y ← Xᵀr as in {@link Kernels.cscGemvT}, with columns of about equally many non-zeros per thread. */
  cscGemvT(cols: number, colPointers: number, rowIndices: number, values: number, r: number, y: number): void {
    const { i32 } = this.arena;
    const first = colPointers >>> 2;
    const [start, end] = [i32[first], i32[first + cols]];
    const parts = end - start < WORTHWHILE ? 1 : this.threads;
    const bounds = [0];
    for (let p = 1; p < parts; p++) {
      const target = start + ((end - start) * p) / parts;
      let lo = bounds[p - 1];
      let hi = cols;
      while (lo < hi) {
        const mid = (lo + hi) >>> 1;
        if (i32[first + mid] < target) lo = mid + 1;
        else hi = mid;
      }
      bounds.push(lo);
    }
    bounds.push(cols);
    this.run(
      'cscGemvT',
      bounds.slice(1).map((to, p) => {
        const from = bounds[p];
        return [to - from, colPointers + from * 4, rowIndices, values, r, y + from * 8];
      }),
    );
  }

  /**
   * C ← α·op(A)·op(B) + βC as in {@link Kernels.gemm}, with a block of columns of C per thread; workers get scratch
   * from the arena.
   */
  readonly gemm: Kernels['gemm'] = (...args) => this.product('gemm', 8, ...args);

  /** Like {@link gemm}, in f32. */
  readonly sgemm: Kernels['sgemm'] = (...args) => this.product('sgemm', 4, ...args);

  private product(
    name: 'gemm' | 'sgemm',
    bytes: number,
    ...[transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work]: Parameters<Kernels['gemm']>
  ): void {
    // A library has its own threads and its own rounding, which must not be mixed with that of the kernels.
    if (accelerator()) {
      this.arena.kernels[name](transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work);
      return;
    }
    const cuts = this.cuts(n, m * n * k);
    const scratch: number[] = [];
    try {
      const shares = cuts.map(([from, to], p) => {
        let own = work;
        if (p > 0) scratch.push((own = this.arena.alloc(gemmWorkBytes(m, to - from, k))));
        const b = B + from * (transB ? 1 : ldb) * bytes;
        const c = C + from * ldc * bytes;
        return [+transA, +transB, m, to - from, k, alpha, A, lda, b, ldb, beta, c, ldc, own];
      });
      this.run(name, shares);
    } finally {
      for (const pointer of scratch) this.arena.free(pointer);
    }
  }

  /**
   * Gram columns as in {@link Kernels.columnGram}, with a range of them per thread; workers get scratch from the arena.
   */
  columnGram(...args: Parameters<Kernels['columnGram']>): void {
    const [n, m, from, columns, X, ldx, scale, means, root, share, G, ldg, work, target] = args;
    const parts = accelerator() || n * m * (m - from) < WORTHWHILE ? 1 : this.threads;
    if (parts === 1) {
      this.arena.kernel('columnGram')(...args);
      return;
    }
    // Divides the triangle into parts with equally many entries.
    const bound = (p: number) =>
      p === parts ? m : Math.max(from, Math.floor(Math.sqrt(from ** 2 + ((m ** 2 - from ** 2) * p) / parts) / 4) * 4);
    const scratch: number[] = [];
    try {
      const shares = Array.from({ length: parts }, (_, p) => {
        const [first, end] = [p === 0 ? from : bound(p), bound(p + 1)];
        let own = work;
        if (p > 0) scratch.push((own = this.arena.alloc(gramWorkBytes(end))));
        // The last part packs all columns.
        const sums = p === parts - 1 ? target : 0;
        return [n, end, first, columns, X, ldx, scale, means, root, share, G, ldg, own, sums];
      });
      this.run('columnGram', shares);
    } finally {
      for (const pointer of scratch) this.arena.free(pointer);
    }
  }

  /**
   * A kernel over n values, given as its first argument, that is elementwise: one range per thread. n is followed by
   * `numbers`, then by pointers to arrays of n values, or 0 for none.
   */
  overValues(
    name: 'adamStep' | 'sadamStep' | 'sgdStep' | 'ssgdStep' | 'adagradStep' | 'sadagradStep',
    n: number,
    numbers: readonly number[],
    pointers: readonly number[],
  ): void {
    const bytes = /^s(?!gd)/.test(name) ? 4 : 8;
    const shares = this.cuts(n, n * 8).map(([from, to]) => {
      return [to - from, ...numbers, ...pointers.map((p) => p && p + from * bytes)];
    });
    this.run(name, shares);
  }

  /** Ends the workers and frees their memory; the pool then consists of the caller. */
  async close(): Promise<void> {
    if (this.workers.length === 0) return;
    const { workers } = this;
    if (pools.get(this.arena) === this) pools.delete(this.arena);
    const word = (this.control >>> 2) + QUIT;
    Atomics.store(this.arena.i32, word, 1);
    this.announce(workers.length);
    this.wait();
    await Promise.all(workers.map((worker) => worker.ended()));
    this.workers = [];
    for (const pointer of [this.control, ...this.code]) this.arena.free(pointer);
  }

  /** The number of a kernel; ensures that workers can find the code of its module. */
  private numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined || this.workers.length === 0) return known ?? -1;
    const module = moduleWith(name);
    functionsIn(compiledFor(module, 'wasm-shared')).forEach((kernel, i) => {
      this.numbers.set(kernel, module.id * PER_MODULE + i);
    });
    this.publish(module);
    return this.numbers.get(name)!;
  }

  private publish(module: KernelModule<unknown>): void {
    const { arena } = this;
    const bytes = bytesOf(module, 'wasm-shared');
    const pointer = arena.alloc(bytes.length);
    this.code.push(pointer);
    new Uint8Array(arena.memory!.buffer, pointer, bytes.length).set(bytes);
    const place = (this.control >>> 2) + WORDS + this.threads * SLOT_WORDS + 2 * module.id;
    arena.i32[place] = pointer;
    Atomics.store(arena.i32, place + 1, bytes.length);
  }

  /** Equal ranges of n columns that begin at multiples of four; a single range if there is too little work. */
  private cuts(n: number, work: number): Array<[number, number]> {
    const parts = work < WORTHWHILE ? 1 : this.threads;
    const bounds = Array.from({ length: parts + 1 }, (_, p) => (p === parts ? n : Math.floor((n * p) / parts / 4) * 4));
    return bounds.slice(1).map((to, p) => [bounds[p], to]);
  }

  /**
   * Prepares lists of kernel calls, one for each thread, the caller's first: written once, then run repeatedly with a
   * single signal to the workers. Lists must not depend on each other. After {@link close} the caller runs them all.
   * @throws Error for more lists than threads; when run, if a worker accesses memory out of bounds.
   */
  prepare(lists: ReadonlyArray<readonly KernelCall[]>): { run(): void; free(): void } {
    const { arena, threads } = this;
    // Bound now, because an accelerator enabled later would round differently.
    const bound = lists.map((calls) => calls.map(([name, ...args]) => boundCall(arena.kernel(name), args)));
    const runAll = (calls: (typeof bound)[number]): void => {
      for (let i = 0; i < calls.length; i++) calls[i]();
    };
    if (lists.length > Math.max(1, threads)) throw new Error(`There are ${lists.length} lists for ${threads} threads.`);
    const block = arena.f64Block(Math.max(1, lists.reduce((n, calls) => n + calls.length, 0) * CALL));
    let at = 0;
    const jobs = lists.map((calls) => {
      const start = at;
      for (const [name, ...args] of calls) {
        const operation = this.numberOf(name);
        [operation, ...args].forEach((value, i) => {
          block.view[at + i] = Number(value);
        });
        at += CALL;
      }
      return { operation: LIST, args: [block.pointer + start * 8, calls.length] };
    });
    return {
      run: () => {
        if (this.workers.length === 0) bound.forEach(runAll);
        else this.together('a list of kernels', jobs, (i) => runAll(bound[i]));
      },
      free: () => block.free(),
    };
  }

  private run(name: keyof Kernels, shares: number[][]): void {
    const kernel = this.arena.kernel(name);
    if (shares.length === 1) {
      kernel(...shares[0]);
      return;
    }
    const operation = this.numberOf(name);
    this.together(
      name,
      shares.map((args) => ({ operation, args })),
      (i) => kernel(...shares[i]),
    );
  }

  /** Runs jobs on all threads: this one runs the first, and then those that nobody has taken. */
  private together(name: string, jobs: readonly Job[], own: (i: number) => void): void {
    const { i32, f64 } = this.arena;
    const base = this.control >>> 2;
    // Set before anybody can take the first job, which is the caller's.
    const next = (this.generation % GENERATIONS) + 1;
    for (let i = 1; i < jobs.length; i++) {
      const slot = base + WORDS + i * SLOT_WORDS;
      const { operation, args } = jobs[i];
      i32[slot] = operation;
      for (let a = 0; a < args.length; a++) f64[(slot >>> 1) + 1 + a] = args[a];
      Atomics.store(i32, slot + 1, next);
    }
    this.announce(jobs.length - 1);
    try {
      own(0);
    } finally {
      for (let i = jobs.length - 1; i > 0; i--) {
        const claim = base + WORDS + i * SLOT_WORDS + 1;
        if (Atomics.compareExchange(i32, claim, next, 0) !== next) continue;
        try {
          own(i);
        } catch {
          Atomics.add(i32, base + FAILURES, 1);
        }
        Atomics.sub(i32, base + REMAINING, 1);
      }
      this.wait();
    }
    if (Atomics.exchange(i32, base + FAILURES, 0) !== 0) {
      throw new Error(`A worker failed in ${name}: a pointer or a shape reaches past the memory of the arena.`);
    }
  }

  private announce(jobs: number): void {
    const { i32 } = this.arena;
    const base = this.control >>> 2;
    this.generation = (this.generation % GENERATIONS) + 1;
    Atomics.store(i32, base + REMAINING, jobs);
    Atomics.store(i32, base + GENERATION, this.generation);
    Atomics.notify(i32, base + GENERATION);
  }

  private wait(): void {
    const { i32 } = this.arena;
    const word = (this.control >>> 2) + REMAINING;
    for (let looks = 0; looks < LOOKS && Atomics.load(i32, word) !== 0; looks++);
    for (;;) {
      const left = Atomics.load(i32, word);
      if (left === 0) return;
      try {
        Atomics.wait(i32, word, left);
      } catch {
        // The main thread of a browser must not block, so it spins until the workers have finished.
      }
    }
  }
}
