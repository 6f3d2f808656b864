import { fail } from '@southwell/numerics/core';

/** Names of the Open MPI library, with the version of its interface where systems use it. */
const FILES = ['libmpi.so.40', 'libmpi.so', 'libmpi.40.dylib', 'libmpi.dylib'];

/** The part of koffi's interface that is used. */
interface Koffi {
  /** null: symbols already loaded by the process. */
  load(file: string | null, options: { global: boolean }): Library;
}
interface Library {
  func(declaration: string): (...args: unknown[]) => unknown;
  symbol(name: string, type: string): unknown;
}

/** A handle: in Open MPI an address; for predefined objects, the address of a symbol of the library. */
export type Handle = unknown;

// Constants of Open MPI's mpi.h.
export const ANY_SOURCE = -1;
export const UNDEFINED = -32766;
export const IN_PLACE = 1n;
export const ERR_TRUNCATE = 15;
const FUNNELED = 1;
// Constants of dlfcn.h, on both Linux and macOS.
const LAZY = 1;

const DECLARATIONS = {
  Init_thread: 'void *, void *, int, void *',
  Finalize: '',
  Abort: 'void *, int',
  Comm_set_errhandler: 'void *, void *',
  Comm_rank: 'void *, void *',
  Comm_size: 'void *, void *',
  Comm_dup: 'void *, void *',
  Comm_split: 'void *, int, int, void *',
  Isend: 'void *, int, void *, int, int, void *, void *',
  Irecv: 'void *, int, void *, int, int, void *, void *',
  Iprobe: 'int, int, void *, void *, void *',
  Test: 'void *, void *, void *',
  Cancel: 'void *',
  Get_count: 'void *, void *, void *',
  Error_string: 'int, void *, void *',
  Ibarrier: 'void *, void *',
  Ibcast: 'void *, int, void *, int, void *, void *',
  Ireduce: 'void *, void *, int, void *, void *, int, void *, void *',
  Iallreduce: 'void *, void *, int, void *, void *, void *, void *',
  Iallgather: 'void *, int, void *, void *, int, void *, void *, void *',
  Ireduce_scatter_block: 'void *, void *, int, void *, void *, void *, void *',
  Ialltoall: 'void *, int, void *, void *, int, void *, void *, void *',
} as const;

type Name = keyof typeof DECLARATIONS;

/** The initialised library. */
export interface OpenMpi {
  /** The version string that it reports. */
  readonly version: string;
  /** Its functions, all of which return an error code. */
  readonly call: Readonly<Record<Name, (...args: unknown[]) => number>>;
  readonly world: Handle;
  /** Indexed like `TYPES`. */
  readonly types: readonly Handle[];
  readonly reductions: Readonly<Record<'sum' | 'max' | 'min', Handle>>;
  /** Throws the library's error message for a non-zero code. */
  check(code: number): void;
}

/**
 * Loads and initialises Open MPI 5, once per process.
 * @throws NOT_SUPPORTED if koffi or the library cannot be loaded, or is not Open MPI 5.
 */
export function openMpi(file?: string): OpenMpi {
  const library = loaded(file);
  const version = versionOf(library);
  if (!/^Open MPI v([5-9]|\d\d)/.test(version)) {
    const why = /MPICH|Intel|MVAPICH/i.test(version)
      ? 'whose handles are numbers of its own header, where those of Open MPI are addresses'
      : 'which is older';
    fail(
      'NOT_SUPPORTED',
      `MPI here is ${version.split(/\s*[,\n]/)[0].replace(/\s+/g, ' ')}, ${why}: Open MPI 5 is needed.`,
    );
  }
  // Rabenseifner's algorithm: the fastest of Open MPI's non-blocking all-reduce algorithms from 10³ numbers on.
  process.env.OMPI_MCA_coll_libnbc_iallreduce_algorithm ??= '3';
  const call = Object.fromEntries(
    Object.entries(DECLARATIONS).map(([name, args]) => [name, library.func(`int MPI_${name}(${args || 'void'})`)]),
  ) as unknown as OpenMpi['call'];
  const symbol = (name: string): Handle => library.symbol(`ompi_mpi_${name}`, 'int');
  const check = (code: number): void => {
    if (code === 0) return;
    const [text, length] = [new Uint8Array(1024), new Int32Array(1)];
    call.Error_string(code, text, length);
    fail('NO_ANSWER', `Open MPI: ${new TextDecoder().decode(text.subarray(0, length[0]))}.`);
  };
  const world = symbol('comm_world');
  check(call.Init_thread(null, null, FUNNELED, new Int32Array(1)));
  // By default, a failing call would end the process.
  check(call.Comm_set_errhandler(world, symbol('errors_return')));
  return {
    version: version.split(',')[0],
    call,
    world,
    types: ['double', 'float', 'int32_t', 'uint8_t'].map(symbol),
    reductions: { sum: symbol('op_sum'), max: symbol('op_max'), min: symbol('op_min') },
    check,
  };
}

/**
 * Ends this process at once with an exit code, even if threads are inside a call of MPI, for which `process.exit` would
 * wait.
 * @throws NOT_SUPPORTED if koffi or the library cannot be loaded.
 */
export function endProcess(code: number): void {
  loaded(undefined).func('void _exit(int)')(code);
}

function versionOf(library: Library): string {
  try {
    const [text, length] = [new Uint8Array(8192), new Int32Array(1)];
    library.func('int MPI_Get_library_version(void *, void *)')(text, length);
    return new TextDecoder().decode(text.subarray(0, length[0]));
  } catch {
    return fail('NOT_SUPPORTED', 'The library that was found is not MPI.');
  }
}

/**
 * Disables the memory hooks of UCX, which Open MPI examines even if it does not use it: with threads starting at the
 * same time, about two in a hundred processes crashed there. Set in the environment of the process, because
 * `process.env` of a thread is a copy.
 */
function keepMemory(koffi: Koffi): void {
  koffi.load(null, { global: true }).func('int setenv(const char *, const char *, int)')('UCX_MEM_EVENTS', 'n', 0);
}

function loaded(file: string | undefined): Library {
  type Loader = { getBuiltinModule?(name: string): { createRequire(url: string): (name: string) => Koffi } };
  const { process: node } = globalThis as { process?: Loader };
  const modules = node?.getBuiltinModule?.('node:module');
  if (!modules) fail('NOT_SUPPORTED', 'MPI can be used in Node 20.16 or later only.');
  let koffi: Koffi;
  try {
    koffi = modules.createRequire(import.meta.url)('koffi');
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    return fail(
      'NOT_SUPPORTED',
      `MPI is reached by the package koffi, which cannot be loaded (${line}). Install it: npm install koffi.`,
    );
  }
  keepMemory(koffi);
  let why = '';
  for (const name of file === undefined ? FILES : [file]) {
    try {
      // Global, because its plug-ins look up its symbols.
      const library = koffi.load(name, { global: true });
      // Opened once more and never closed: koffi unloads the library with the thread that loaded it, but MPI has
      // threads that continue.
      library.func('void *dlopen(const char *, int)')(name, LAZY);
      return library;
    } catch (error) {
      why = (error as Error).message;
    }
  }
  return fail(
    'NOT_SUPPORTED',
    file === undefined
      ? `Open MPI was not found by any of its names (${FILES.join(', ')}). Install it (Debian: openmpi-bin).`
      : `${file} cannot be loaded (${why}).`,
  );
}
