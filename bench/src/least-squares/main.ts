// Least squares of long systems beside SciPy's gelsd and gelsy: time, memory and accuracy, in one run.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Refinement, sketchedLeastSquares } from 'southwell/linear-systems';
import { benchmark, type Outcome } from '../command.ts';
import { fastest, type Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- least-squares [options]
  --cells <C,…>   rows x columns (default 10000x500,100000x50,200000x400); 1000000x200 has 1.6 GB and takes minutes
  --cond <C,…>    condition numbers (default 10,1e4,1e8,1e10)
  --noise <S>     deviation of b from what fits (default 1e-6)
  --with <N,…>    contenders (default lsqr,gelsd,gelsy; also iterative and normal, the normal equations)
  --rounds <N>    default 1
  --json          results as JSON on standard output, progress on standard error

Systems whose solution is known to the last bit. Each contender runs in a process of its own, one thread, after a small system that has
compiled what is compiled late. CPU seconds, the best of the rounds; MB the peak beside the data; the error of x, and ‖Aᵀr‖/(‖A‖‖r‖),
which one program computes for all in extended precision. Ratio: ours to the faster of gelsd and gelsy.`;

export const main = benchmark(usage, command);

interface Found {
  readonly seconds: number;
  readonly megabytes: number;
  readonly forward: number | null;
  readonly normal: number | null;
  readonly passes?: number;
  readonly versions?: string;
}

const OURS: readonly string[] = ['lsqr', 'iterative'] satisfies Refinement[];
const THEIRS = ['gelsd', 'gelsy', 'normal'];

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cells: { type: 'string', default: '10000x500,100000x50,200000x400' },
      cond: { type: 'string', default: '10,1e4,1e8,1e10' },
      noise: { type: 'string', default: '1e-6' },
      with: { type: 'string', default: 'lsqr,gelsd,gelsy' },
      rounds: { type: 'string', default: '1' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const cells = values.cells.split(',').map((text) => text.split('x').map(Number));
  if (!cells.every(([n, d]) => Number.isInteger(n) && Number.isInteger(d) && n >= d && d >= 1 && n % 2 === 0)) {
    throw new Error('--cells are rows x columns, such as 100000x50, with an even number of rows.');
  }
  const conditions = values.cond.split(',').map(Number);
  if (!conditions.every((c) => c >= 1 && c <= 1e11)) throw new Error('--cond lies between 1 and 1e11.');
  const [noise, rounds] = [values.noise, values.rounds].map(Number);
  if (!(noise > 0 && noise < 100)) throw new Error('--noise lies between 0 and 100.');
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1.');
  const contenders = values.with.split(',');
  const unknown = contenders.find((name) => ![...OURS, ...THEIRS].includes(name));
  if (unknown !== undefined) throw new Error(`--with has ${[...OURS, ...THEIRS].join(', ')}, not ${unknown}.`);
  const say = values.json ? console.error : console.log;
  const load = loadavg()[0].toFixed(1);
  say(`${cpus()[0]?.model ?? 'unknown processor'}, load ${load} at the start; Node ${process.version}; noise ${noise}`);
  const cache = join(benchRoot, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'least-squares-'));
  const results: Measurement[] = [];
  let versions = '';
  try {
    for (const [n, d] of cells) {
      for (const condition of conditions) {
        peer('make', folder, n, d, String(condition), String(noise));
        const heads = ['CPU s', 'MB', 'error of x', '‖Aᵀr‖', 'passes'];
        say(`\n${`${n} × ${d}, condition ${condition}`.padEnd(36)}${heads.map((t) => t.padStart(11)).join('')}`);
        const best = new Map<string, Found>();
        for (let round = 0; round < rounds; round++) {
          for (const name of contenders) {
            const timed = OURS.includes(name) ? own(folder, n, d, name) : peer('solve', folder, n, d, name);
            const found = { ...timed, ...peer('judge', folder, n, d) } as Found;
            const before = best.get(name);
            if (!before || found.seconds < before.seconds) best.set(name, found);
          }
        }
        for (const [name, { seconds, megabytes, forward, normal, passes, versions: by }] of best) {
          const cell = (v: number | null | undefined) =>
            (v === undefined ? '' : v === null ? 'none' : v.toPrecision(3)).padStart(11);
          say(
            `  ${name.padEnd(34)}${[seconds, megabytes, forward, normal].map(cell).join('')}${String(passes ?? '').padStart(11)}`,
          );
          versions = by ?? versions;
        }
        const [mine, theirs] = [OURS, ['gelsd', 'gelsy']].map((names) =>
          fastest(
            [...best].filter(([name]) => names.includes(name)),
            ({ seconds }) => seconds,
          ),
        );
        const ratio = mine.cost / theirs.cost;
        if (ratio > 0 && Number.isFinite(ratio)) say(`  ratio ${ratio.toFixed(3)}`);
        const sides = { ours: mine.cost, oursBy: mine.name, peer: theirs.cost, peerName: theirs.name };
        const memoryRatio = mine.found && theirs.found ? mine.found.megabytes / theirs.found.megabytes : null;
        const task = { name: `${n} × ${d}, condition ${condition}`, ...sides, memoryRatio };
        results.push({ ...task, rows: n, cols: d, condition, noise, contenders: Object.fromEntries(best) });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`\n${versions}`);
  return { tasks: results, json: values.json, more: { versions } };
}

function answer(command: string, words: readonly string[]): Partial<Found> {
  const r = spawnSync(command, words, { env: environment, encoding: 'utf8', maxBuffer: 1e8 });
  if (r.status !== 0) throw new Error(`${words.join(' ').slice(0, 200)} ended: ${r.stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(r.stdout.trim().split('\n').at(-1)!);
}

const peer = (what: string, folder: string, n: number, d: number, ...more: string[]): Partial<Found> =>
  answer(python.command, [join(benchRoot, 'peers/least_squares.py'), what, folder, String(n), String(d), ...more]);

const own = (folder: string, n: number, d: number, refine: string): Partial<Found> =>
  answer(process.execPath, [
    '--input-type=module',
    '-e',
    `const { measured } = await import(${JSON.stringify(import.meta.url)}); console.log(JSON.stringify(measured(${JSON.stringify(folder)}, ${n}, ${d}, '${refine}')));`,
  ]);

/** One measurement of our own, in this process; writes found.bin. */
export function measured(folder: string, n: number, d: number, refine: Refinement): Omit<Found, 'forward' | 'normal'> {
  const small = DenseMatrix.create(3000, 20);
  for (let k = 0; k < small.data.length; k++) small.data[k] = Math.sin(k * k);
  for (let call = 0; call < 3; call++) sketchedLeastSquares(small, small.column(0), { refine, rows: 400 });
  const A = DenseMatrix.create(n, d, { fill: false });
  const file = openSync(join(folder, 'A.bin'), 'r');
  for (let j = 0; j < d; j++) {
    const { buffer, byteOffset, byteLength } = A.column(j);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let at = 0; at < byteLength; ) at += readSync(file, bytes, at, byteLength - at, null);
  }
  closeSync(file);
  const b = new Float64Array(new Uint8Array(readFileSync(join(folder, 'b.bin'))).buffer);
  const before = process.memoryUsage().rss / 2 ** 20;
  const start = process.cpuUsage();
  const { x, passes } = sketchedLeastSquares(A, b, { refine });
  const { user, system } = process.cpuUsage(start);
  writeFileSync(join(folder, 'found.bin'), x);
  return { seconds: (user + system) / 1e6, megabytes: process.resourceUsage().maxRSS / 1024 - before, passes };
}
