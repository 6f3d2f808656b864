// The speed-up by ranks: whole processes under mpirun on one and several ranks, with their phases and memory, beside
// the memory bandwidth of as many streams, and scikit-learn's folds in joblib processes.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Random } from 'southwell';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, findVersions, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- ranks [options]
  --ranks <N>      Beside one (default 2)
  --jobs <names>   dense, sparse, wide, folds (default all)
  --scale <part>   Of the rows (default 1: 200,000 × 2000 dense, 10⁶ × 10⁵ sparse, 2000 × 200,000 wide; some 8 GB on disk)
  --repeats <N>    The quickest counts (default 1)
  --json           results as JSON on standard output, progress on standard error; wall seconds of N ranks beside joblib's

Files are made once, in bench/.cache. Needs Open MPI and /usr/bin/time.`;

/** A file and the requested fit. */
interface Job {
  readonly file: string;
  readonly make: (path: string) => void;
  readonly asks: readonly string[];
  /** Number of folds, for the peer. */
  readonly folds?: number;
}

interface Measured {
  readonly wall: number;
  /** Per rank, MB. */
  readonly peaks: readonly number[];
  readonly phases: Readonly<Record<string, number>>;
}

export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ranks: { type: 'string', default: '2' },
      jobs: { type: 'string' },
      scale: { type: 'string', default: '1' },
      repeats: { type: 'string', default: '1' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [ranks, scale, repeats] = [Number(values.ranks), Number(values.scale), Number(values.repeats)];
  if (!Number.isInteger(ranks) || ranks < 2) throw new Error('--ranks is a whole number from 2.');
  if (!(scale > 0 && scale <= 1)) throw new Error('--scale is above 0 and at most 1.');
  const jobs = jobsOf(scale);
  const cache = join(benchRoot, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'southwell-ranks-'));
  const load = loadavg()[0];
  const rows: Measurement[] = [];
  const say = values.json ? console.error : console.log;
  try {
    const [one, many] = [await bandwidth(1), await bandwidth(ranks)];
    console.error(
      `memory: ${gb(one)} GB/s by one stream, ${gb(many)} by ${ranks}: ${(many / one).toFixed(2)} times; load ${load.toFixed(1)}`,
    );
    for (const name of values.jobs?.split(',') ?? Object.keys(jobs)) {
      const job = jobs[name];
      if (!job) throw new Error(`There is no job ${name}; there are ${Object.keys(jobs).join(', ')}.`);
      const path = join(cache, job.file);
      if (!existsSync(path)) job.make(path);
      const runs: Record<string, Measured> = {};
      for (let k = 0; k < repeats; k++) {
        for (const size of [1, ranks]) keep(runs, String(size), await fitted(path, job, size, folder));
        if (job.folds !== undefined && findVersions().sklearn) {
          for (const size of [1, ranks]) keep(runs, `joblib ${size}`, await byJoblib(path, job.folds, size, folder));
        }
      }
      tell(name, runs, ranks, say);
      rows.push({ name, ...sides(runs, ranks), runs });
    }
    return { tasks: rows, json: values.json, more: { ranks, scale, load, bandwidth: { one, many } } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sides(runs: Readonly<Record<string, Measured | undefined>>, ranks: number) {
  const [own, peer] = [runs[ranks]!, runs[`joblib ${ranks}`]];
  const memoryRatio = peer ? Math.max(...own.peaks) / Math.max(...peer.peaks) : null;
  const peerName = 'scikit-learn with joblib';
  return { ours: own.wall, peer: peer?.wall, peerName, memoryRatio, unit: 'wall seconds' };
}

function keep(runs: Record<string, Measured>, name: string, run: Measured): void {
  if (!runs[name] || run.wall < runs[name].wall) runs[name] = run;
}

function jobsOf(scale: number): Record<string, Job> {
  const rows = (all: number) => Math.round(all * scale);
  const npy = (n: number, p: number) => ({
    file: `ranks-${n}x${p}.npy`,
    make: (path: string) => writeDense(path, n, p),
  });
  const [tall, sparse, wide, folds] = [rows(200_000), rows(1_000_000), rows(2000), rows(50_000)];
  return {
    dense: { ...npy(tall, 2000), asks: ['--target', 'x2001', '--alpha', '0.02'] },
    sparse: {
      file: `ranks-${sparse}.svm`,
      make: (path) => writeSparse(path, sparse),
      asks: ['--model', 'logistic', '--alpha', '0.0002'],
    },
    wide: { ...npy(wide, 200_000), asks: ['--target', 'x200001', '--path', '--eps', '0.1', '--n-alphas', '20'] },
    folds: { ...npy(folds, 300), asks: ['--target', 'x301', '--cv', '10'], folds: 10 },
  };
}

/** n rows of p features and, in the last column, a response that depends on a few of these. */
function writeDense(path: string, n: number, p: number): void {
  const random = new Random(1);
  const file = openSync(path, 'w');
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${n}, ${p + 1}), }`;
  const head = 64 * Math.ceil((10 + dictionary.length + 1) / 64);
  const header = Buffer.alloc(head, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(head - 10, 8);
  header.write(dictionary, 10, 'latin1');
  header.write('\n', head - 1, 'latin1');
  writeSync(file, header);
  const row = new Float64Array(p + 1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < p; j++) row[j] = random.normal();
    row[p] = row[0] - 0.7 * row[1] + 0.5 * row[2] + 0.3 * row[3] + random.normal();
    writeSync(file, row);
  }
  closeSync(file);
}

/** n rows of 10⁵ features, 50 of which are non-zero, and classes. */
function writeSparse(path: string, n: number): void {
  const [p, each] = [100_000, 50];
  const random = new Random(2);
  const file = openSync(path, 'w');
  let text = '';
  for (let i = 0; i < n; i++) {
    // Some features are frequent, most are rare.
    const columns = new Set<number>();
    while (columns.size < each) columns.add(Math.floor(p * random.uniform() ** 3));
    let eta = random.normal();
    const entries = [...columns]
      .sort((a, b) => a - b)
      .map((j) => {
        const value = Math.round(1000 * random.uniform()) / 1000 + 0.001;
        if (j < 40) eta += (j % 2 ? 2 : -2) * value;
        return `${j + 1}:${value.toFixed(3)}`;
      });
    text += `${eta > 0 ? 1 : -1} ${entries.join(' ')}\n`;
    if (text.length > 1 << 22 || i === n - 1) {
      writeSync(file, text);
      text = '';
    }
  }
  closeSync(file);
}

const timed = (words: readonly string[]) => ['/usr/bin/time', '-f', '@ %M', ...words];

/** Runs a program to its end; returns its output and wall seconds. Throws its error output. */
function ran(words: readonly string[]): Promise<{ out: string; err: string; wall: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(words[0], words.slice(1), { env: environment });
    const said = { out: '', err: '' };
    child.stdout.on('data', (piece) => (said.out += piece));
    child.stderr.on('data', (piece) => (said.err += piece));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ ...said, wall: (performance.now() - start) / 1000 });
      else reject(new Error(`${words.join(' ')} ended with code ${code}: ${said.err.trim().slice(-500)}`));
    });
  });
}

const peaksIn = (text: string) => Array.from(text.matchAll(/@ (\d+)/g), ([, kilobytes]) => Number(kilobytes) / 1024);

async function fitted(path: string, { asks }: Job, size: number, folder: string): Promise<Measured> {
  const southwell = join(benchRoot, '../packages/cli/bin/southwell.mjs');
  const mpirun = ['mpirun', '--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', String(size)];
  const fit = [
    process.execPath,
    southwell,
    'fit',
    path,
    ...asks,
    '--explain',
    '--json',
    '--save',
    join(folder, 'model.json'),
  ];
  const { out, err, wall } = await ran([...mpirun, ...timed(fit)]);
  const { explanation } = JSON.parse(out) as { explanation: { phases: Array<{ phase: string; seconds: number }> } };
  const phases = Object.fromEntries(explanation.phases.map(({ phase, seconds }) => [phase, seconds]));
  return { wall, peaks: peaksIn(err), phases };
}

async function byJoblib(path: string, folds: number, jobs: number, folder: string): Promise<Measured> {
  const script = [
    python.command,
    join(benchRoot, 'peers/folds.py'),
    path,
    join(folder, 'coefficients'),
    String(folds),
    String(jobs),
  ];
  const { err, wall } = await ran(timed(script));
  return { wall, peaks: peaksIn(err), phases: {} };
}

/**
 * Bytes per second that this many threads together read from arrays far larger than caches: the best of some seconds.
 */
async function bandwidth(streams: number): Promise<number> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const x = new Float64Array(2 ** 25).fill(1);
    const sum = () => { let [a, b, c, d] = [0, 0, 0, 0]; for (let k = 0; k < x.length; k += 4) { a += x[k]; b += x[k + 1]; c += x[k + 2]; d += x[k + 3]; } return a + b + c + d; };
    sum(); sum();
    const flag = new Int32Array(workerData.flag);
    Atomics.add(flag, 0, 1);
    while (Atomics.load(flag, 0) < workerData.streams);
    const rates = [];
    for (let k = 0; k < 20; k++) { const from = performance.now(); sum(); rates.push((8000 * x.length) / (performance.now() - from)); }
    parentPort.postMessage(rates.sort((a, b) => a - b)[10]);`;
  const flag = new SharedArrayBuffer(4);
  const rates = await Promise.all(
    Array.from(
      { length: streams },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(code, { eval: true, workerData: { flag, streams } });
          worker.on('message', resolve).on('error', reject);
        }),
    ),
  );
  return rates.reduce((a, b) => a + b, 0);
}

const gb = (bytes: number) => (bytes / 1e9).toFixed(1);
const seconds = (value: number) => value.toPrecision(3);

function tell(name: string, runs: Record<string, Measured>, ranks: number, say: (line: string) => void): void {
  const [one, many] = [runs[1], runs[ranks]];
  const memory = Math.max(...many.peaks) / Math.max(...one.peaks);
  say(
    `\n${name}: ${seconds(one.wall)} s on one rank, ${seconds(many.wall)} s on ${ranks}: ${(one.wall / many.wall).toFixed(2)} times; ${one.peaks.map((mb) => mb.toFixed(0))} MB and ${many.peaks.map((mb) => mb.toFixed(0)).join(', ')} MB: ${memory.toFixed(2)} a rank`,
  );
  for (const [phase, before] of Object.entries(one.phases)) {
    const after = many.phases[phase];
    if (before + (after ?? 0) > 0.02)
      say(
        `  ${phase}: ${seconds(before)} s, ${after === undefined ? '–' : `${seconds(after)} s: ${(before / after).toFixed(2)} times`}`,
      );
  }
  const [alone, together] = [runs['joblib 1'], runs[`joblib ${ranks}`]];
  if (alone && together)
    say(
      `  scikit-learn with joblib: ${seconds(alone.wall)} s in one process, ${seconds(together.wall)} s in ${ranks}: ${(alone.wall / together.wall).toFixed(2)} times; ${alone.peaks.map((mb) => mb.toFixed(0))} MB`,
    );
}
