import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { elementary } from '@southwell/numerics/special';
import { type MethodName, type MixedPoint, minimize } from 'southwell/black-box';
import { benchmark, type Outcome } from './command.ts';
import { environment, python } from './linear-models/interpreters.ts';

const usage = `Usage: npm run bench -- categories [options]
Evaluations to 1e-10 of functions of n numbers and n coordinates with five words each (Hamano et al. 2024): how many
seeds come there, and their median. Random search: its median value after as many evaluations as CMA-ES has needed.
  --sizes <list>   values of n. Default 5,10
  --seeds <N>      1 to N. Default 30
  --budget <N>     Default 100000
  --peer           CatCMA of the Python package cmaes, too (SOUTHWELL_CMAES: its folder)
  --json           results as JSON; median evaluations of CMA-ES beside those of CatCMA, not seconds`;

const WORDS = ['a', 'b', 'c', 'd', 'e'];
const TARGET = 1e-10;

type Mixed = (x: readonly number[], words: readonly string[]) => number;
const sum = (x: readonly number[], term: (v: number, i: number) => number) => x.reduce((s, v, i) => s + term(v, i), 0);
/** Number of words before the first that is not the best one. */
const leading = (words: readonly string[]) => [...words, ''].findIndex((w) => w !== 'a');

/** All have the minimum 0 at the words 'a'. */
const functions: Readonly<Record<string, Mixed>> = {
  SphereCOM: (x, words) => sum(x, (v) => v * v) + words.filter((w) => w !== 'a').length,
  EllipsoidCLO: (x, words) =>
    sum(x, (v, i) => elementary.power(1e6, i / (x.length - 1)) * v * v) + words.length - leading(words),
  RosenbrockCLO: (x, words) =>
    sum(x.slice(1), (v, i) => 100 * (v - x[i] ** 2) ** 2 + (1 - x[i]) ** 2) + words.length - leading(words),
  MCProximity: (x, words) => {
    const z = words.map((w) => WORDS.indexOf(w) / WORDS.length);
    return sum(x, (v, i) => (v - z[i]) ** 2 + z[i]);
  },
};

/** Searches over categorical variables, beside random search and a peer. Nothing is timed. */
export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '5,10' },
      seeds: { type: 'string', default: '30' },
      budget: { type: 'string', default: '100000' },
      peer: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [budget, count] = [Number(values.budget), Number(values.seeds)];
  const seeds = Array.from({ length: count }, (_, k) => k + 1);
  const rows = Object.keys(functions).flatMap((name) =>
    values.sizes.split(',').map((size) => {
      const n = Number(size);
      const run = (method: MethodName, seed: number, most: number) => runOf(functions[name], n, method, seed, most);
      const reached = (method: MethodName) => summary(seeds.map((seed) => evaluationsOf(run(method, seed, budget))));
      const cmaEs = reached('cma-es');
      const random = median(seeds.map((seed) => run('random-search', seed, cmaEs.median || budget).objective));
      const peer = values.peer ? summary(peerRuns(name, n, seeds, budget)) : undefined;
      return { name, n, cmaEs, differentialEvolution: reached('differential-evolution'), random, peer };
    }),
  );
  if (!values.json) {
    const cell = ({ solved, median: m }: Summary) => `${solved}/${count}, ${solved === 0 ? '–' : m}`;
    console.log(`| function | n | cma-es |${values.peer ? ' CatCMA |' : ''} differential-evolution | random search |`);
    console.log(`| --- | --- | --- |${values.peer ? ' --- |' : ''} --- | --- |`);
    for (const { name, n, cmaEs, peer, differentialEvolution, random } of rows) {
      const others = [...(peer ? [cell(peer)] : []), cell(differentialEvolution), random.toPrecision(3)];
      console.log(`| ${[name, n, cell(cmaEs), ...others].join(' | ')} |`);
    }
  }
  const tasks = rows.map(({ name, n, ...row }) => ({
    name: `${name}, n = ${n}`,
    ...{ ours: row.cmaEs.ofAll, peer: row.peer?.ofAll, peerName: 'CatCMA', unit: 'evaluations', n },
    ...{ cmaEs: row.cmaEs, catCma: row.peer, differentialEvolution: row.differentialEvolution, random: row.random },
  }));
  return { tasks, json: values.json };
}

/** Numeric variables start at 3, the middle of their bounds, with step size 1. */
function runOf(f: Mixed, n: number, method: MethodName, seed: number, budget: number) {
  const categories = Object.fromEntries(Array.from({ length: n }, (_, i) => [n + i, WORDS]));
  const value = (x: MixedPoint) => f(x.slice(0, n) as number[], x.slice(n) as string[]);
  const space = { dim: 2 * n, lower: -2, upper: 8, sigma: 1, categories };
  return minimize(value, { ...space, method, seed, budget, target: TARGET });
}

const evaluationsOf = ({ objective, evaluations }: { objective: number; evaluations: number }) =>
  objective <= TARGET ? evaluations : Number.POSITIVE_INFINITY;

/** Evaluations of the peer to reach the target. Throws a sentence if it is not installed. */
function peerRuns(name: string, n: number, seeds: readonly number[], budget: number): number[] {
  const script = fileURLToPath(new URL('../peers/catcma.py', import.meta.url));
  const input = JSON.stringify({ budget, target: TARGET, runs: seeds.map((seed) => ({ function: name, n, seed })) });
  const { status, stdout, stderr } = spawnSync(python.command, [script], { env: environment, input, encoding: 'utf8' });
  if (status === 4) throw new Error('There is no Python package cmaes: set SOUTHWELL_CMAES to its folder.');
  if (status !== 0) throw new Error(`cmaes: ${stderr.trim().split('\n').at(-1)}`);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as number | null) ?? Number.POSITIVE_INFINITY);
}

type Summary = ReturnType<typeof summary>;

/** Over the runs that reached the target; `ofAll`, over all runs, is infinite if half of them did not. */
function summary(evaluations: readonly number[]) {
  const solved = evaluations.filter(Number.isFinite);
  return { solved: solved.length, median: solved.length === 0 ? 0 : median(solved), ofAll: median(evaluations) };
}

const median = (v: readonly number[]): number => [...v].sort((a, b) => a - b)[v.length >> 1];
