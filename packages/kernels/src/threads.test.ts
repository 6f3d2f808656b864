import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Arena, type Engine, gemmWorkBytes, type KernelCall, ThreadPool } from './index.ts';
import { mapCodes } from './networks/index.ts';
import { allKernels, engines, reals, uniform } from './testing.ts';

const cases: Array<[Engine, number]> = [
  ...engines.map((engine): [Engine, number] => [engine, 2]),
  ['wasm-shared', 1],
  ['wasm-shared', 3],
];

test.each(cases)('a pool has the bits of one thread (%s, %i)', async (engine, threads) => {
  const arena = new Arena({ engine });
  const pool = await ThreadPool.create({ arena, threads });
  expect(pool.threads).toBe(engine === 'wasm-shared' ? threads : 1);
  const random = uniform(31);
  const scratch = arena.scratch();
  const filled = (n: number) => {
    const block = scratch.f64(n);
    block.view.set(reals(n, random));
    return block;
  };
  // gemvT: 999 × 301 is worth sharing, 3 × 5 is not.
  for (const [m, n] of [
    [999, 301],
    [3, 5],
    [200_000, 1],
  ]) {
    const [A, x, one, many] = [filled(m * n), filled(m), filled(n), filled(n)];
    allKernels(arena).gemvT(m, n, A.pointer, m, x.pointer, one.pointer);
    for (let round = 0; round < (m > 999 ? 2 : 20); round++) {
      many.view.fill(Number.NaN);
      pool.gemvT(m, n, A.pointer, m, x.pointer, many.pointer);
      expect(Array.from(many.view)).toEqual(Array.from(one.view));
    }
  }
  // cscGemvT: one column holds more than half of the non-zeros.
  const [rows, cols] = [150_000, 90];
  const pointers = Array.from({ length: cols + 1 }, (_, j) => 1000 * j + (j > 40 ? rows : 0));
  const nnz = pointers[cols];
  const [p, i] = [scratch.i32(cols + 1), scratch.i32(nnz)];
  p.view.set(pointers);
  for (let j = 0; j < cols; j++)
    for (let k = pointers[j]; k < pointers[j + 1]; k++) i.view[k] = (k - pointers[j]) % rows;
  const [v, r, one, many] = [filled(nnz), filled(rows), filled(cols), filled(cols)];
  allKernels(arena).cscGemvT(cols, p.pointer, i.pointer, v.pointer, r.pointer, one.pointer);
  pool.cscGemvT(cols, p.pointer, i.pointer, v.pointer, r.pointer, many.pointer);
  expect(Array.from(many.view)).toEqual(Array.from(one.view));
  // Products of both kinds, both ways of storing B.
  const [m, n, k] = [65, 83, 90];
  for (const [kernel, block] of [
    ['gemm', (size: number) => scratch.f64(size)],
    ['sgemm', (size: number) => scratch.f32(size)],
  ] as const) {
    const made = (size: number) => {
      const b = block(size);
      b.view.set(Array.from({ length: size }, (_, i) => Math.sin(i + 1)));
      return b;
    };
    for (const transB of [false, true]) {
      const [A, B, C, D] = [made(m * k), made(k * n), made(m * n), made(m * n)];
      const work = scratch.f64(gemmWorkBytes(m, n, k) / 8).pointer;
      const ldb = transB ? n : k;
      allKernels(arena)[kernel](false, transB, m, n, k, 2, A.pointer, m, B.pointer, ldb, -1, C.pointer, m, work);
      pool[kernel](false, transB, m, n, k, 2, A.pointer, m, B.pointer, ldb, -1, D.pointer, m, work);
      expect(Array.from(D.view)).toEqual(Array.from(C.view));
    }
  }
  scratch.release();
  await pool.close();
  await pool.close(); // closing twice does nothing
  expect(pool.threads).toBe(1);
  expect(arena.allocatedBytes).toBe(0);
});

test('a worker that fails is reported and the pool goes on', async () => {
  const arena = new Arena({ engine: 'wasm-shared' });
  const pool = await ThreadPool.create({ arena, threads: 2 });
  const [m, n] = [1000, 300];
  const x = arena.f64Block(m);
  const y = arena.f64Block(n);
  x.view.fill(0);
  const A = arena.f64Block((m * n) / 2);
  A.view.fill(0);
  // The caller's columns lie in memory, the worker's far past its end.
  const lda = Math.ceil((arena.capacityBytes - A.pointer) / 8 / (n / 2 - 1)) - 8;
  expect(lda).toBeGreaterThan(m);
  expect(() => pool.gemvT(m, n, A.pointer, lda, x.pointer, y.pointer)).toThrow(/A worker failed in gemvT/);
  pool.gemvT(m, 2 * 66, A.pointer, m, x.pointer, y.pointer);
  expect(Array.from(y.view.subarray(0, 132))).toEqual(new Array(132).fill(0));
  for (const block of [x, y, A]) block.free();
  await pool.close();
  expect(arena.allocatedBytes).toBe(0);
});

const dist = new URL('../dist/index.js', import.meta.url);
test.skipIf(!existsSync(dist))(
  'the built pool works in Node and lets the process end (skipped without a build)',
  () => {
    const script = `
    const { Arena, ThreadPool } = await import(${JSON.stringify(dist.href)});
    const arena = new Arena({ engine: 'wasm-shared' });
    const pool = await ThreadPool.create({ arena, threads: 2 });
    const [m, n] = [1000, 200];
    const A = arena.f64Block(m * n), x = arena.f64Block(m), y = arena.f64Block(n);
    A.view.fill(2); x.view.fill(3);
    pool.gemvT(m, n, A.pointer, m, x.pointer, y.pointer);
    console.log(pool.threads, new Set(y.view).size, y.view[n - 1]); // and no close()
  `;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 });
    expect(out.toString().trim()).toBe('2 1 6000');
  },
);

test.each([1, 2, 3])(
  'lists of kernels run as if one after the other, also once the pool is closed (%i)',
  async (threads) => {
    const arena = new Arena({ engine: 'wasm-shared' });
    const pool = await ThreadPool.create({ arena, threads });
    const [n, steps] = [20_000, 5];
    const [x, work] = [arena.f64Block(threads * n), arena.alloc(8192 * threads)];
    const meta = arena.i32Block(6);
    meta.view.set([1, n, 1, 1, 1, 0]);
    const { add, sin } = mapCodes;
    const lists = Array.from({ length: threads }, (_, t): KernelCall[] => {
      const [at, own] = [x.pointer + t * n * 8, work + t * 8192];
      const call = (code: number): KernelCall => ['mapElements', code, meta.pointer, at, at, at, at, own];
      return Array.from({ length: steps }, () => [call(sin), call(add)]).flat();
    });
    const start = Float64Array.from({ length: threads * n }, (_, i) => i / 1000 - 3);
    x.view.set(start);
    for (const calls of lists) {
      for (const [, ...args] of calls) (allKernels(arena).mapElements as (...args: unknown[]) => void)(...args);
    }
    const expected = x.view.slice();
    const prepared = pool.prepare(lists);
    for (const close of [false, false, true]) {
      if (close) await pool.close();
      x.view.set(start);
      prepared.run();
      expect(x.view.every((v, i) => v === expected[i])).toBe(true);
    }
    prepared.free();
    expect(() => pool.prepare([...lists, []])).toThrow(/lists for 1 threads/);
  },
);

test('a list that reaches past the memory says so, and the pool goes on', async () => {
  const arena = new Arena({ engine: 'wasm-shared' });
  const pool = await ThreadPool.create({ arena, threads: 2 });
  const x = arena.f64Block(8);
  const wrong = pool.prepare([[], [['mirrorLower', 100, 2 ** 32 - 64, 100]]]);
  expect(() => wrong.run()).toThrow(/reaches past the memory/);
  pool.prepare([[['mirrorLower', 2, x.pointer, 2]], []]).run();
  await pool.close();
});
