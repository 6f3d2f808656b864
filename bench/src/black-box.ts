import { parseArgs } from 'node:util';
import {
  type BenchmarkRun,
  bbobNames,
  benchmarkRun,
  expectedRunningTime,
  type MethodName,
  methodNames,
  runtimeDistribution,
} from 'southwell/black-box';
import { blackBoxPage, type Curve } from './black-box-page.ts';
import { benchmark, type Outcome } from './command.ts';
import type { Measurement } from './document.ts';
import { compare, pycmaRuns } from './pycma.ts';
import { save } from './results.ts';

const usage = `Usage: npm run bench -- black-box [options]
  --method <name>     ${methodNames.join(', ')}. Default cma-es, with restarts
  --dims <list>       Default 5,10
  --functions <list>  of the 24 of BBOB. Default all
  --instances <N>     1 to N, one run each. Default 15
  --budget <N>        evaluations a coordinate. Default 10000
  --quick             functions 1, 8, 10, 15, 21 in 5 coordinates, 3 instances
  --seed <N>          Default 1
  --peer pycma        beside Hansen's pycma from the same points: SOUTHWELL_PYCMA names its folder, or it is installed
  --json              results as JSON on standard output, progress on standard error; evaluations to 1e-8, not seconds`;

/** Precisions of the table, as indices into those of the benchmark: 1, 1e-4, 1e-8. */
const COLUMNS = [
  [10, '1'],
  [30, '1e-4'],
  [50, '1e-8'],
] as const;

/** How many BBOB problems are solved, and after how many evaluations. */
export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      method: { type: 'string', default: 'cma-es' },
      dims: { type: 'string' },
      functions: { type: 'string' },
      instances: { type: 'string' },
      budget: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      peer: { type: 'string' },
      quick: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const { quick } = values;
  const list = (text: string) => text.split(',').map(Number);
  const dims = list(values.dims ?? (quick ? '5' : '5,10'));
  const functions = values.functions
    ? list(values.functions)
    : quick
      ? [1, 8, 10, 15, 21]
      : bbobNames.map((_, k) => k + 1);
  const instances = Number(values.instances ?? (quick ? 3 : 15));
  const budget = Number(values.budget);
  if (!(Number.isInteger(instances) && instances >= 1)) throw new Error('--instances is a whole number from 1.');
  if (!(budget >= 1)) throw new Error('--budget is a number from 1.');
  const seed = Number(values.seed);
  if (!(Number.isInteger(seed) && seed >= 0)) throw new Error('--seed is a whole number.');
  if (values.peer !== undefined && values.peer !== 'pycma') throw new Error('The only peer is pycma.');
  const method = values.method as MethodName;
  // Methods that sample within bounds need the box of the benchmark; CMA-ES is run without, as usual.
  const box = method === 'cma-es' ? {} : { lower: -5, upper: 5 };
  const all: BenchmarkRun[] = [];
  const peers: BenchmarkRun[] = [];
  const curves: Curve[] = [];
  const tasks: Measurement[] = [];
  const say = values.json ? console.error : console.log;
  for (const dim of dims) {
    const before = process.cpuUsage();
    const runs: BenchmarkRun[] = [];
    say(`\n${method}, ${dim} coordinates, ${budget * dim} evaluations at most\n`);
    say(`${'function'.padEnd(34)}solved   expected evaluations to ${COLUMNS.map(([, t]) => t).join(', ')}`);
    for (const number of functions) {
      const own = Array.from({ length: instances }, (_, k) =>
        benchmarkRun(number, dim, k + 1, {
          ...box,
          method,
          restarts: Number.POSITIVE_INFINITY,
          budget: budget * dim,
          seed,
        }),
      );
      runs.push(...own);
      const times = COLUMNS.map(([k]) => short(expectedRunningTime(own, k)).padStart(10)).join('');
      const name = `f${number} ${bbobNames[number - 1]}`.padEnd(34);
      say(`${name}${`${solved(own)}/${own.length}`.padEnd(6)}${times}`);
    }
    all.push(...runs);
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    const peer = values.peer && pycmaRuns(runs, seed, budget);
    curves.push({ name: `${method}, ${dim}-D`, runs });
    if (peer) curves.push({ name: `pycma, ${dim}-D`, runs: peer.runs, peer: true });
    if (peer) peers.push(...peer.runs);
    tasks.push(...functions.map((number) => expectations(number, dim, runs, peer ? peer.runs : [])));
    const { x, share } = runtimeDistribution(runs);
    const shares = [100, 1000, 10_000].map((t) => {
      const at = x.findLastIndex((v) => v <= t * 1.0001);
      return `${(100 * share[at]).toFixed(1)} % after ${t}·n`;
    });
    say(`\nSolved to 1e-8: ${solved(runs)} of ${runs.length} (${((100 * solved(runs)) / runs.length).toFixed(1)} %).`);
    say(`Of all pairs of run and target: ${shares.join(', ')}. ${seconds.toFixed(1)} s of CPU.`);
    if (peer) say(`\nBeside pycma ${peer.version}\n\n${compare(runs, seconds, peer.runs)}`);
    else if (values.peer) say('\nThere is no pycma: install it, or name its folder by SOUTHWELL_PYCMA.');
  }
  const path = save('black-box.html', blackBoxPage(`${method} on the functions of BBOB`, curves));
  say(`\nPlot: ${path}`);
  return { tasks, json: values.json, more: { runs: { southwell: all, pycma: peers } } };
}

/** Expected evaluations to reach 1e-8 on a function, over its instances. */
function expectations(
  number: number,
  dim: number,
  ours: readonly BenchmarkRun[],
  theirs: readonly BenchmarkRun[],
): Measurement {
  const [own, peer] = [ours, theirs].map((runs) => runs.filter((run) => run.number === number));
  return {
    name: `f${number} ${bbobNames[number - 1]}, ${dim}-D`,
    ours: expectedRunningTime(own, 50),
    peer: peer.length === 0 ? null : expectedRunningTime(peer, 50),
    peerName: 'pycma',
    unit: 'evaluations',
  };
}

const solved = (runs: readonly BenchmarkRun[]): number => runs.filter((r) => r.hits[50] !== undefined).length;
const short = (v: number): string => (Number.isFinite(v) ? v.toPrecision(3).replace(/e\+/, 'e') : '–');
