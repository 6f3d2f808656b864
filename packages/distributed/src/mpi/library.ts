import { fail } from '@southwell/numerics/core';

/** By what names systems have Open MPI, with the version of its interface where they do. */
const FILES = ['libmpi.so.40', 'libmpi.so', 'libmpi.40.dylib', 'libmpi.dylib'];

/** What is used of koffi. */
interface Koffi {
  /** null: what the process has loaded. */
  load(file: string | null, options: { global: boolean }): Library;
}
interface Library {
  func(declaration: string): (...args: unknown[]) => unknown;
  symbol(name: string, type: string): unknown;
}

/** A handle: in Open MPI an address, of its predefined objects that of a symbol of the library. */
export type Handle = unknown;

// Open MPI's mpi.h.
export const ANY_SOURCE = -1;
export const UNDEFINED = -32766;
export const IN_PLACE = 1n;
export const ERR_TRUNCATE = 15;
const FUNNELED = 1;
// dlfcn.h, of Linux and macOS alike.
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

/** Open MPI, initialised. */
export interface OpenMpi {
  /** As it calls itself. */
  readonly version: string;
  /** Its functions; all answer an error code. */
  readonly call: Readonly<Record<Name, (...args: unknown[]) => number>>;
  readonly world: Handle;
  /** By the place of the type in `TYPES`. */
  readonly types: readonly Handle[];
  readonly reductions: Readonly<Record<'sum' | 'max' | 'min', Handle>>;
  /** Throws the library's sentence for an error code other than 0. */
  check(code: number): void;
}

/**
 * Loads and initialises Open MPI 5, once a process.
 * @throws NOT_SUPPORTED if koffi or the library cannot be loaded, or the library is another one.
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
  // Rabenseifner's way for sums: of those that Open MPI has for non-blocking ones, the quickest from 10³ numbers on.
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
  // Or a call that fails would end the process.
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
 * Ends this process at once with a code, past threads that are in a call of MPI's: `process.exit` would wait for these.
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
 * UCX, which Open MPI looks at even where it does not use it, puts itself between a process and its memory, and with threads
 * that start meanwhile some two processes in a hundred crashed there. In the environment of the process: a thread's own
 * `process.env` is a copy.
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
      // Its plug-ins look for its symbols.
      const library = koffi.load(name, { global: true });
      // Once more, and for good: koffi lets go of it with the thread that loaded it, and MPI has threads that go on.
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
