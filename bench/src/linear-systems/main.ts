// Linear systems on grids beside PETSc with hypre and SciPy with SuperLU: set-up, solve, memory, true residuals, in one
// run.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CscMatrix } from '@southwell/numerics/arrays';
import { factorise, type PreconditionerName, type SystemMethod, solve } from 'southwell/linear-systems';
import { benchmark, type Outcome } from '../command.ts';
import { fastest, geometricMean, type Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { chooseMain } from './choice.ts';
import { type Cell, gridSystem, rightHandSide } from './grids.ts';

const usage = `Usage: npm run bench -- linear-systems [options]
  --cells <C,…>   some of the cells, by the beginnings of their names
  --tol <T>       of the true residual, relative to b (default 1e-8)
  --rounds <N>    default 3
  --choice <N>    instead: the solver that is chosen beside every other on so many generated matrices
  --json          results as JSON on standard output, progress on standard error

−∇·a∇u + c·∇u = f by differences: every contender solves every cell to the same true residual, each in a process of its own, one
thread, again and again for a second. CPU seconds of set-up and solve, the best of the calls and rounds, and of the first call where
they differ by half; MB the peak of that call beside what was there before. Ratios are of the best of ours to the best of the peers.`;

export const main = benchmark(usage, command);

const CELLS: Readonly<Record<string, Cell>> = {
  'poisson-100²': { sides: [100, 100] },
  'poisson-256²': { sides: [256, 256] },
  'poisson-512²': { sides: [512, 512] },
  'poisson-1000²': { sides: [1000, 1000] },
  'poisson-32³': { sides: [32, 32, 32] },
  'poisson-64³': { sides: [64, 64, 64] },
  'poisson-100³': { sides: [100, 100, 100] },
  'anisotropic-512²': { sides: [512, 512], anisotropy: 0.001 },
  'jumps-512²': { sides: [512, 512], jumps: 4 },
  'convection-256²': { sides: [256, 256], convection: 0.4 },
  'convection-512²': { sides: [512, 512], convection: 0.4 },
  'convection-64³': { sides: [64, 64, 64], convection: 0.4 },
  'direct-512²': { sides: [512, 512], direct: true },
  'direct-30³': { sides: [30, 30, 30], direct: true },
  'direct-50³': { sides: [50, 50, 50], direct: true },
};

type Contender = `${SystemMethod | 'auto'}:${PreconditionerName | 'auto'}`;
const OURS = {
  symmetric: ['auto:auto', 'cg:multigrid', 'cg:incomplete-cholesky', 'cg:ssor', 'cg:none'],
  general: ['auto:auto', 'gmres:multigrid', 'bicgstab:incomplete-lu', 'gmres:incomplete-lu'],
  direct: ['cholesky:none'],
} as const satisfies Record<string, readonly Contender[]>;
const THEIRS = {
  symmetric: ['petsc:cg:hypre', 'petsc:cg:gamg', 'petsc:cg:icc', 'scipy:cg'],
  general: ['petsc:gmres:hypre', 'petsc:gmres:gamg', 'petsc:bcgs:ilu', 'petsc:gmres:ilu'],
  direct: ['scipy:superlu'],
} as const;

interface Found {
  readonly setup: number;
  readonly solve: number;
  readonly iterations: number;
  readonly residual: number;
  readonly megabytes: number;
  /** Seconds of the first call. */
  readonly first?: number;
  readonly versions?: string;
  /** The chosen solver. */
  readonly by?: string;
}

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cells: { type: 'string' },
      tol: { type: 'string', default: '1e-8' },
      rounds: { type: 'string', default: '3' },
      choice: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [tol, rounds] = [values.tol, values.rounds].map(Number);
  if (!(tol > 0 && tol < 1)) throw new Error('--tol lies between 0 and 1.');
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1.');
  if (values.choice !== undefined) return chooseMain(Number(values.choice), tol, values.json === true);
  const wanted = values.cells?.split(',');
  const chosen = Object.entries(CELLS).filter(([name]) => !wanted || wanted.some((word) => name.startsWith(word)));
  if (chosen.length === 0) throw new Error(`--cells are among ${Object.keys(CELLS).join(', ')}.`);
  const say = values.json ? console.error : console.log;
  const load = loadavg()[0].toFixed(1);
  say(
    `${cpus()[0]?.model ?? 'unknown processor'}, load ${load} at the start; Node ${process.version}; residual ${tol}`,
  );
  const heads = ['set-up', 'solve', 'sum', 'steps', 'residual', 'MB'];
  const results: Measurement[] = [];
  const ratios: number[] = [];
  let versions = '';
  for (const [name, cell] of chosen) {
    const kind = cell.direct ? 'direct' : cell.convection ? 'general' : 'symmetric';
    say(`\n${name.padEnd(46)}${heads.map((t) => t.padStart(10)).join('')}`);
    const best = new Map<string, Found>();
    for (let round = 0; round < rounds; round++) {
      for (const contender of [...OURS[kind], ...THEIRS[kind]]) {
        const found = attempt(cell, contender, tol);
        const before = best.get(contender);
        if (found && !(before && sum(before) <= sum(found))) best.set(contender, found);
      }
    }
    for (const [contender, found] of best) {
      const shown = [found.setup, found.solve, sum(found), found.iterations, found.residual, found.megabytes];
      const late = found.first && found.first > 1.5 * sum(found) ? `, first ${found.first.toPrecision(2)}` : '';
      const text = `${contender}${found.by ? ` (${found.by})` : ''}${late}`;
      say(`  ${text.padEnd(44)}${shown.map((v) => v.toPrecision(3).padStart(10)).join('')}`);
      versions = found.versions ?? versions;
    }
    const solved = [...best].filter(([, found]) => meets(tol)(found));
    const of = (names: readonly string[]) =>
      fastest(
        solved.filter(([contender]) => names.includes(contender)),
        sum,
      );
    const [own, peer] = [of(OURS[kind]), of(THEIRS[kind])];
    const ratio = own.cost / peer.cost;
    const memoryRatio = own.found && peer.found ? own.found.megabytes / peer.found.megabytes : Number.NaN;
    say(`  best of ours / best peer: ${ratio.toFixed(2)}, memory ${memoryRatio.toFixed(2)}`);
    ratios.push(ratio);
    const sides = { name, ours: own.cost, oursBy: own.name, peer: peer.cost, peerName: peer.name, memoryRatio };
    results.push({ ...sides, tol, contenders: Object.fromEntries(best) });
  }
  say(`\nGeometric mean ${geometricMean(ratios)!.toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}. ${versions}`);
  return { tasks: results, json: values.json, more: { versions } };
}

const sum = ({ setup, solve: solved }: Pick<Found, 'setup' | 'solve'>): number => setup + solved;
const meets =
  (tol: number) =>
  ({ residual }: Found): boolean =>
    residual <= 1.01 * tol;

function attempt(cell: Cell, contender: string, tol: number): Found | undefined {
  const peer = contender.startsWith('petsc') || contender.startsWith('scipy');
  const code = `const { measured } = await import(${JSON.stringify(import.meta.url)}); console.log(JSON.stringify(measured(${JSON.stringify(cell)}, '${contender}', ${tol})));`;
  const [run, words] = peer
    ? [python.command, [join(benchRoot, 'peers/linear_systems.py'), JSON.stringify(cell), contender, String(tol)]]
    : [process.execPath, ['--input-type=module', '-e', code]];
  const r = spawnSync(run, words, { env: environment, encoding: 'utf8', maxBuffer: 1e8, timeout: 1000 * LIMIT });
  if (r.status !== 0) {
    const why = r.signal ? `not there after ${LIMIT} s` : r.stderr.trim().split('\n').at(-1);
    console.error(`${contender} ended: ${why}`);
    return undefined;
  }
  return JSON.parse(r.stdout.trim().split('\n').at(-1)!);
}

/** One measurement of our own, in this process. */
export function measured(cell: Cell, contender: Contender, tol: number): Found {
  const [method, preconditioner] = contender.split(':') as [SystemMethod | 'auto', PreconditionerName | 'auto'];
  const small = gridSystem({
    ...cell,
    sides: cell.sides.map((side) => Math.min(side, cell.sides.length === 2 ? 100 : 20)),
  });
  const run = (A: CscMatrix): Omit<Found, 'megabytes'> => {
    const b = rightHandSide(A.rows);
    const start = process.cpuUsage();
    if (method === 'auto') {
      const found = solve(A, b, { tol });
      const seconds = since(start);
      return {
        setup: 0,
        solve: seconds,
        iterations: found.iterations,
        residual: found.residual,
        by: `${found.method}:${found.preconditioner}`,
      };
    }
    const system = factorise(A, { method, preconditioner });
    const setup = since(start);
    const next = process.cpuUsage();
    const found = system.solve(b, { tol });
    const seconds = since(next);
    system.free();
    return { setup, solve: seconds, iterations: found.iterations, residual: found.residual };
  };
  for (let call = 0; call < 2; call++) run(small);
  const A = gridSystem(cell);
  // Memory for creating the matrix does not count.
  writeFileSync('/proc/self/clear_refs', '5');
  const before = memory('VmRSS');
  let best = run(A);
  const first = sum(best);
  const megabytes = memory('VmHWM') - before;
  for (let calls = 1, spent = first; calls < CALLS && spent < SECONDS; calls++) {
    const again = run(A);
    spent += sum(again);
    if (sum(again) < sum(best)) best = again;
  }
  return { ...best, first, megabytes };
}

/** Current (VmRSS) or peak memory since the last reset (VmHWM) of this process, in megabytes. */
const memory = (which: string): number =>
  Number(new RegExp(`^${which}:\\s*(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;

/** Time limit of a process in seconds. */
const LIMIT = 120;

/** Calls are repeated until one of these limits is reached, like those of the peers. */
const [CALLS, SECONDS] = [20, 1];

const since = (start: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
};
