// Values and derivatives of nonlinear programs beside Ipopt's, which the AMPL solver library computes, on the same files.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readNl, writeNl } from '@southwell/data';
import { CscMatrix } from '@southwell/numerics/arrays';
import { functionsOf, type Model, ProgramBuilder, type SparseFunctions } from '@southwell/numerics/expressions';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';

const usage = `Usage: npm run bench -- model-functions [options] [file.nl …]
  --models <M,…>  some of luksan-vlcek, elliptic-control, shared-nodes (all are the default without files)
  --size <N>      variables of each model, about; default 33000, for 100 000 nonzeros of the Jacobian
  --rounds <N>    evaluations that are averaged; default 20
  --json          results as JSON on standard output, progress on standard error

Objective, gradient, constraints, Jacobian and Hessian of the Lagrangian at points that differ: CPU seconds per evaluation, by southwell and as
Ipopt's timing statistics state them for the same .nl file, over the number of its evaluations.`;

export const main = benchmark(usage, command);

const models: Readonly<Record<string, (size: number) => Model>> = {
  'luksan-vlcek': luksanVlcek,
  'elliptic-control': ellipticControl,
  'shared-nodes': sharedNodes,
};

function command(args: readonly string[]): Outcome | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      models: { type: 'string' },
      size: { type: 'string', default: '33000' },
      rounds: { type: 'string', default: '20' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [size, rounds] = [Number(values.size), Number(values.rounds)];
  if (!(Number.isInteger(size) && size >= 10)) throw new Error('--size is a whole number from 10.');
  if (!(Number.isInteger(rounds) && rounds >= 1)) throw new Error('--rounds is a whole number from 1.');
  const names = values.models?.split(',') ?? (positionals.length > 0 ? [] : Object.keys(models));
  for (const name of names)
    if (!Object.hasOwn(models, name)) throw new Error(`--models are some of ${Object.keys(models).join(', ')}.`);
  const say = values.json ? console.error : console.log;
  say(`CPU milliseconds per evaluation; load ${loadavg()[0].toFixed(1)} at the start; Node ${process.version}\n`);
  const files = [
    ...names.map((name) => ({ name, nl: writeNl(models[name](size)).nl })),
    ...positionals.map((path) => ({ name: basename(path, '.nl'), nl: new Uint8Array(readFileSync(path)) })),
  ];
  const tasks: Measurement[] = [];
  for (const { name, nl } of files) {
    const begun = process.cpuUsage();
    const { model } = readNl(nl);
    const reading = seconds(begun);
    const f = functionsOf(model);
    const own = ours(f, model, rounds);
    const peer = ipopt(nl);
    const total = (times: Times): number => PARTS.reduce((sum, part) => sum + times[part], 0);
    const all = { ours: total(own), peer: peer && total(peer), peerName: 'Ipopt' };
    const nonzeros = { jacobian: f.jacobian.rowIndices.length, hessian: f.hessian?.rowIndices.length };
    tasks.push({ name, ...all, reading, nonzeros, own, theirs: peer });
    const cell = (value: number | undefined): string =>
      (value === undefined ? '–' : (1000 * value).toFixed(2)).padStart(9);
    say(`${name}: ${nonzeros.jacobian} nonzeros, Hessian ${nonzeros.hessian}, read in ${reading.toFixed(2)} s`);
    for (const part of PARTS) say(`  ${part.padEnd(12)}${cell(own[part])}${cell(peer?.[part])}`);
    say(
      `  ${'all'.padEnd(12)}${cell(all.ours)}${cell(all.peer)}  ratio ${peer ? (all.ours / all.peer!).toFixed(2) : '–'}\n`,
    );
  }
  return { tasks, json: values.json };
}

const PARTS = ['objective', 'gradient', 'constraints', 'jacobian', 'hessian'] as const;
/** CPU seconds per evaluation. */
type Times = Record<(typeof PARTS)[number], number>;

function seconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** CPU seconds of evaluations until the engine has compiled the sweeps. */
const WARM = 0.5;

function ours(f: SparseFunctions, model: Model, rounds: number): Times {
  const x = Float64Array.from(model.variables.lower, (lower, j) => {
    const start = model.variables.start?.[j] ?? 0;
    return Math.max(Number.isNaN(start) ? 0 : start, Number.isFinite(lower) ? lower : -Infinity);
  });
  const gradient = new Float64Array(f.variables);
  const constraints = new Float64Array(f.constraints);
  const multipliers = new Float64Array(f.constraints).fill(0.5);
  const jacobian = new Float64Array(f.jacobian.rowIndices.length);
  const hessian = new Float64Array(f.hessian?.rowIndices.length ?? 0);
  const run: Readonly<Record<keyof Times, () => void>> = {
    objective: () => f.objective(x),
    gradient: () => f.gradient(x, gradient),
    constraints: () => f.constraintValues(x, constraints),
    jacobian: () => f.jacobianValues(x, jacobian),
    hessian: () => f.hessianValues?.(x, 1, multipliers, hessian),
  };
  const times: Times = { objective: 0, gradient: 0, constraints: 0, jacobian: 0, hessian: 0 };
  const begun = process.cpuUsage();
  while (seconds(begun) < WARM) {
    x[0] += 1e-6;
    for (const part of PARTS) run[part]();
  }
  for (let round = 0; round < rounds; round++) {
    x[0] += 1e-6;
    for (const part of PARTS) {
      const since = process.cpuUsage();
      run[part]();
      times[part] += seconds(since) / rounds;
    }
  }
  return times;
}

/** What Ipopt states after some iterations; undefined if it is not installed or ends before one. */
function ipopt(nl: Uint8Array): Times | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  try {
    writeFileSync(join(folder, 'model.nl'), nl);
    const options = ['print_timing_statistics=yes', 'print_level=5', 'max_iter=20', 'tol=1e-20', 'acceptable_iter=0'];
    const { stdout } = spawnSync('ipopt', [join(folder, 'model.nl'), '-AMPL', 'nlp_scaling_method=none', ...options], {
      encoding: 'utf8',
      cwd: folder,
    });
    if (!stdout?.includes('Function Evaluations')) return undefined;
    const time = (name: string): number => Number(new RegExp(`^ *${name}\\.*: +([\\d.]+)`, 'm').exec(stdout)?.[1] ?? 0);
    const count = (name: string): number =>
      Number(new RegExp(`Number of ${name} evaluations +\\D+(\\d+)`).exec(stdout)?.[1] ?? 0);
    const kinds = ['equality constraint', 'inequality constraint'];
    const each = (total: number, evaluations: number): number => (evaluations > 0 ? total / evaluations : 0);
    const ofRows = (times: readonly string[], what: string): number =>
      each(
        times.reduce((sum, name) => sum + time(name), 0),
        Math.max(...kinds.map((kind) => count(`${kind}${what}`))),
      );
    return {
      objective: each(time('Objective function'), count('objective function')),
      gradient: each(time('Objective function gradient'), count('objective gradient')),
      constraints: ofRows(['Equality constraints', 'Inequality constraints'], ''),
      jacobian: ofRows(['Equality constraint Jacobian', 'Inequality constraint Jacobian'], ' Jacobian'),
      hessian: each(time('Lagrangian Hessian'), count('Lagrangian Hessian')),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Triplets = readonly [number[], number[], number[]];

function modelOf(
  b: ProgramBuilder,
  m: number,
  linear: Triplets,
  bounds: readonly [number, number],
  start: Float64Array,
  limit: number,
): Model {
  const n = b.variables;
  const program = b.program();
  const names = (letter: string, count: number) => Array.from({ length: count }, (_, k) => `${letter}${k + 1}`);
  return {
    name: 'bench',
    variables: {
      names: names('x', n),
      lower: new Float64Array(n).fill(bounds[0]),
      upper: new Float64Array(n).fill(bounds[1]),
      integer: new Uint8Array(n),
      start,
    },
    rows: {
      names: names('c', m),
      lower: new Float64Array(m).fill(limit),
      upper: new Float64Array(m).fill(limit),
      linear: CscMatrix.fromTriplets(m, n, ...linear),
    },
    objective: { name: 'f', sense: 'minimize', constant: 0, linear: new Float64Array(n) },
    nonlinear: { program, rows: Int32Array.from(program.outputs, (_, k) => k - 1) },
    suffixes: [],
  };
}

/** The chained Rosenbrock function with trigonometric-exponential constraints: problem 5.1 of Lukšan and Vlček (1999). */
function luksanVlcek(n: number): Model {
  const b = new ProgramBuilder(n);
  const times = (value: number, node: number) => b.binary('multiply', b.constant(value), node);
  const terms: number[] = [];
  for (let i = 0; i + 1 < n; i++) {
    terms.push(times(100, b.unary('square', b.binary('subtract', b.unary('square', i), i + 1))));
    terms.push(b.unary('square', b.binary('subtract', i, b.constant(1))));
  }
  b.output(b.sum(terms));
  const linear: Triplets = [[], [], []];
  for (let k = 0; k + 2 < n; k++) {
    const [y, z] = [k + 1, k + 2];
    const waves = [b.binary('subtract', y, z), b.binary('add', y, z)].map((node) => b.unary('sin', node));
    const growth = b.binary('multiply', k, b.unary('exp', b.binary('subtract', k, y)));
    const cube = times(3, b.binary('power', y, b.constant(3)));
    b.output(b.sum([cube, b.binary('multiply', waves[0], waves[1]), b.unary('negate', growth)]));
    linear[0].push(k, k);
    linear[1].push(z, y);
    linear[2].push(2, 4);
  }
  const start = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1));
  return modelOf(b, n - 2, linear, [-Infinity, Infinity], start, 8);
}

/** Distributed control of −Δy + y³ − exp y = u on a square. */
function ellipticControl(size: number): Model {
  const k = Math.max(Math.round(Math.sqrt(size / 2)), 2);
  const cells = k * k;
  const square = 1 / (k + 1) ** 2;
  const b = new ProgramBuilder(2 * cells);
  const times = (value: number, node: number) => b.binary('multiply', b.constant(value), node);
  const terms: number[] = [];
  for (let i = 0; i < cells; i++) {
    terms.push(times(square / 2, b.unary('square', b.binary('subtract', i, b.constant(Math.sin(i))))));
    terms.push(times(square / 200, b.unary('square', cells + i)));
  }
  b.output(b.sum(terms));
  const linear: Triplets = [[], [], []];
  const put = (row: number, column: number, value: number): void => {
    linear[0].push(row);
    linear[1].push(column);
    linear[2].push(value);
  };
  for (let i = 0; i < cells; i++) {
    put(i, i, 4);
    if (i >= k) put(i, i - k, -1);
    if (i + k < cells) put(i, i + k, -1);
    if (i % k > 0) put(i, i - 1, -1);
    if (i % k < k - 1) put(i, i + 1, -1);
    put(i, cells + i, -square);
    b.output(times(square, b.binary('subtract', b.binary('power', i, b.constant(3)), b.unary('exp', i))));
  }
  return modelOf(b, cells, linear, [-10, 10], new Float64Array(2 * cells), 0);
}

/** Rows and objective made of the same lengths of a curve's pieces. */
function sharedNodes(n: number): Model {
  const b = new ProgramBuilder(n);
  const lengths = Array.from({ length: n - 1 }, (_, i) =>
    b.unary('sqrt', b.sum([b.constant(1), b.unary('square', b.binary('subtract', i, i + 1))])),
  );
  b.output(b.sum(lengths.map((length, i) => b.binary('multiply', length, lengths[(i + 1) % lengths.length]))));
  for (let i = 0; i + 3 < n; i++)
    b.output(b.binary('divide', b.binary('multiply', lengths[i], b.unary('log', lengths[i + 2])), lengths[i + 1]));
  const start = Float64Array.from({ length: n }, (_, i) => Math.sin(i));
  return modelOf(b, n - 3, [[], [], []], [-Infinity, Infinity], start, 0.2);
}
