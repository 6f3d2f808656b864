import type { Heap } from './heap.ts';
import type { Kernels } from './kernels.ts';
import { type Lapack, lapackOf } from './lapack.ts';
import { GRAM_ROWS } from './work.ts';

/** The operations that an installed library may replace. */
type Taken = Pick<Kernels, 'gemm' | 'sgemm' | 'syrk' | 'columnGram' | 'potrf' | 'trsm' | 'triangularSolve'>;

/** An installed library that performs dense products and factorisations instead of the kernels. */
export interface Accelerator {
  /**
   * Its name and release, as reported with results: its rounding differs from that of the kernels, and between
   * processors.
   */
  readonly name: string;
  /** Number of threads that it may use. */
  readonly threads: number;
  /**
   * Replaces kernels of a module in one memory by the library's operations; `named` gives any kernel of that memory.
   */
  readonly on: <K>(heap: Heap, kernels: K, named: (name: string) => unknown) => K;
  /** LAPACK factorisations in one memory; absent if the library has none. */
  readonly lapack?: (heap: Heap) => Lapack;
}

/** Thrown if a library is requested but not available. */
export class AcceleratorError extends Error {
  override readonly name = 'AcceleratorError';
  readonly code = 'NOT_SUPPORTED';
}

let asked: Accelerator | undefined;
let looked = false;

/**
 * The library that currently performs dense products; undefined if the kernels do. The environment variable
 * SOUTHWELL_BLAS (`openblas`, or the path of the library) is read once, in Node; throws {@link AcceleratorError} if it
 * names a library that is not available.
 * @throws AcceleratorError.
 */
export function accelerator(): Accelerator | undefined {
  if (looked) return asked;
  const { SOUTHWELL_BLAS: library, SOUTHWELL_BLAS_THREADS: threads = '1' } = environment();
  if (library) {
    try {
      asked = openBlas({ library: library === 'openblas' ? undefined : library, threads: Number(threads) });
    } catch (error) {
      throw new AcceleratorError(`SOUTHWELL_BLAS is ${library}: ${(error as Error).message}`);
    }
  }
  looked = true;
  return asked;
}

export interface OpenBlasOptions {
  /** The file to load. Default: OpenBLAS under its usual names. */
  readonly library?: string;
  /** Number of threads that it may use (default 1). With more, bits vary from run to run. */
  readonly threads?: number;
}

/**
 * Uses OpenBLAS instead of kernels from now on, in this thread and in workers opened later; `false` returns to the
 * kernels. Returns its name.
 * @throws {@link AcceleratorError}.
 */
export function useOpenBlas(options: OpenBlasOptions | false = {}): string | undefined {
  asked = options === false ? undefined : openBlas(options);
  looked = true;
  const variables = environment();
  if (options === false) {
    delete variables.SOUTHWELL_BLAS;
    delete variables.SOUTHWELL_BLAS_THREADS;
  } else {
    variables.SOUTHWELL_BLAS = options.library ?? 'openblas';
    variables.SOUTHWELL_BLAS_THREADS = String(asked!.threads);
  }
  return asked?.name;
}

const environment = (): Record<string, string | undefined> =>
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};

/** Usual file names of OpenBLAS. */
const FILES = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll', 'openblas.dll'];

/** The part of koffi's interface that is used. */
interface Koffi {
  load(file: string): { func(declaration: string): (...args: unknown[]) => unknown };
}
type Library = ReturnType<Koffi['load']>;

function openBlas({ library, threads = 1 }: OpenBlasOptions): Accelerator {
  if (!Number.isSafeInteger(threads) || threads < 1)
    throw new AcceleratorError(`OpenBLAS takes a whole number of threads, at least 1, not ${threads}.`);
  const lib = loaded(library);
  let config: unknown;
  let functions: Functions;
  try {
    config = lib.func('const char *openblas_get_config()')();
    lib.func('void openblas_set_num_threads(int)')(threads);
    functions = functionsOf(lib);
  } catch (error) {
    throw new AcceleratorError(`${library ?? 'What was found'} is not OpenBLAS: ${(error as Error).message}.`);
  }
  let lapack: ReturnType<typeof lapackOf> | undefined;
  try {
    lapack = lapackOf(lib);
  } catch {
    // Built without LAPACK: factorisations then use its products only.
  }
  const release = /\d+\.\d+\.\d+/.exec(String(config))?.[0];
  return {
    name: `OpenBLAS${release ? ` ${release}` : ''}`,
    threads,
    on: (heap, kernels, named) => {
      const own = new Proxy({}, { get: (_, name) => named(String(name)) }) as Kernels;
      const mine = Object.entries(taken(functions, heap, own)).filter(([name]) => name in (kernels as object));
      return { ...kernels, ...Object.fromEntries(mine) };
    },
    lapack: lapack && ((heap) => lapack(() => heap.f64)),
  };
}

type Functions = ReturnType<typeof functionsOf>;

function functionsOf(lib: Library) {
  const gemm = (name: string, real: string) =>
    lib.func(
      `void ${name}(int, int, int, int, int, int, ${real}, const void *, int, const void *, int, ${real}, void *, int)`,
    );
  return {
    gemm: gemm('cblas_dgemm', 'double'),
    sgemm: gemm('cblas_sgemm', 'float'),
    syrk: lib.func('void cblas_dsyrk(int, int, int, int, int, double, const void *, int, double, void *, int)'),
    trsm: lib.func('void cblas_dtrsm(int, int, int, int, int, int, int, double, const void *, int, void *, int)'),
    potrf: lib.func('void dpotrf_(const char *, const int *, void *, const int *, _Out_ int *)'),
  };
}

// Constants of CBLAS.
const BY_COLUMNS = 102;
const [PLAIN, TRANSPOSED] = [111, 112];
const [UPPER, LOWER] = [121, 122];
const [NON_UNIT, UNIT] = [131, 132];
const [LEFT, RIGHT] = [141, 142];
const op = (transposed: boolean) => (transposed ? TRANSPOSED : PLAIN);

/**
 * Number of multiply-adds below which a call (1 µs) costs more than it saves. Also excludes empty products, whose
 * leading dimensions may be 0.
 */
const WORTHWHILE = 2 ** 13;

function taken(call: Functions, heap: Heap, kernels: Kernels): Taken {
  const f64 = (pointer: number) => heap.f64.subarray(pointer / 8);
  const f32 = (pointer: number) => heap.f32.subarray(pointer / 4);
  /** Whether the listed columns are contiguous and neither centred nor scaled. */
  const asTheyLie = (m: number, columns: number, scale: number, means: number) => {
    const { f64: a, i32 } = heap;
    const first = i32[columns / 4];
    for (let t = 0; t < m; t++) {
      const j = i32[columns / 4 + t];
      if (j !== first + t || a[scale / 8 + j] !== 1 || a[means / 8 + t] !== 0) return false;
    }
    return true;
  };
  return {
    gemm(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work) {
      if (m * n * k < WORTHWHILE) {
        return kernels.gemm(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work);
      }
      call.gemm(BY_COLUMNS, op(transA), op(transB), m, n, k, alpha, f64(A), lda, f64(B), ldb, beta, f64(C), ldc);
    },
    sgemm(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work) {
      if (m * n * k < WORTHWHILE) {
        return kernels.sgemm(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc, work);
      }
      call.sgemm(BY_COLUMNS, op(transA), op(transB), m, n, k, alpha, f32(A), lda, f32(B), ldb, beta, f32(C), ldc);
    },
    syrk(trans, n, k, A, lda, C, ldc, work) {
      if (n * n * k < WORTHWHILE) return kernels.syrk(trans, n, k, A, lda, C, ldc, work);
      call.syrk(BY_COLUMNS, LOWER, op(!trans), n, k, 1, f64(A), lda, 0, f64(C), ldc);
      kernels.mirrorLower(n, C, ldc);
    },
    columnGram(n, m, from, columns, X, ldx, scale, means, root, share, G, ldg, work, target) {
      if (n * m * (m - from) < WORTHWHILE) {
        return kernels.columnGram(n, m, from, columns, X, ldx, scale, means, root, share, G, ldg, work, target);
      }
      const [block, beside] = [G + 8 * from * (ldg + 1), G + 8 * from];
      for (let t = 0; target !== 0 && t < m; t++) {
        const [j, sum] = [heap.i32[columns / 4 + t], target + 8 * (n + t)];
        kernels.centredProducts(n, 1, X + 8 * j * ldx, ldx, target, means + 8 * t, sum);
        heap.f64[sum / 8] *= heap.f64[scale / 8 + j];
      }
      /** Adds the contribution of m columns with `rows` rows at P. */
      const add = (P: number, ldp: number, rows: number, beta: number) => {
        const fresh = P + 8 * from * ldp;
        call.syrk(BY_COLUMNS, LOWER, TRANSPOSED, m - from, rows, share, f64(fresh), ldp, beta, f64(block), ldg);
        if (from === 0) return;
        const [a, b, c] = [f64(fresh), f64(P), f64(beside)];
        call.gemm(BY_COLUMNS, TRANSPOSED, PLAIN, m - from, from, rows, share, a, ldp, b, ldp, beta, c, ldg);
      };
      if (root === 0 && asTheyLie(m, columns, scale, means)) add(X + 8 * heap.i32[columns / 4] * ldx, ldx, n, 0);
      else {
        for (let top = 0; top < n; top += GRAM_ROWS) {
          const [rows, at] = [Math.min(GRAM_ROWS, n - top), 8 * top];
          kernels.packColumns(rows, m, columns, X + at, ldx, scale, means, root && root + at, work, rows);
          add(work, rows, rows, top === 0 ? 0 : 1);
        }
      }
      kernels.mirrorLower(m - from, block, ldg);
      if (from > 0) kernels.transpose(m - from, from, beside, ldg, G + 8 * from * ldg, ldg);
    },
    trsm(m, n, L, ldl, B, ldb, work) {
      if (m * n * n < WORTHWHILE) return kernels.trsm(m, n, L, ldl, B, ldb, work);
      call.trsm(BY_COLUMNS, RIGHT, LOWER, TRANSPOSED, NON_UNIT, m, n, 1, f64(L), ldl, f64(B), ldb);
    },
    triangularSolve(right, lower, trans, unit, m, n, T, ldt, B, ldb, work) {
      if (m * n * (right ? n : m) < WORTHWHILE) {
        return kernels.triangularSolve(right, lower, trans, unit, m, n, T, ldt, B, ldb, work);
      }
      const words = [right ? RIGHT : LEFT, lower ? LOWER : UPPER, op(trans), unit ? UNIT : NON_UNIT];
      call.trsm(BY_COLUMNS, ...words, m, n, 1, f64(T), ldt, f64(B), ldb);
    },
    potrf(n, A, lda, work) {
      if (n ** 3 < WORTHWHILE) return kernels.potrf(n, A, lda, work);
      const info = [0];
      call.potrf('L', [n], f64(A), [lda], info);
      if (info[0] !== 0) return info[0];
      // NaN is not a valid pivot, but the library does not check for it.
      const { f64: all } = heap;
      for (let j = 0; j < n; j++) if (!(all[A / 8 + j * (lda + 1)] > 0)) return j + 1;
      return 0;
    },
  };
}

function loaded(library: string | undefined): Library {
  type Loader = { getBuiltinModule?(name: string): { createRequire(url: string): (name: string) => Koffi } };
  const { process } = globalThis as { process?: Loader };
  const node = process?.getBuiltinModule?.('node:module');
  if (!node) throw new AcceleratorError('An installed OpenBLAS can be used in Node 20.16 or later only.');
  let koffi: Koffi;
  try {
    koffi = node.createRequire(import.meta.url)('koffi');
  } catch (error) {
    throw new AcceleratorError(
      `OpenBLAS is reached by the package koffi, which cannot be loaded (${(error as Error).message.split('\n')[0]}). ` +
        'Install it: npm install koffi.',
    );
  }
  const { HOMEBREW_PREFIX: brew } = environment();
  const kept = brew ? [`${brew}/opt/openblas/lib/libopenblas.dylib`] : [];
  const files = library === undefined ? [...FILES, ...kept] : [library];
  let why = '';
  for (const file of files) {
    try {
      return koffi.load(file);
    } catch (error) {
      why = (error as Error).message;
    }
  }
  throw new AcceleratorError(
    library === undefined
      ? `OpenBLAS was not found by any of its names (${files.join(', ')}). Install it (Debian: libopenblas0), or name its file.`
      : `${library} cannot be loaded (${why}).`,
  );
}
