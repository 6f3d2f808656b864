import { parseArgs } from 'node:util';
import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import {
  asynchronousMethodNames,
  type MethodName,
  Search,
  simulateWorkers,
  testFunction,
  testFunctionNames,
} from 'southwell/black-box';
import { benchmark, type Outcome } from './command.ts';

const usage = `Usage: npm run bench -- asynchronous [options]
Simulated time to a value of 1e-8 in batches and asynchronously, for some laws of how long an evaluation takes.
  --methods <list>    of ${asynchronousMethodNames.join(', ')}. Default cma-es,differential-evolution
  --functions <list>  of ${testFunctionNames.join(', ')}. Default sphere,rosenbrock,ellipsoid
  --dim <N>           Default 5
  --jobs <N>          Default 8
  --population <N>    of both methods. Default: each method's own
  --seeds <N>         1 to N, of which medians are shown. Default 21
  --json              results as JSON; the peer is the same method in batches, the unit a mean duration`;

/** Duration of an evaluation as a function of a uniform random number; mean 1. */
const laws: Readonly<Record<string, (u: number) => number>> = {
  equal: () => 1,
  uniform: (u) => 2 * u,
  exponential: (u) => -elementary.log(1 - u),
  // Slow evaluations take twenty times as long.
  'one in 20 slow': (u) => (u < 0.05 ? 20 : 1) / 1.95,
};

/** The speed-up of asynchronous search. Nothing is timed: the workers' clock is simulated. */
export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      methods: { type: 'string', default: 'cma-es,differential-evolution' },
      functions: { type: 'string', default: 'sphere,rosenbrock,ellipsoid' },
      dim: { type: 'string', default: '5' },
      jobs: { type: 'string', default: '8' },
      population: { type: 'string' },
      seeds: { type: 'string', default: '21' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const whole = (name: string, text: string): number => {
    if (/^[1-9]\d*$/.test(text)) return Number(text);
    throw new Error(`--${name} is a whole number from 1.`);
  };
  const dim = whole('dim', values.dim);
  const jobs = whole('jobs', values.jobs);
  const seeds = whole('seeds', values.seeds);
  const population = values.population === undefined ? undefined : whole('population', values.population);
  const rows = values.methods.split(',').flatMap((method) =>
    values.functions.split(',').flatMap((name) =>
      Object.keys(laws).map((law) => {
        const both = [false, true].map((asynchronous) => {
          const runs = Array.from({ length: seeds }, (_, k) => {
            const { f } = testFunction(name, dim);
            const random = new Random(k + 1).split(1);
            const search = new Search({
              x0: new Array(dim).fill(2),
              method: { name: method as Exclude<MethodName, 'random-search'>, population } as { name: 'cma-es' },
              budget: 10_000 * dim,
              target: 1e-8,
              seed: k + 1,
              asynchronous,
            });
            const time = simulateWorkers(f, search, { jobs, duration: () => laws[law](random.uniform()) });
            return search.best && search.best.value <= 1e-8
              ? { time, evaluations: search.evaluations }
              : { time: Number.POSITIVE_INFINITY, evaluations: Number.POSITIVE_INFINITY };
          });
          const reached = runs.filter(({ time }) => Number.isFinite(time)).length;
          return {
            time: median(runs.map(({ time }) => time)),
            evaluations: median(runs.map(({ evaluations }) => evaluations)),
            reached,
          };
        });
        return { method, function: name, law, batches: both[0], asynchronous: both[1] };
      }),
    ),
  );
  if (!values.json) {
    console.log(`${dim} coordinates, ${jobs} workers, median of ${seeds} seeds; time in mean durations\n`);
    console.log(
      '| method | f | durations | time in batches | asynchronous | gain | evaluations in batches | asynchronous | solved |',
    );
    console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
    for (const { method, function: name, law, batches: b, asynchronous: a } of rows) {
      const gain = (b.time / a.time).toFixed(2);
      const cells = [method, name, law, b.time.toFixed(0), a.time.toFixed(0), gain, b.evaluations, a.evaluations];
      console.log(`| ${[...cells, `${b.reached}, ${a.reached}`].join(' | ')} |`);
    }
  }
  const tasks = rows.map(({ batches, asynchronous, ...row }) => ({
    name: `${row.method}, ${row.function}, ${row.law}`,
    ...{ ours: asynchronous.time, peer: batches.time, peerName: 'in batches', unit: 'mean durations' },
    ...{ ...row, batches, asynchronous },
  }));
  return { tasks, json: values.json };
}

const median = (v: readonly number[]): number => [...v].sort((a, b) => a - b)[v.length >> 1];
