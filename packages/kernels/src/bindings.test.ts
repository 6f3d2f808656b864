import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compiledFor } from './engine.ts';
import { Arena } from './index.ts';
import { modules as imported } from './module.ts';
import { engines, modules } from './testing.ts';

const here = (path: string) => new URL(path, import.meta.url);
const files = (folder: string) => readdirSync(here(folder)).filter((name) => /^[^.]+\.ts$/.test(name));
const exportsOf = (module: WebAssembly.Module) =>
  WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name);

test('every folder of the assembly is a module, which has the files of its twins', () => {
  const folders = readdirSync(here('../assembly')).filter((name) => name !== 'common');
  expect(modules.map(({ name }) => name).sort()).toEqual(folders.sort());
  expect(imported).toHaveLength(modules.length);
  for (const name of folders) {
    expect(files(`./${name}`).filter((file) => file !== 'index.ts')).toEqual(files(`../assembly/${name}`));
  }
});

test('no two modules have a kernel of the same name', () => {
  const names = modules.flatMap((module) => exportsOf(compiledFor(module, 'wasm')));
  expect(new Set(names).size).toBe(names.length);
});

describe.each(modules.map((module) => [module.name, module] as const))('%s', (name, module) => {
  const arities = async (): Promise<Record<string, number>> => {
    const types = await import(`./generated/${name}/kernels.ts`);
    return types.kernelArities;
  };

  test.each(['wasm', 'wasm-shared'] as const)(
    'the compiled module exports what the types say, no less and no more (%s)',
    async (engine) => {
      expect(exportsOf(compiledFor(module, engine)).sort()).toEqual(Object.keys(await arities()).sort());
    },
  );

  test.each(engines)('every kernel is there and takes as many arguments as its type says (%s)', async (engine) => {
    const kernels = new Arena({ engine }).use(module) as unknown as Record<string, (...args: number[]) => unknown>;
    const known = await arities();
    const names = Object.keys(kernels).filter((key) => typeof kernels[key] === 'function');
    expect(names.sort()).toEqual(Object.keys(known).sort());
    // A twin may leave off last parameters that it has no use for, such as scratch.
    for (const [kernel, arity] of Object.entries(known)) {
      if (engine === 'typescript') expect(kernels[kernel].length, kernel).toBeLessThanOrEqual(arity);
      else expect(kernels[kernel], kernel).toHaveLength(arity);
    }
  });
});

test('types carry the names of the parameters and the doc comment beside the operation', () => {
  const types = readFileSync(here('./generated/dense/kernels.ts'), 'utf8');
  expect(types).toContain('  /** y ← y + a·x. */\n  axpy(n: number, a: number, x: number, y: number): void;\n');
  expect(types).toMatch(/ {3}\*\/\n {2}syrk\(trans: boolean, n: number/);
});

test('modules instantiated one after another leave each other what their constants are', () => {
  // exp of the networks and Bessel-free logarithms of the models read tables in the memory that all share.
  const arena = new Arena({ engine: 'wasm' });
  const first = arena.use(modules[0]);
  const before = new Uint8Array(arena.memory!.buffer.slice(0, 131072));
  for (const module of modules) arena.use(module);
  const after = new Uint8Array(arena.memory!.buffer, 0, 131072);
  expect(first).toBe(arena.use(modules[0]));
  expect(before.every((byte, i) => byte === 0 || byte === after[i])).toBe(true);
});
