import type { Heap } from './heap.ts';

/** What the compiler made of a module's code. */
export interface CompiledCode {
  /** The WebAssembly module, in hexadecimal digits; empty where a checkout has not compiled it yet. */
  readonly code: string;
  /** Where the flags of the imported memory stand: 1 of its own, 3 shared. */
  readonly memoryFlagsAt: number;
}

/** Kernels that are compiled, downloaded and instantiated together, over the memory of any arena. */
export interface KernelModule<K> {
  readonly name: string;
  /** Its number in this thread, in the order of definition. */
  readonly id: number;
  readonly compiled: CompiledCode;
  /** The same operations in plain TypeScript: the oracle of the tests, and the fallback where WebAssembly SIMD is missing. */
  readonly twin: (heap: Heap) => K;
}

/** All operations of some modules. */
export type KernelsOf<M extends ReadonlyArray<KernelModule<unknown>>> = Intersection<
  { [I in keyof M]: M[I] extends KernelModule<infer K> ? { kernels: K } : never }[number]
>;
type Intersection<U> = (U extends { kernels: infer K } ? (k: K) => void : never) extends (k: infer I) => void
  ? I
  : never;

/** The modules that have been imported in this thread. */
export const modules: Array<KernelModule<unknown>> = [];

/** @param names of its kernels. @internal */
export function defineModule<K>(
  name: string,
  compiled: CompiledCode,
  names: readonly string[],
  twin: (heap: Heap) => K,
): KernelModule<K> {
  const module = { name, id: modules.length, compiled, twin };
  modules.push(module);
  for (const kernel of names) holders.set(kernel, module);
  return module;
}

const holders = new Map<string, KernelModule<unknown>>();

/**
 * The module that has a kernel of this name.
 * @throws Error where none that was imported has.
 */
export function moduleWith(kernel: string): KernelModule<unknown> {
  const module = holders.get(kernel);
  if (!module) throw new Error(`No module of kernels that was imported has ${kernel}.`);
  return module;
}
