// Sparse direct solves of Poisson problems beside SciPy's SuperLU: times, memory, residuals, in one run.
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CscMatrix } from '@southwell/numerics/arrays';
import { analyse, sparseLu } from '@southwell/numerics/sparse';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- sparse-direct [options]
  --cells <C,…>   some of 2x256, 2x512, 2x1024, 3x30, 3x50: dimensions x points each way (all are the default)
  --method <M>    cholesky (default), ldlt or lu
  --ordering <O>  of cholesky and ldlt: auto (default), amd or nested-dissection
  --rounds <N>    default 3
  --json          results as JSON on standard output, progress on standard error

−Δu = 1 by finite differences: analysis, factor and one solve by southwell and by SciPy's SuperLU, in turn, each in a process of its own, one
thread. SuperLU runs in symmetric mode with minimum degree on A + Aᵀ, for lu by its defaults. CPU seconds, the best of the rounds; MB the
peak beside what was there before; residuals ‖b − Ax‖∞.`;

export const main = benchmark(usage, command);

interface Cell {
  readonly seconds: number;
  readonly megabytes: number;
  readonly entries: number;
  readonly residual: number;
  readonly versions?: string;
}

const methods = ['cholesky', 'ldlt', 'lu'] as const;
type Method = (typeof methods)[number];
const orderings = ['auto', 'amd', 'nested-dissection'] as const;
type Ordering = (typeof orderings)[number];

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cells: { type: 'string', default: '2x256,2x512,2x1024,3x30,3x50' },
      method: { type: 'string', default: 'cholesky' },
      ordering: { type: 'string', default: 'auto' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1.');
  const method = methods.find((name) => name === values.method);
  if (!method) throw new Error(`--method is one of ${methods.join(', ')}.`);
  const ordering = orderings.find((name) => name === values.ordering);
  if (!ordering) throw new Error(`--ordering is one of ${orderings.join(', ')}.`);
  const cells = values.cells.split(',').map((text) => text.split('x').map(Number));
  if (!cells.every(([d, k]) => (d === 2 || d === 3) && Number.isInteger(k) && k >= 1)) {
    throw new Error('--cells are dimensions x points each way, such as 2x256,3x30.');
  }
  const say = values.json ? console.error : console.log;
  const load = loadavg()[0].toFixed(1);
  say(`${cpus()[0]?.model ?? 'unknown processor'}, load ${load} at the start; Node ${process.version}`);
  const heads = ['southwell', 'SuperLU', 'ratio', 'MB', 'its MB', 'entries', 'its entries', 'residual', 'its residual'];
  say(`CPU seconds, ${method}\n\n${'grid'.padEnd(8)}${heads.map((t) => t.padStart(13)).join('')}`);
  const results: Measurement[] = [];
  let versions: string | undefined;
  for (const [d, k] of cells) {
    let [own, peer]: [Cell?, Cell?] = [];
    for (let round = 0; round < rounds; round++) {
      own = better(own, ours(d, k, method, ordering));
      peer = better(peer, theirs(d, k, method));
    }
    versions = peer!.versions;
    const ratio = own!.seconds / peer!.seconds;
    const sides = { ours: own!.seconds, peer: peer!.seconds, peerName: 'SuperLU' };
    const memoryRatio = own!.megabytes / peer!.megabytes;
    results.push({
      name: `${k}^${d}, ${method}`,
      ...sides,
      memoryRatio,
      dimensions: d,
      points: k,
      method,
      ordering,
      own,
      theirs: peer,
    });
    const row = [own!.seconds, peer!.seconds, ratio, own!.megabytes, peer!.megabytes, own!.entries, peer!.entries];
    const shown = [...row, own!.residual, peer!.residual].map((v) =>
      (v >= 1e4 ? v.toFixed(0) : v.toPrecision(3)).padStart(13),
    );
    say(`${`${k}^${d}`.padEnd(8)}${shown.join('')}`);
  }
  say(`\n${versions}`);
  return { tasks: results, json: values.json, more: { versions } };
}

const better = (a: Cell | undefined, b: Cell): Cell => (a && a.seconds <= b.seconds ? a : b);

function ours(d: number, k: number, method: Method, ordering: Ordering): Cell {
  const code = `const { cell } = await import(${JSON.stringify(import.meta.url)}); console.log(JSON.stringify(cell(${d}, ${k}, '${method}', '${ordering}')));`;
  const r = spawnSync(process.execPath, ['--input-type=module', '-e', code], { env: environment, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`${d} x ${k} ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout);
}

function theirs(d: number, k: number, method: Method): Cell {
  const script = join(benchRoot, 'peers/sparse_direct.py');
  const r = spawnSync(python.command, [script, String(d), String(k), method], { env: environment, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`sparse_direct.py ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout);
}

/** One measurement of our own, in this process. */
export function cell(d: number, k: number, method: Method, ordering: Ordering): Cell {
  const solve = (A: CscMatrix) => {
    const b = new Float64Array(A.rows).fill(1);
    if (method === 'lu') {
      const factor = sparseLu(A);
      return { x: factor.solve(b), entries: factor.factorEntries };
    }
    const analysis = analyse(A, { ordering });
    const factor = method === 'ldlt' ? analysis.ldlt(A) : analysis.cholesky(A);
    return { x: factor.solve(b), entries: analysis.factorEntries };
  };
  // Small warm-up problems compile the code.
  for (let call = 0; call < 3; call++) solve(poisson(2, 100));
  const A = poisson(d, k);
  const before = process.memoryUsage().rss / 2 ** 20;
  const start = process.cpuUsage();
  const { x, entries } = solve(A);
  const { user, system } = process.cpuUsage(start);
  const megabytes = process.resourceUsage().maxRSS / 1024 - before;
  const r = new Float64Array(A.rows).fill(1);
  const { colPointers, rowIndices, values } = A;
  for (let j = 0; j < A.cols; j++) {
    for (let q = colPointers[j]; q < colPointers[j + 1]; q++) r[rowIndices[q]] -= values[q] * x[j];
  }
  const residual = r.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return { seconds: (user + system) / 1e6, megabytes, entries, residual };
}

/** −Δ on a grid with k points per dimension. */
function poisson(d: number, k: number): CscMatrix {
  const n = k ** d;
  const steps = Array.from({ length: d }, (_, axis) => k ** axis);
  const [rows, cols, values] = [0, 1, 2].map(() => new Float64Array(n * (2 * d + 1)));
  let at = 0;
  const put = (i: number, j: number, v: number) => {
    rows[at] = i;
    cols[at] = j;
    values[at++] = v;
  };
  for (let j = 0; j < n; j++) {
    put(j, j, 2 * d);
    for (const step of steps) {
      const place = Math.floor(j / step) % k;
      if (place > 0) put(j - step, j, -1);
      if (place < k - 1) put(j + step, j, -1);
    }
  }
  return CscMatrix.fromTriplets(n, n, rows.subarray(0, at), cols.subarray(0, at), values.subarray(0, at));
}
