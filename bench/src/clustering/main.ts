import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeNpy } from '@southwell/data';
import { DenseMatrix, Random } from 'southwell';
import { benchmark } from '../command.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, findVersions, python } from '../linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- clustering [options]
  --rows <N>     Default 100000
  --cols <N>     Default 64
  --clusters <N> Default 50
  --steps <N>    updates of the means. Default 30
  --json         results as JSON on standard output, progress on standard error

k-means from the same points and the same random start, so many steps of Lloyd's, beside scikit-learn's two algorithms; one
thread each, CPU seconds, the best of five. The sums of squares must agree. Then, on a fifth of the rows, as many steps of
mixtures of normal distributions, each from k-means of its own with the best log-likelihood a row of five seeds beside it,
and the exact ten nearest neighbours of all rows, whose distances must agree.`;

interface Answer {
  readonly cpu: number;
  /** Of k-means the sum of squares, of mixtures the log-likelihood a row, of neighbours the sum of distances. */
  readonly value: number;
  readonly peak: number;
}

/** The data: groups whose centres lie some three standard deviations apart, and a cloud without any. */
const sets = [
  ['groups', 2],
  ['cloud', 0],
] as const;

export const main = benchmark(usage, command);

function command(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '100000' },
      cols: { type: 'string', default: '64' },
      clusters: { type: 'string', default: '50' },
      steps: { type: 'string', default: '30' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [rows, cols, k, steps] = (['rows', 'cols', 'clusters', 'steps'] as const).map((name) => {
    const value = Number(values[name]);
    if (!(Number.isInteger(value) && value >= 1)) throw new Error(`--${name} is a whole number from 1.`);
    return value;
  });
  if (k > rows) throw new Error(`There are ${rows} rows, too few for ${k} clusters.`);
  const { sklearn, numpy } = findVersions();
  if (!sklearn)
    throw new Error('There is no scikit-learn to compare with; SOUTHWELL_PYTHON names a python that has it.');
  const say = values.json ? console.error : console.log;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}, scikit-learn ${sklearn}, numpy ${numpy}`,
  );
  say(`${rows} × ${cols}, ${k} clusters, ${steps} steps, one thread; seconds of CPU, MB at the peak\n`);
  say(`${'data'.padEnd(9)}${['southwell', 'lloyd', 'elkan', 'ratio', 'MB', 'MB'].map((t) => t.padStart(11)).join('')}`);
  const own = (task: string, folder: string) =>
    answer(process.execPath, [fileURLToPath(new URL('./ours.js', import.meta.url)), folder, task, String(steps)]);
  const peer = (task: string, folder: string) =>
    answer(python.command, [join(benchRoot, 'peers/clustering.py'), folder, task, String(steps)]);
  const results = [];
  for (const [name, spread] of sets) {
    const folder = prepared(`kmeans-${name}-${rows}-${cols}-${k}`, rows, cols, k, spread);
    const [ours, lloyd, elkan] = [own('k-means', folder), peer('lloyd', folder), peer('elkan', folder)];
    for (const p of [lloyd, elkan]) agree(`k-means, ${name}`, ours, p);
    const best = lloyd.cpu <= elkan.cpu ? lloyd : elkan;
    const ratio = ours.cpu / best.cpu;
    results.push({ data: name, ours, lloyd, elkan, ratio });
    const cells = [ours.cpu, lloyd.cpu, elkan.cpu, ratio].map((v) => v.toPrecision(3).padStart(11));
    const sizes = [ours.peak, best.peak].map((v) => v.toFixed(0).padStart(11));
    say(`${name.padEnd(9)}${[...cells, ...sizes].join('')}`);
  }
  const fewer = Math.max(k, Math.ceil(rows / 5));
  const folder = prepared(`kmeans-groups-${fewer}-${cols}-${k}`, fewer, cols, k, 2);
  say(`\n${fewer} × ${cols}, groups\n`);
  say(
    `${'task'.padEnd(20)}${['southwell', 'sklearn', 'ratio', 'MB', 'MB'].map((t) => t.padStart(11)).join('')}  value`,
  );
  for (const task of ['full', 'tied', 'diagonal', 'spherical', ...(fewer > 10 ? ['neighbours'] : [])]) {
    const [ours, theirs] = [own(task, folder), peer(task, folder)];
    if (task === 'neighbours') agree(task, ours, theirs);
    const ratio = ours.cpu / theirs.cpu;
    results.push({ task, ours, theirs, ratio });
    const cells = [ours.cpu, theirs.cpu, ratio].map((v) => v.toPrecision(3).padStart(11));
    const sizes = [ours.peak, theirs.peak].map((v) => v.toFixed(0).padStart(11));
    const ends = [ours.value, theirs.value].map((v) => v.toPrecision(7)).join(', ');
    say(`${(task === 'neighbours' ? task : `mixture, ${task}`).padEnd(20)}${[...cells, ...sizes].join('')}  ${ends}`);
  }
  if (values.json) console.log(JSON.stringify(results));
  return 0;
}

function agree(what: string, ours: Answer, theirs: Answer): void {
  if (Math.abs(theirs.value - ours.value) <= 1e-6 * Math.abs(ours.value)) return;
  throw new Error(`${what}: the end is ${ours.value}, but ${theirs.value} for scikit-learn.`);
}

/** Points and starts as files that both sides read. */
function prepared(name: string, rows: number, cols: number, k: number, spread: number): string {
  const folder = join(benchRoot, '.cache', name);
  if (existsSync(join(folder, 'start.npy'))) return folder;
  const random = new Random(1);
  const centres = Float64Array.from({ length: k * cols }, () => spread * random.normal());
  const group = Int32Array.from({ length: rows }, () => random.integer(k));
  const X = DenseMatrix.create(rows, cols);
  for (let j = 0; j < cols; j++) {
    const column = X.column(j);
    for (let i = 0; i < rows; i++) column[i] = centres[group[i] * cols + j] + random.normal();
  }
  const start = DenseMatrix.create(k, cols);
  random.sample(rows, k).forEach((p, c) => {
    for (let j = 0; j < cols; j++) start.set(c, j, X.get(p, j));
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'X.npy'), writeNpy(X));
  writeFileSync(join(folder, 'start.npy'), writeNpy(start));
  X.free();
  return folder;
}

function answer(program: string, args: readonly string[]): Answer {
  const { status, stdout, stderr } = spawnSync(program, args, { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args[0]} ended: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
