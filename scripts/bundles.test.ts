/** What Node loads of the libraries: a few files, one instance of everything in them, workers that start. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../packages', import.meta.url));

/** What a program prints that lives beside the packages which know the libraries, run as users run it. */
const run = (program: string, ...flags: string[]): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], {
      cwd: join(packages, 'cli'),
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    }),
  );

test('a library is a few files for Node, and all of its modules under the condition that asks for them', () => {
  const program = `console.log(JSON.stringify(import.meta.resolve('southwell')))`;
  expect(run(program)).toMatch(/southwell\/dist\/node\/index\.js$/);
  expect(run(program, '--conditions=modules')).toMatch(/southwell\/dist\/index\.js$/);
});

test('rooms share what they share, also with numerics: errors, matrices, memory (needs a build)', () => {
  const shared = run(`
    import * as all from 'southwell';
    import * as linear from 'southwell/linear-models';
    import { truncatedSvd } from 'southwell/factorisation';
    import { SouthwellError } from '@southwell/numerics/core';
    let caught;
    try { truncatedSvd([[Number.NaN]], { rank: 1 }); } catch (error) { caught = error; }
    console.log(JSON.stringify([all.lasso === linear.lasso, caught instanceof SouthwellError, all.SouthwellError === SouthwellError]));`);
  expect(shared).toEqual([true, true, true]);
});

test('errors of tensors and networks name the line of the call (needs a build)', () => {
  const program = `
    import * as ad from '@southwell/autodiff';
    import * as nn from '@southwell/autodiff/nn';
    const calls = [
      () => ad.tensor([1e9], { dtype: 'f16' }), () => ad.exp([1]), () => ad.full([-1], 0),
      () => nn.linear({ in: -1 }), () => nn.losses.mse([1], [2]), () => nn.init({ kind: 'linear' }, [1]),
    ];
    const told = calls.map((call) => { try { call(); return ''; } catch (error) { return error.message; } });
    console.log(JSON.stringify(told));`;
  for (const message of run(program) as string[]) expect(message).toMatch(/\[eval1\]:[56]:/);
});

test('folds run in threads, and objectives in workers (needs a build)', () => {
  const [scores, value] = run(`
    import { lasso } from 'southwell';
    import { workerObjective } from 'southwell/black-box';
    const X = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(3 * i), (i * i) % 7]);
    const y = X.map(([a, b]) => a - 2 * b);
    const fit = async (threads) => Array.from((await lasso().crossValidate(X, y, { folds: 3, threads })).mean);
    const module = 'data:text/javascript,' + encodeURIComponent('export default (x) => x[0] ** 2');
    const f = workerObjective(module, { workers: 1 });
    const value = await f([3]);
    f.close();
    console.log(JSON.stringify([[await fit(1), await fit(2)], value]));`) as [number[][], number];
  expect(scores[1]).toEqual(scores[0]);
  expect(value).toBe(9);
});

test('kept code that is damaged, missing or of another build of Node is left aside (needs a build)', () => {
  // Beside what the command imports.
  const copy = mkdtempSync(join(packages, 'cli/dist/copy-'));
  try {
    for (const folder of ['bin', 'dist/bundle']) {
      cpSync(join(packages, 'cli', folder), join(copy, folder), { recursive: true });
    }
    const code = join(copy, 'dist/bundle/code');
    const kept = readdirSync(code).filter((file) => file.endsWith('.bin'));
    expect(kept.length).toBeGreaterThan(10);
    const table = join(copy, 'table.csv');
    writeFileSync(table, 'a,b,y\n1,2,3\n2,1,4\n3,5,7\n4,4,8\n5,7,11\n');
    const words = [join(copy, 'bin/southwell.mjs'), 'fit', table, '--target', 'y', '--alpha', '0.1', '--json'];
    const fitted = () => {
      const { model } = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
      return model;
    };
    const whole = fitted();
    expect(whole.active).toBeGreaterThan(0);
    const damages = [
      (bytes: Uint8Array) => bytes.subarray(0, 1000),
      () => new Uint8Array(5000).map((_, i) => (i * i) % 251),
      () => new Uint8Array(0),
    ];
    for (const [k, file] of kept.entries()) {
      writeFileSync(join(code, file), damages[k % damages.length](readFileSync(join(code, file))));
    }
    expect(fitted()).toEqual(whole);
    writeFileSync(join(code, 'made-by.json'), '["v0.0.0"]');
    expect(fitted()).toEqual(whole);
    rmSync(code, { recursive: true });
    expect(fitted()).toEqual(whole);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
