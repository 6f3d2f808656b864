import { denseKernels } from './dense/index.ts';
import type { KernelModule } from './module.ts';

/**
 * How kernels run in this environment: WebAssembly with shared memory, WebAssembly with unshared memory, or plain
 * TypeScript.
 */
export type Engine = 'wasm-shared' | 'wasm' | 'typescript';

const compiled = { wasm: [] as WebAssembly.Module[], 'wasm-shared': [] as WebAssembly.Module[] };

function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  // Node's native decoder is immediate, while a loop takes ten milliseconds, half of them for compilation.
  const { Buffer } = globalThis as { Buffer?: { from(text: string, encoding: 'hex'): Uint8Array } };
  if (Buffer) return new Uint8Array(Buffer.from(text, 'hex'));
  // The code of '0' is 48, that of 'a' is 97.
  const digit = (at: number): number => {
    const code = text.charCodeAt(at);
    return code < 58 ? code - 48 : code - 87;
  };
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * digit(2 * i) + digit(2 * i + 1);
  return bytes;
}

/**
 * The bytes of a module for an engine.
 * @throws Error if the module has not been compiled in this checkout.
 */
export function bytesOf(
  { name, compiled }: KernelModule<unknown>,
  engine: 'wasm' | 'wasm-shared',
): Uint8Array<ArrayBuffer> {
  if (compiled.code === '') {
    throw new Error(`The kernels of the module ${name} are not compiled in this checkout yet. Run: npm run build`);
  }
  const bytes = decodeHex(compiled.code);
  if (engine === 'wasm-shared') bytes[compiled.memoryFlagsAt] = 3;
  return bytes;
}

/** A module compiled for an engine. */
export function compiledFor(module: KernelModule<unknown>, engine: 'wasm' | 'wasm-shared'): WebAssembly.Module {
  return (compiled[engine][module.id] ??= new WebAssembly.Module(bytesOf(module, engine)));
}

let detected: Engine | undefined;

/** The fastest engine that this runtime supports. Shared memory needs cross-origin isolation in a browser. */
export function detectEngine(): Engine {
  if (detected) return detected;
  const forced = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
    ?.SOUTHWELL_ENGINE as Engine | undefined;
  if (forced === 'wasm' || forced === 'wasm-shared' || forced === 'typescript') {
    detected = forced;
    return detected;
  }
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;
  const candidates: Engine[] = typeof SharedArrayBuffer === 'function' && isolated ? ['wasm-shared', 'wasm'] : ['wasm'];
  for (const engine of candidates) {
    try {
      compiledFor(denseKernels, engine as 'wasm' | 'wasm-shared');
      detected = engine;
      return engine;
    } catch {
      // Without SIMD or threads, try the next engine.
    }
  }
  detected = 'typescript';
  return detected;
}

/** The kernels of a module over a memory. */
export function instantiate<K>(module: KernelModule<K>, engine: 'wasm' | 'wasm-shared', memory: WebAssembly.Memory): K {
  return new WebAssembly.Instance(compiledFor(module, engine), { env: { memory } }).exports as unknown as K;
}
