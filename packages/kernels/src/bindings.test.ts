import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { moduleFor } from './engine.ts';
import { kernelArities } from './generated/kernels.ts';
import { Arena } from './index.ts';
import { engines } from './testing.ts';

const names = Object.keys(kernelArities).sort();

test.each(['wasm', 'wasm-shared'] as const)(
  'the compiled module exports what the types say, no less and no more (%s)',
  (engine) => {
    const exported = WebAssembly.Module.exports(moduleFor(engine)).filter(({ kind }) => kind === 'function');
    expect(exported.map(({ name }) => name).sort()).toEqual(names);
  },
);

test.each(engines)('every kernel is there and takes as many arguments as its type says (%s)', (engine) => {
  const kernels = new Arena({ engine }).kernels as unknown as Record<string, (...args: number[]) => unknown>;
  expect(
    Object.keys(kernels)
      .filter((name) => typeof kernels[name] === 'function')
      .sort(),
  ).toEqual(names);
  // A twin may leave off last parameters that it has no use for, such as scratch.
  for (const [name, arity] of Object.entries(kernelArities)) {
    if (engine === 'typescript') expect(kernels[name].length, name).toBeLessThanOrEqual(arity);
    else expect(kernels[name], name).toHaveLength(arity);
  }
});

test('each file of the assembly has its twin', () => {
  const files = (folder: string) =>
    readdirSync(new URL(folder, import.meta.url)).filter((name) => name.endsWith('.ts'));
  expect(files('./twin').filter((name) => name !== 'index.ts')).toEqual(files('../assembly'));
});

test('types carry the names of the parameters and the doc comment beside the operation', () => {
  const types = readFileSync(new URL('./generated/kernels.ts', import.meta.url), 'utf8');
  expect(types).toContain('  /** y ← y + a·x. */\n  axpy(n: number, a: number, x: number, y: number): void;\n');
  expect(types).toMatch(/ {3}\*\/\n {2}syrk\(trans: boolean, n: number/);
});
