import { instantiateKernels, type Kernels } from './generated/kernels.ts';
import { kernelModule, memoryFlagsAt } from './generated/wasm.ts';

/** How kernels run here: WebAssembly over shared memory, over its own memory, or plain TypeScript. */
export type Engine = 'wasm-shared' | 'wasm' | 'typescript';

const modules = new Map<Engine, WebAssembly.Module>();

function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  // Node's own does at once what takes a loop ten milliseconds, half of them to be compiled.
  const { Buffer } = globalThis as { Buffer?: { from(text: string, encoding: 'hex'): Uint8Array } };
  if (Buffer) return new Uint8Array(Buffer.from(text, 'hex'));
  // '0' is 48, 'a' 97.
  const digit = (at: number): number => {
    const code = text.charCodeAt(at);
    return code < 58 ? code - 48 : code - 87;
  };
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * digit(2 * i) + digit(2 * i + 1);
  return bytes;
}

/** The compiled module of an engine; a worker can be sent it. */
export function moduleFor(engine: 'wasm' | 'wasm-shared'): WebAssembly.Module {
  let module = modules.get(engine);
  if (!module) {
    const code = decodeHex(kernelModule);
    if (engine === 'wasm-shared') code[memoryFlagsAt] = 3;
    module = new WebAssembly.Module(code);
    modules.set(engine, module);
  }
  return module;
}

let detected: Engine | undefined;

/** The fastest engine that this runtime offers. Shared memory needs cross-origin isolation in a browser. */
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
      moduleFor(engine as 'wasm' | 'wasm-shared');
      detected = engine;
      return engine;
    } catch {
      // No SIMD or no threads in this runtime: try the next engine.
    }
  }
  detected = 'typescript';
  return detected;
}

export function instantiate(engine: 'wasm' | 'wasm-shared', memory: WebAssembly.Memory): Kernels {
  return instantiateKernels(moduleFor(engine), memory);
}
