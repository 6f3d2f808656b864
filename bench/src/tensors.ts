// CP and Tucker decompositions beside TensorLy, to the relative error at which it ends.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readTable } from '@southwell/data/node';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { CpModel, cpIterates, Tensor, tuckerAlsIterates } from 'southwell/tensors';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- tensors [options]
  --tasks <T,…>   some of kinetic, il2, covid19, cube, four (all are the default)
  --data <dir>    where Kinetic.npy, IL2_Response_Tensor.npy and COVID19_data.npy are (default ../shared/data/tensorly_tensors)
  --rounds <N>    default 3
  --json          results as JSON on standard output, progress on standard error

parafac and tucker of TensorLy as they are by default, and our cp and tuckerAls until they have its relative error: CPU seconds on one
thread, the best of the rounds, each side in a process of its own; the first call of ours, its JavaScript not yet compiled, too. cube is
100 × 100 × 100 of rank 5 and noise of a tenth, four 60 × 80 × 100 × 20 of rank 4 and noise of a twentieth. Gaps are zeros, for both.`;

export const main = benchmark(usage, command);

const FILES = { kinetic: 'Kinetic', il2: 'IL2_Response_Tensor', covid19: 'COVID19_data' } as const;
const GENERATED = {
  cube: { shape: [100, 100, 100], rank: 5, noise: 0.1 },
  four: { shape: [60, 80, 100, 20], rank: 4, noise: 0.05 },
} as const;
const RANKS = { kinetic: [3, 4, 6], il2: [3, 4], covid19: [2, 4], cube: [5], four: [4] } as const;
type Task = keyof typeof RANKS;
type Form = 'cp' | 'tucker';

interface Cell {
  readonly seconds: number;
  readonly error: number;
  readonly sweeps: number;
  /** For ours: the first call. */
  readonly first?: number;
  readonly versions?: string;
}

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tasks: { type: 'string', default: Object.keys(RANKS).join() },
      data: { type: 'string', default: join(benchRoot, '../../shared/data/tensorly_tensors') },
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
  const wrong = values.tasks.split(',').find((name) => !Object.hasOwn(RANKS, name));
  if (wrong !== undefined) throw new Error(`--tasks are some of ${Object.keys(RANKS).join(', ')}, not ${wrong}.`);
  const say = values.json ? console.error : console.log;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}`,
  );
  const heads = ['southwell', 'first', 'TensorLy', 'ratio', 'error', 'its error', 'sweeps', 'its sweeps'];
  say(`CPU seconds\n\n${'task'.padEnd(18)}${heads.map((t) => t.padStart(11)).join('')}`);
  const results: Measurement[] = [];
  let versions: string | undefined;
  for (const task of values.tasks.split(',') as Task[]) {
    const { path, shape } = await written(task, values.data);
    for (const rank of RANKS[task]) {
      for (const form of ['cp', 'tucker'] as const) {
        const peer = theirs(form, path, rank, rounds, shape);
        const own = ours(form, path, rank, rounds, shape, peer.error);
        versions = peer.versions;
        // Differences in the last digits are due to rounding.
        const reached = own.error <= peer.error * (1 + 1e-6);
        const ratio = reached ? own.seconds / peer.seconds : Number.NaN;
        const sides = { ours: reached ? own.seconds : null, peer: peer.seconds, peerName: 'TensorLy' };
        results.push({ name: `${task} ${form} ${rank}`, ...sides, task, form, rank, own, theirs: peer });
        const row = [own.seconds, own.first ?? Number.NaN, peer.seconds, ratio, own.error, peer.error];
        const shown = [...row.map((v) => v.toPrecision(3)), own.sweeps, peer.sweeps];
        say(`${`${task} ${form} ${rank}`.padEnd(18)}${shown.map((t) => String(t).padStart(11)).join('')}`);
      }
    }
  }
  say(`\n${versions}`);
  return { tasks: results, json: values.json, more: { versions } };
}

/** The tensor as a file of doubles, with missing entries as zeros. */
async function written(
  task: Task,
  data: string,
): Promise<{ readonly path: string; readonly shape: readonly number[] }> {
  const folder = join(benchRoot, '.cache');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `tensor-${task}.f64`);
  if (task === 'cube' || task === 'four') {
    const { shape, rank, noise } = GENERATED[task];
    if (!existsSync(path)) writeFileSync(path, generated(shape, rank, noise).data);
    return { path, shape };
  }
  const table = await readTable(join(data, `${FILES[task]}.npy`));
  const { columns, rows, shape = [rows, columns.length] } = table;
  const values = new Float64Array(rows * columns.length);
  columns.forEach((column, j) => {
    if (column.type !== 'number') return;
    for (let i = 0; i < rows; i++) values[i * columns.length + j] = column.values[i] || 0;
  });
  writeFileSync(path, values);
  return { path, shape };
}

function generated(shape: readonly number[], rank: number, noise: number): Tensor {
  const random = new Random(1);
  const factors = shape.map((n) => {
    const values = Float64Array.from({ length: n * rank }, () => random.normal());
    return DenseMatrix.fromColumnMajor(values, n, rank);
  });
  const { data } = new CpModel({ weights: new Float64Array(rank).fill(1), factors }).reconstruct();
  const size = Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
  return new Tensor(
    shape,
    data.map((v) => v + noise * size * random.normal()),
  );
}

function ours(form: Form, path: string, rank: number, rounds: number, shape: readonly number[], target: number): Cell {
  const given = JSON.stringify([form, path, rank, rounds, shape, target]);
  const code = `const { cell } = await import(${JSON.stringify(import.meta.url)}); console.log(JSON.stringify(cell(...${given})));`;
  const r = spawnSync(process.execPath, ['--input-type=module', '-e', code], { env: environment, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`${path} ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout);
}

function theirs(form: Form, path: string, rank: number, rounds: number, shape: readonly number[]): Cell {
  const script = join(benchRoot, 'peers/tensors.py');
  const words = [script, form, path, String(rank), String(rounds), shape.join('x')];
  const r = spawnSync(python.command, words, { env: environment, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`tensors.py ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout);
}

/** Seconds for which short fits are repeated, on either side. */
const WHILE = 1;

/** One measurement of our own, in this process: until the error is that of the peer. */
export function cell(
  form: Form,
  path: string,
  rank: number,
  rounds: number,
  shape: readonly number[],
  target: number,
): Cell {
  const { buffer, byteOffset, length } = readFileSync(path);
  const tensor = new Tensor(shape, new Float64Array(buffer.slice(byteOffset, byteOffset + length)));
  const fit = () => {
    const stop = new AbortController();
    const iterates =
      form === 'cp'
        ? cpIterates(tensor, { rank, tol: 0 })
        : tuckerAlsIterates(tensor, { ranks: shape.map((n) => Math.min(n, rank)), tol: 0 });
    return run<unknown>(iterates, {
      maxIter: 500,
      signal: stop.signal,
      onIterate: ({ metrics }) => {
        if (metrics!.relativeError <= target * (1 + 1e-7)) stop.abort();
      },
    });
  };
  let [seconds, first] = [Number.POSITIVE_INFINITY, 0];
  let [error, sweeps] = [0, 0];
  // Only later calls run compiled code, so the first is timed separately.
  let total = 0;
  for (let round = 0; round < rounds || (total < WHILE && round < 1000); round++) {
    const start = process.cpuUsage();
    const { metrics, iterations } = fit();
    const { user, system } = process.cpuUsage(start);
    const spent = (user + system) / 1e6;
    if (round === 0) first = spent;
    seconds = Math.min(seconds, spent);
    total += spent;
    [error, sweeps] = [metrics!.relativeError, iterations];
  }
  return { seconds, first, error, sweeps };
}
