import type { Heap } from './heap.ts';

/** The compiled code of a module. */
export interface CompiledCode {
  /** The WebAssembly module in hexadecimal; empty if it has not been compiled in this checkout. */
  readonly code: string;
  /** Offset of the flags of the imported memory: 1 for unshared, 3 for shared. */
  readonly memoryFlagsAt: number;
}

/** Kernels that are compiled, downloaded and instantiated together, over the memory of any arena. */
export interface KernelModule<K> {
  readonly name: string;
  /** Its number in this thread, in the order of definition. */
  readonly id: number;
  readonly compiled: CompiledCode;
  /** The same operations in plain TypeScript: the reference for tests, and the fallback without WebAssembly SIMD. */
  readonly twin: (heap: Heap) => K;
}

/** The operations of several modules. */
export type KernelsOf<M extends ReadonlyArray<KernelModule<unknown>>> = Intersection<
  { [I in keyof M]: M[I] extends KernelModule<infer K> ? { kernels: K } : never }[number]
>;
type Intersection<U> = (U extends { kernels: infer K } ? (k: K) => void : never) extends (k: infer I) => void
  ? I
  : never;

/** The modules imported in this thread. */
export const modules: Array<KernelModule<unknown>> = [];

/** @param names names of its kernels. @internal */
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
 * The module that contains a kernel of this name.
 * @throws Error if no imported module does.
 */
export function moduleWith(kernel: string): KernelModule<unknown> {
  const module = holders.get(kernel);
  if (!module) throw new Error(`No module of kernels that was imported has ${kernel}.`);
  return module;
}
