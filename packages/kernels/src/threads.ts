import { accelerator } from './accelerator.ts';
import type { Arena } from './arena.ts';
import { moduleFor } from './engine.ts';
import type { Kernels } from './generated/kernels.ts';
import { gemmWorkBytes } from './work.ts';

type Threaded = Pick<Kernels, 'gemvT' | 'cscGemvT' | 'gemm' | 'sgemm'>;

/** A list of calls: its place and their number are the arguments. */
const LIST = -3;

/** Kernels by number, as the control block and lists have them. */
let operations: readonly string[] | undefined;
function operationNames(): readonly string[] {
  operations ??= WebAssembly.Module.exports(moduleFor('wasm-shared'))
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);
  return operations;
}

/** A call of a kernel: its name, then its arguments. */
export type KernelCall = readonly [name: keyof Kernels, ...args: ReadonlyArray<number | boolean>];

type Kernel = (...args: ReadonlyArray<number | boolean>) => unknown;

/** A call that is made again and again; those of products without a list of arguments that is spread, which costs more than to call. */
export function boundCall(kernel: Kernel, args: ReadonlyArray<number | boolean>): () => void {
  if (args.length !== 14) return () => kernel(...args);
  const [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = args;
  return () => kernel(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
}

/** Doubles of a call in a list: the number of the kernel and its arguments. */
const CALL = 17;

// The control block: a few i32 words, then a slot of sixteen doubles for each share: a kernel or LIST, who may take it, the arguments.
const GENERATION = 0;
const REMAINING = 1;
const FAILURES = 2;
const QUIT = 3;
const WORDS = 16;
const SLOT_WORDS = 32;

/** Generations before they begin anew. */
const GENERATIONS = 2 ** 30;

/** How often a thread looks whether others have finished before it sleeps, as workers do: some 50 µs. */
const LOOKS = 4000;

/** Multiply-adds below which waking a worker (some 20 µs) costs more than it saves. */
const WORTHWHILE = 2 ** 17;

interface WorkerData {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  operations: readonly string[];
  /** Byte offset of the control block, how many slots follow it, and which one this worker takes first. */
  control: number;
  slots: number;
  own: number;
}

/**
 * Runs in the worker. It is sent there as text, so that it works alike from source, from dist and from a bundle: it
 * may use nothing from outside itself. A slot has the operation in its first word, in its second the generation whose share it
 * is as long as nobody has taken that, and the arguments from byte 8. Whoever is free takes what is left: the caller does not
 * wait for a worker that the machine lets wait.
 */
function workerMain(data: WorkerData): void {
  const words = new Int32Array(data.memory.buffer, data.control, 16 + 32 * data.slots);
  const shares = Array.from({ length: data.slots }, (_, k) => {
    const slot = (data.own + k) % data.slots;
    const args = new Float64Array(data.memory.buffer, data.control + 4 * (16 + 32 * slot) + 8, 14);
    return { at: 16 + 32 * slot, args };
  });
  const size = 17;
  const kernels = new WebAssembly.Instance(data.module, { env: { memory: data.memory } }).exports as Record<
    string,
    (...args: number[]) => void
  >;
  const functions = data.operations.map((name) => kernels[name]);
  /** By itself, so that it is compiled: the loop below never ends. */
  const runList = (l: Float64Array): void => {
    // Arguments one by one: spread, they would take half a microsecond a call.
    for (let i = 0; i < l.length; i += size) {
      const [a, b, c, d] = [l[i + 1], l[i + 2], l[i + 3], l[i + 4]];
      const [e, f, g, h] = [l[i + 5], l[i + 6], l[i + 7], l[i + 8]];
      const [m, n, o, p] = [l[i + 9], l[i + 10], l[i + 11], l[i + 12]];
      functions[l[i]](a, b, c, d, e, f, g, h, m, n, o, p, l[i + 13], l[i + 14], l[i + 15], l[i + 16]);
    }
  };
  const work = (operation: number, args: Float64Array): void => {
    try {
      if (operation >= 0) functions[operation](...args);
      else runList(new Float64Array(data.memory.buffer, args[0], args[1] * size));
    } catch {
      Atomics.add(words, 2, 1);
    }
    Atomics.sub(words, 1, 1);
    Atomics.notify(words, 1);
  };
  // The owner announces itself in generation 1 and on; a worker that starts late finds the announcement waiting.
  let seen = 0;
  for (;;) {
    // Operations follow each other closely: looking a while costs less than being woken.
    for (let looks = 0; looks < 4000 && Atomics.load(words, 0) === seen; looks++);
    Atomics.wait(words, 0, seen);
    seen = Atomics.load(words, 0);
    if (Atomics.load(words, 3) !== 0) {
      Atomics.sub(words, 1, 1);
      Atomics.notify(words, 1);
      return;
    }
    for (const { at, args } of shares) {
      if (Atomics.compareExchange(words, at + 1, seen, 0) === seen) work(words[at], args);
    }
  }
}

interface Job {
  readonly operation: number;
  readonly args: readonly number[];
}

interface Handle {
  /** Resolves when the worker has ended; meanwhile the process stays. */
  ended(): Promise<unknown>;
  terminate(): unknown;
}

async function startWorker(data: WorkerData): Promise<Handle> {
  const isNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
  if (isNode) {
    const name = 'node:worker_threads'; // a variable, so that bundlers for browsers leave it alone
    const { Worker: NodeWorker } = (await import(/* @vite-ignore */ name)) as typeof import('node:worker_threads');
    const source = `(${workerMain.toString()})(require('node:worker_threads').workerData)`;
    // Without the parent's flags, which a worker from text may not understand.
    const worker = new NodeWorker(source, { eval: true, workerData: data, execArgv: [] });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      worker.once('online', resolve);
      worker.once('error', reject);
    });
    worker.unref(); // only now: a process with nothing but an unreferenced worker to wait for ends at once
    return {
      ended: () => {
        worker.ref();
        return ended;
      },
      terminate: () => worker.terminate(),
    };
  }
  const source = `onmessage = (event) => { postMessage('ready'); (${workerMain.toString()})(event.data); close(); }`;
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url);
    // Browsers need this thread to start a worker: were it to wait for one that has not started, it would wait for ever.
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message || 'The worker could not be started.'));
      worker.postMessage(data);
    });
    return { ended: () => Promise.resolve(), terminate: () => worker.terminate() };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The open pool of an arena that was made last. */
const pools = new WeakMap<Arena, ThreadPool>();

/** The threads that share work in an arena, if there are any. */
export const threadsOf = (arena: Arena): ThreadPool | undefined => pools.get(arena);

/**
 * Threads that work on the matrices of one arena. Calls block until all have finished, the caller doing a share of its
 * own; results equal the arena's kernels bit for bit. Small operations stay on the caller's thread. Where memory cannot
 * be shared, the pool has one thread, the caller. One call at a time, from the thread that made the pool. Workers do
 * not keep a Node process alive.
 *
 *     const pool = await ThreadPool.create({ arena: X.arena, threads: 2 });
 *     pool.gemvT(m, n, A, lda, x, y);
 *     await pool.close();
 */
export class ThreadPool implements Threaded {
  private generation = 0;
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
    const control = arena.alloc((WORDS + slots * SLOT_WORDS) * 4);
    arena.i32.fill(0, control >>> 2, (control >>> 2) + WORDS + slots * SLOT_WORDS);
    const module = moduleFor('wasm-shared');
    const memory = arena.memory!;
    const started = await Promise.allSettled(
      Array.from({ length: count }, (_, w) =>
        startWorker({ module, memory, operations: operationNames(), control, slots, own: w + 1 }),
      ),
    );
    const workers = started.flatMap((s) => (s.status === 'fulfilled' ? [s.value] : []));
    if (workers.length < count) {
      // The runtime refuses workers (a content policy, a limit): the caller works alone.
      for (const worker of workers) worker.terminate();
      await Promise.all(workers.map((worker) => worker.ended()));
      arena.free(control);
      return new ThreadPool(arena, [], 0);
    }
    const pool = new ThreadPool(arena, workers, control);
    pools.set(arena, pool);
    return pool;
  }

  /** The caller and its workers. */
  get threads(): number {
    return this.workers.length + 1;
  }

  /** y ← Aᵀx as {@link Kernels.gemvT}, a range of columns each. */
  gemvT(m: number, n: number, A: number, lda: number, x: number, y: number): void {
    const cuts = this.cuts(n, m * n);
    this.run(
      'gemvT',
      cuts.map(([from, to]) => [m, to - from, A + from * lda * 8, lda, x, y + from * 8]),
    );
  }

  /** y ← Xᵀr as {@link Kernels.cscGemvT}, columns of about as many non-zeros each. */
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

  /** C ← α·op(A)·op(B) + βC as {@link Kernels.gemm}, a block of columns of C each; workers get scratch of the arena. */
  readonly gemm: Kernels['gemm'] = (...args) => this.product('gemm', 8, ...args);

  /** As {@link gemm}, of f32. */
  readonly sgemm: Kernels['sgemm'] = (...args) => this.product('sgemm', 4, ...args);

  private product(
    name: 'gemm' | 'sgemm',
    bytes: number,
    ...[transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work]: Parameters<Kernels['gemm']>
  ): void {
    // A library has threads of its own, and its bits: shares would mix them with those of the kernels.
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
   * A kernel over n values, its first argument, each of which depends on those at its place alone: a range each. After n come
   * `numbers`, then pointers to arrays of n values, or 0 where there is none.
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

  /** Ends the workers and gives their memory back; the pool then has one thread. */
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
    this.arena.free(this.control);
  }

  /** Equal ranges of n columns, starts at multiples of four; one range if there is too little to do. */
  private cuts(n: number, work: number): Array<[number, number]> {
    const parts = work < WORTHWHILE ? 1 : this.threads;
    const bounds = Array.from({ length: parts + 1 }, (_, p) => (p === parts ? n : Math.floor((n * p) / parts / 4) * 4));
    return bounds.slice(1).map((to, p) => [bounds[p], to]);
  }

  /**
   * Calls of kernels in their order, a list for each thread, the caller's first: written down once, run again and again
   * with one signal to the workers. Lists must not depend on each other. After {@link close} the caller runs them all.
   * @throws Error for more lists than threads; when it runs, where a worker reaches past the memory.
   */
  prepare(lists: ReadonlyArray<readonly KernelCall[]>): { run(): void; free(): void } {
    const { arena, threads } = this;
    // Bound now: an accelerator that comes later has other bits.
    const kernels = arena.kernels as unknown as Record<string, Kernel>;
    const bound = lists.map((calls) => calls.map(([name, ...args]) => boundCall(kernels[name], args)));
    const runAll = (calls: (typeof bound)[number]): void => {
      for (let i = 0; i < calls.length; i++) calls[i]();
    };
    if (lists.length > Math.max(1, threads)) throw new Error(`There are ${lists.length} lists for ${threads} threads.`);
    const block = arena.f64Block(Math.max(1, lists.reduce((n, calls) => n + calls.length, 0) * CALL));
    let at = 0;
    const jobs = lists.map((calls) => {
      const start = at;
      for (const [name, ...args] of calls) {
        const operation = operationNames().indexOf(name);
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
    const kernel = this.arena.kernels[name] as unknown as (...args: number[]) => void;
    if (shares.length === 1) {
      kernel(...shares[0]);
      return;
    }
    const operation = operationNames().indexOf(name);
    this.together(
      name,
      shares.map((args) => ({ operation, args })),
      (i) => kernel(...shares[i]),
    );
  }

  /** Jobs by all threads: this one does the first and then those that nobody has taken yet. */
  private together(name: string, jobs: readonly Job[], own: (i: number) => void): void {
    const { i32, f64 } = this.arena;
    const base = this.control >>> 2;
    // Before anybody can take the first: it is the caller's.
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
        // The main thread of a browser may not wait: it spins for the rest of the workers' share.
      }
    }
  }
}
