import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AssignOptions, assign } from '@southwell/numerics/assignment';
import { Random } from '@southwell/numerics/core';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { benchRoot } from './linear-models/datasets.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- assignment [options]
  --sizes <n,…>  Default 256,1024,4096
  --json         results as JSON on standard output, progress on standard error

Linear assignment, by both methods, beside SciPy's linear_sum_assignment: whole calls with certificate, CPU seconds, the best of what
0.3 seconds allow, at least one. The sums must agree.`;

type Costs = (rows: number, columns: number, random: Random) => Float64Array;
const filled = (rows: number, columns: number, f: (i: number, j: number) => number): Float64Array =>
  Float64Array.from({ length: rows * columns }, (_, k) => f(Math.floor(k / columns), k % columns));
const points = (n: number, random: Random): Float64Array =>
  Float64Array.from({ length: 3 * n }, () => random.uniform());

const kinds: Readonly<Record<string, Costs>> = {
  uniform: (n, m, random) => filled(n, m, () => random.uniform()),
  'integers to 100': (n, m, random) => filled(n, m, () => random.integer(101)),
  'rank 3': (n, m, random) => {
    const [p, q] = [points(n, random), points(m, random)];
    return filled(n, m, (i, j) => p[3 * i] * q[3 * j] + p[3 * i + 1] * q[3 * j + 1] + p[3 * i + 2] * q[3 * j + 2]);
  },
  'squared distances': (n, m, random) => {
    const [p, q] = [points(n, random), points(m, random)];
    const part = (i: number, j: number, k: number) => (p[3 * i + k] - q[3 * j + k]) ** 2;
    return filled(n, m, (i, j) => part(i, j, 0) + part(i, j, 1) + part(i, j, 2));
  },
  i·j: (n, m) => filled(n, m, (i, j) => (i + 1) * (j + 1)),
};

interface Answer {
  readonly seconds: number;
  readonly value: number;
}

export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '256,1024,4096' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const sizes = values.sizes.split(',').map(Number);
  if (!sizes.every((n) => Number.isInteger(n) && n >= 1)) throw new Error('--sizes are whole numbers from 1.');
  const say = values.json ? console.error : console.log;
  const probe = spawnSync(python.command, ['-c', 'import scipy; print(scipy.__version__)'], { encoding: 'utf8' });
  const scipy = probe.status === 0 ? probe.stdout.trim() : undefined;
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}, ${scipy ? `SciPy ${scipy}` : 'no SciPy (SOUTHWELL_PYTHON names a python that has it)'}\n`,
  );
  say(`${'costs'.padEnd(48)}${['southwell, s', 'scipy, s', 'ratio', 'gap'].map((t) => t.padStart(14)).join('')}`);
  const results: Measurement[] = [];
  const shapes = [
    ...Object.keys(kinds).flatMap((kind) => sizes.map((n) => [kind, n, n] as const)),
    ...Object.keys(kinds).map((kind) => [kind, 512, 4096] as const),
  ];
  for (const [kind, rows, columns] of shapes) {
    const costs = kinds[kind](rows, columns, new Random(1));
    const peer = scipy ? theirs(costs, rows, columns) : undefined;
    for (const method of ['shortest-paths', 'auction'] as const) {
      const { gap, ...own } = ours(costs, { rows, columns, method });
      const name = `${kind}, ${rows} × ${columns}, ${method}`;
      if (peer && Math.abs(own.value - peer.value) > 1e-9 * Math.abs(peer.value))
        throw new Error(`${name}: the sum is ${own.value}, but ${peer.value} for SciPy.`);
      const data = { data: kind, rows, columns, method, gap };
      results.push({ name, ours: own.seconds, peer: peer?.seconds, peerName: 'SciPy', ...data });
      const cells = [own.seconds, peer?.seconds, peer && own.seconds / peer.seconds, gap];
      say(`${name.padEnd(48)}${cells.map((v) => (v?.toPrecision(3) ?? '–').padStart(14)).join('')}`);
    }
  }
  return { tasks: results, json: values.json };
}

function ours(costs: Float64Array, options: AssignOptions): Answer & { readonly gap: number } {
  let [seconds, value, gap] = [Number.POSITIVE_INFINITY, 0, 0];
  const end = performance.now() + 300;
  for (let r = 0; r < 1 || (performance.now() < end && r < 20); r++) {
    const start = process.cpuUsage();
    ({ cost: value, gap } = assign(costs, options));
    const { user, system } = process.cpuUsage(start);
    seconds = Math.min(seconds, (user + system) / 1e6);
  }
  return { seconds, value, gap };
}

function theirs(costs: Float64Array, rows: number, columns: number): Answer {
  const folder = join(benchRoot, '.cache');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'assignment.bin');
  writeFileSync(file, costs);
  const words = [join(benchRoot, 'peers/assignment.py'), file, String(rows), String(columns)];
  const { status, stdout, stderr } = spawnSync(python.command, words, { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`assignment.py ended: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}
