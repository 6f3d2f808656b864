// Kernels against their TypeScript counterparts and numpy, in one run: GB/s for memory-bound kernels, GFLOP/s for the
// others.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { Arena, type Engine, gemmWorkBytes, ThreadPool } from '@southwell/kernels';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- kernels [options]
  --quick  smaller matrices
  --json   results as JSON on standard output, progress on standard error; wall seconds a call, and rates

Rates of the kernels in WebAssembly (memory of its own, and shared), of their TypeScript twins and of numpy with one thread.`;

let quick = false;

/** Best rate of five rounds, each long enough to be timed; `work` is the amount of work per call. */
function rate(work: number, call: () => void): number {
  call();
  const rounds = 5;
  const calls = Math.max(1, Math.round((quick ? 2e7 : 1e8) / work));
  let best = Number.POSITIVE_INFINITY;
  for (let r = 0; r < rounds; r++) {
    const start = performance.now();
    for (let c = 0; c < calls; c++) call();
    best = Math.min(best, (performance.now() - start) / calls);
  }
  return work / best / 1e6;
}

interface Row {
  name: string;
  unit: 'GB/s' | 'GFLOP/s';
  python?: string;
  work: number;
  ours: (engine: Engine) => number;
}

const single = (engine: Engine) => new Arena({ engine });
const size = (engine: Engine, large: number, small: number) => (engine === 'typescript' ? small : large);

function filled(arena: Arena, n: number): number {
  const block = arena.f64Block(n);
  for (let i = 0; i < n; i++) block.view[i] = ((i * 7919) % 1013) / 1013 - 0.5;
  return block.pointer;
}

function product(name: 'gemvT' | 'gemv' | 'columnStats', m: number, n: number): Row {
  const python = { gemvT: 'A.T @ x', gemv: 'A @ y', columnStats: '(A.T @ x, np.einsum("ij,ij->j", A, A))' }[name];
  const setup = `m, n = ${m}, ${n}; A = np.asfortranarray(np.random.rand(m, n)); x = np.random.rand(m); y = np.random.rand(n)`;
  return {
    name: `${name} ${m} × ${n}`,
    unit: 'GB/s',
    work: 8 * m * n,
    python: `${setup}; f = lambda: ${python}`,
    ours: (engine) => {
      const arena = single(engine);
      const [A, x, y, z] = [filled(arena, m * n), filled(arena, m), filled(arena, n), arena.f64Block(m + n).pointer];
      const k = arena.kernels;
      return rate(8 * m * n, () => {
        if (name === 'gemvT') k.gemvT(m, n, A, m, x, z);
        else if (name === 'gemv') k.gemv(m, n, 1, A, m, y, 0, z);
        else k.columnStats(m, n, A, m, x, z, z + 8 * n);
      });
    },
  };
}

/** The benchmarked kernels, with the sizes of `quick`. */
const kernels = (gemmSize: number, potrfSize: number): Row[] => [
  product('gemvT', 1000, 20_000),
  product('gemvT', 100_000, 200),
  product('gemvT', 1000, 50),
  product('gemv', 1000, 20_000),
  product('columnStats', 100_000, 200),
  {
    name: `gemm ${gemmSize}³`,
    unit: 'GFLOP/s',
    work: 2 * gemmSize ** 3,
    python: `n = ${gemmSize}; A = np.random.rand(n, n); B = np.random.rand(n, n); f = lambda: A @ B`,
    ours: (engine) => {
      const n = size(engine, gemmSize, 256);
      const arena = single(engine);
      const [A, B, C] = [filled(arena, n * n), filled(arena, n * n), filled(arena, n * n)];
      const work = arena.alloc(gemmWorkBytes(n, n, n));
      return rate(2 * n ** 3, () => arena.kernels.gemm(false, false, n, n, n, 1, A, n, B, n, 0, C, n, work));
    },
  },
  {
    name: `syrk ${gemmSize}³ (half the flops)`,
    unit: 'GFLOP/s',
    work: gemmSize ** 3,
    python: `n = ${gemmSize}; A = np.random.rand(n, n); f = lambda: A.T @ A`,
    ours: (engine) => {
      const n = size(engine, gemmSize, 256);
      const arena = single(engine);
      const [A, C] = [filled(arena, n * n), filled(arena, n * n)];
      const work = arena.alloc(gemmWorkBytes(n, n, n));
      return rate(n ** 3, () => arena.kernels.syrk(false, n, n, A, n, C, n, work));
    },
  },
  {
    name: `sgemm ${gemmSize}³`,
    unit: 'GFLOP/s',
    work: 2 * gemmSize ** 3,
    python: `n = ${gemmSize}; A = np.random.rand(n, n).astype("f"); f = lambda: A @ A`,
    ours: (engine) => {
      const n = size(engine, gemmSize, 256);
      const arena = single(engine);
      const A = arena.f32Block(n * n);
      const C = arena.f32Block(n * n);
      for (let i = 0; i < n * n; i++) A.view[i] = ((i * 7919) % 1013) / 1013 - 0.5;
      const work = arena.alloc(gemmWorkBytes(n, n, n));
      const [a, c] = [A.pointer, C.pointer];
      return rate(2 * n ** 3, () => arena.kernels.sgemm(false, false, n, n, n, 1, a, n, a, n, 0, c, n, work));
    },
  },
  {
    name: `potrf ${potrfSize}`,
    unit: 'GFLOP/s',
    work: potrfSize ** 3 / 3,
    python: `n = ${potrfSize}; A = np.full((n, n), 0.5) + n * np.eye(n); f = lambda: np.linalg.cholesky(A)`,
    ours: (engine) => {
      const n = size(engine, potrfSize, 256);
      const arena = single(engine);
      const A = arena.f64Block(n * n);
      const source = new Float64Array(n * n).fill(0.5);
      for (let i = 0; i < n; i++) source[i * (n + 1)] = n;
      const work = arena.alloc(gemmWorkBytes(n, n, n));
      return rate(n ** 3 / 3, () => {
        A.view.set(source);
        if (arena.kernels.potrf(n, A.pointer, n, work) !== 0) throw new Error('not positive definite');
      });
    },
  },
];

/** The same in numpy, one thread; undefined if python3 or numpy is missing. */
function numpy(row: Row): number | undefined {
  const script = `
import time, numpy as np
${row.python}
f()
calls = max(1, round(${quick ? 2e7 : 1e8} / ${row.work}))
best = 1e9
for _ in range(5):
    t = time.perf_counter()
    for _ in range(calls): f()
    best = min(best, (time.perf_counter() - t) / calls)
print(${row.work} / best / 1e9)`;
  const { status, stdout } = spawnSync(python.command, ['-c', script], { env: environment, encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

const cell = (v: number | undefined) => (v === undefined ? '–' : v.toFixed(1)).padStart(9);

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const boolean = { type: 'boolean' } as const;
  const { values } = parseArgs({ args: [...args], options: { quick: boolean, json: boolean, help: boolean } });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  quick = values.quick === true;
  const gemmSize = quick ? 512 : 1024;
  const say = values.json ? console.error : console.log;
  say(`${'kernel'.padEnd(34)}    wasm   shared     twin    numpy  ours/numpy`);
  const tasks: Measurement[] = [];
  for (const row of kernels(gemmSize, quick ? 500 : 1500)) {
    const [wasm, shared, twin] = (['wasm', 'wasm-shared', 'typescript'] as const).map(row.ours);
    const peer = numpy(row);
    const ratio = peer === undefined ? undefined : Math.max(wasm, shared) / peer;
    const call = (speed: number) => row.work / speed / 1e9;
    const sides = { ours: call(Math.max(wasm, shared)), peer: peer && call(peer), peerName: 'numpy' };
    const rates = { unit: row.unit, wasm, shared, typescript: twin, numpy: peer };
    tasks.push({ name: row.name, ...sides, unit: 'wall seconds', rates });
    const shown = ratio === undefined ? '' : ratio.toFixed(2).padStart(12);
    say(`${row.name.padEnd(26)}${row.unit.padEnd(8)}${[wasm, shared, twin, peer].map(cell).join('')}${shown}`);
  }

  const arena = new Arena({ engine: 'wasm-shared' });
  const pool = await ThreadPool.create({ arena, threads: 2 });
  const [m, n, g] = [100_000, 200, gemmSize];
  const [A, x, y] = [filled(arena, m * n), filled(arena, m), filled(arena, n)];
  const work = arena.alloc(gemmWorkBytes(g, g, g));
  const [B, C] = [filled(arena, g * g), filled(arena, g * g)];
  say(`\n2 threads                  gemvT GB/s   gemm GFLOP/s`);
  const threads = [];
  for (const [name, k] of [
    ['one thread', arena.kernels],
    [`${pool.threads} threads`, pool],
  ] as const) {
    const gemvT = rate(8 * m * n, () => k.gemvT(m, n, A, m, x, y));
    const gemm = rate(2 * g ** 3, () => k.gemm(false, false, g, g, g, 1, B, g, B, g, 0, C, g, work));
    threads.push({ threads: name, gemvT, gemm });
    say(`${name.padEnd(26)}${cell(gemvT)}${cell(gemm)}`);
  }
  await pool.close();
  return { tasks, json: values.json, more: { threads } };
}
