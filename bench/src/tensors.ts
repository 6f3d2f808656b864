// CP and Tucker decompositions and tensor trains beside TensorLy, to the relative error at which it ends.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Column } from '@southwell/data';
import { readTable } from '@southwell/data/node';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random, run } from '@southwell/numerics/core';
import { CpModel, cpIterates, Tensor, tensorTrain, tuckerAlsIterates } from 'southwell/tensors';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- tensors [options]
  --tasks <T,…>   some of kinetic, il2, covid19, cube, four, digits, cube50, brick, four10, tall, wide (all are the default)
  --data <dir>    where Kinetic.npy, IL2_Response_Tensor.npy and COVID19_data.npy are (default ../shared/data/tensorly_tensors)
  --rounds <N>    default 3
  --json          results as JSON on standard output, progress on standard error

parafac, tucker and tensor_train of TensorLy as they are by default, and our cp, tuckerAls and tensorTrain until they have its relative
error: CPU seconds on one thread, the best of the rounds, each side in a process of its own; the first call of ours, its JavaScript not yet
compiled, too. cube is 100 × 100 × 100 of rank 5 and noise of a tenth, four 60 × 80 × 100 × 20 of rank 4 and noise of a twentieth. Of
kinetic, il2 and covid19 missing entries are zeros, for both. digits are 1797 images of 8 × 8 pixels, cube50 (50 × 50 × 50), brick (200 × 30 ×
20), four10 (10 × 10 × 10 × 10), tall (5000 × 10 × 4) and wide (4 × 10 × 5000) have noise of a tenth; these six are also decomposed with a
fifth of their entries missing, at random (gaps), and as tensor trains.`;

export const main = benchmark(usage, command);

const FILES = { kinetic: 'Kinetic', il2: 'IL2_Response_Tensor', covid19: 'COVID19_data' } as const;
const GENERATED = {
  cube: { shape: [100, 100, 100], rank: 5, noise: 0.1 },
  four: { shape: [60, 80, 100, 20], rank: 4, noise: 0.05 },
  cube50: { shape: [50, 50, 50], rank: 5, noise: 0.1 },
  brick: { shape: [200, 30, 20], rank: 4, noise: 0.1 },
  four10: { shape: [10, 10, 10, 10], rank: 4, noise: 0.1 },
  tall: { shape: [5000, 10, 4], rank: 3, noise: 0.1 },
  wide: { shape: [4, 10, 5000], rank: 3, noise: 0.1 },
} as const;
const RANKS = {
  ...{ kinetic: [3, 4, 6], il2: [3, 4], covid19: [2, 4], cube: [5], four: [4], digits: [3, 5] },
  ...{ cube50: [5], brick: [4], four10: [4], tall: [3], wide: [3] },
} as const;
type Task = keyof typeof RANKS;
type Form = 'cp' | 'tucker' | 'train';

/** Decompositions of a task, with or without missing entries. */
const COMPLETE = [
  { form: 'cp', gaps: false },
  { form: 'tucker', gaps: false },
] as const;
const ALL = [
  ...COMPLETE,
  { form: 'train', gaps: false },
  { form: 'cp', gaps: true },
  { form: 'tucker', gaps: true },
] as const;
const WITH_ALL: readonly Task[] = ['digits', 'cube50', 'brick', 'four10', 'tall', 'wide'];
/** Share of missing entries. */
const MISSING = 0.2;

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
  say(`CPU seconds\n\n${'task'.padEnd(22)}${heads.map((t) => t.padStart(11)).join('')}`);
  const results: Measurement[] = [];
  let versions: string | undefined;
  for (const task of values.tasks.split(',') as Task[]) {
    const all = WITH_ALL.includes(task);
    const whole = await written(task, values.data, false);
    const withGaps = all ? await written(task, values.data, true) : whole;
    for (const rank of RANKS[task]) {
      for (const { form, gaps } of all ? ALL : COMPLETE) {
        const { path, shape } = gaps ? withGaps : whole;
        const peer = theirs(form, path, rank, rounds, shape);
        const own = ours(form, path, rank, rounds, shape, peer.error);
        versions = peer.versions;
        // Differences in the last digits are due to rounding.
        const reached = own.error <= peer.error * (1 + 1e-6);
        const ratio = reached ? own.seconds / peer.seconds : Number.NaN;
        const sides = { ours: reached ? own.seconds : null, peer: peer.seconds, peerName: 'TensorLy' };
        const name = `${task} ${form} ${rank}${gaps ? ' gaps' : ''}`;
        results.push({ name, ...sides, task, form, rank, gaps, own, theirs: peer });
        const row = [own.seconds, own.first ?? Number.NaN, peer.seconds, ratio, own.error, peer.error];
        const shown = [...row.map((v) => v.toPrecision(3)), own.sweeps, peer.sweeps];
        say(`${name.padEnd(22)}${shown.map((t) => String(t).padStart(11)).join('')}`);
      }
    }
  }
  say(`\n${versions}`);
  return { tasks: results, json: values.json, more: { versions } };
}

/** The tensor as a file of doubles; with `gaps` some entries are NaN. */
async function written(
  task: Task,
  data: string,
  gaps: boolean,
): Promise<{ readonly path: string; readonly shape: readonly number[] }> {
  const folder = join(benchRoot, '.cache');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `tensor-${task}${gaps ? '-gaps' : ''}.f64`);
  const tensor = await tensorOf(task, data);
  const random = new Random(2);
  if (gaps) for (let e = 0; e < tensor.data.length; e++) if (random.uniform() < MISSING) tensor.data[e] = Number.NaN;
  writeFileSync(path, tensor.data);
  return { path, shape: tensor.shape };
}

/** Entries that are missing in the data are zeros. */
async function tensorOf(task: Task, data: string): Promise<Tensor> {
  if (Object.hasOwn(GENERATED, task)) {
    const { shape, rank, noise } = GENERATED[task as keyof typeof GENERATED];
    return generated(shape, rank, noise);
  }
  if (task === 'digits') {
    const { columns, rows } = await readTable(join(benchRoot, '../packages/data/sets/digits.csv.gz'));
    const pixels = columns.filter(({ name }) => name !== 'digit');
    return new Tensor([rows, 8, 8], byRows(pixels, rows));
  }
  const table = await readTable(join(data, `${FILES[task as keyof typeof FILES]}.npy`));
  const { columns, rows, shape = [rows, columns.length] } = table;
  return new Tensor(shape, byRows(columns, rows));
}

function byRows(columns: readonly Column[], rows: number): Float64Array {
  const values = new Float64Array(rows * columns.length);
  columns.forEach((column, j) => {
    if (column.type !== 'number') return;
    for (let i = 0; i < rows; i++) values[i * columns.length + j] = column.values[i] || 0;
  });
  return values;
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
  const missing = tensor.data.some(Number.isNaN);
  const fit = (): { readonly error: number; readonly sweeps: number } => {
    if (form === 'train') {
      const { error } = tensorTrain(tensor, { ranks: shape.slice(1).map(() => rank) });
      return { error, sweeps: 1 };
    }
    const stop = new AbortController();
    const iterates =
      form === 'cp'
        ? cpIterates(tensor, { rank, missing, tol: 0 })
        : tuckerAlsIterates(tensor, { ranks: shape.map((n) => Math.min(n, rank)), missing, tol: 0 });
    const { metrics, iterations } = run<unknown>(iterates, {
      maxIter: 500,
      signal: stop.signal,
      onIterate: ({ metrics }) => {
        if (metrics!.relativeError <= target * (1 + 1e-7)) stop.abort();
      },
    });
    return { error: metrics!.relativeError, sweeps: iterations };
  };
  let [seconds, first] = [Number.POSITIVE_INFINITY, 0];
  let [error, sweeps] = [0, 0];
  // Only later calls run compiled code, so the first is timed separately.
  let total = 0;
  for (let round = 0; round < rounds || (total < WHILE && round < 1000); round++) {
    const start = process.cpuUsage();
    ({ error, sweeps } = fit());
    const { user, system } = process.cpuUsage(start);
    const spent = (user + system) / 1e6;
    if (round === 0) first = spent;
    seconds = Math.min(seconds, spent);
    total += spent;
  }
  return { seconds, first, error, sweeps };
}
