import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readTable, simulatedRatings } from '@southwell/data/node';
import { Random } from 'southwell';
import { benchmark, type Outcome } from '../command.ts';
import { fastest, type Measurement } from '../document.ts';
import { environment, python } from '../linear-models/interpreters.ts';
import { type Entries, pack, type Split } from './data.ts';

const usage = `Usage: npm run bench -- completion [options]
  --data <file>     ratings (user, item, rating in the first three columns), such as MovieLens' u.data,
                    in place of simulated ratings of the size of MovieLens 100K
  --ranks <list>    Default 10,32
  --sweeps <N>      Default 15
  --repeats <N>     runs in each process; the median of their CPU seconds counts. Default 5
  --json            results as JSON on standard output, progress on standard error; with all traces`;

/** Relative tolerance above the best held-out error of als within which errors count as equal. */
const SAME = 1e-3;
const LAMBDAS = [4, 7, 10, 14, 18, 25];

interface Trial {
  readonly runs: ReadonlyArray<ReadonlyArray<{ readonly seconds: number; readonly error: number }>>;
  readonly megabytes: number;
}

/** CPU seconds of matrix completion to the same held-out error. */
export const main = benchmark(usage, command);

async function command(args: readonly string[]): Promise<Outcome | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      ranks: { type: 'string', default: '10,32' },
      sweeps: { type: 'string', default: '15' },
      repeats: { type: 'string', default: '5' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const split = await readSplit(values.data);
  const folder = mkdtempSync(join(tmpdir(), 'southwell-bench-'));
  const all: Measurement[] = [];
  const say = values.json ? console.error : console.log;
  try {
    const [path, tuning] = ['entries.f64', 'tuning.f64'].map((name) => join(folder, name));
    writeFileSync(path, pack(split));
    writeFileSync(tuning, pack({ ...split, ...parted(split.train, 2) }));
    for (const rank of values.ranks.split(',')) {
      const { sweeps, repeats } = values;
      // Tuned for als alone, on a tenth of the entries as validation set: all methods have the same objective.
      const errors = LAMBDAS.map((lambda) => best(ours(tuning, 'als', rank, lambda, sweeps, '1')));
      const lambda = LAMBDAS[errors.indexOf(Math.min(...errors))];
      const contenders: Readonly<Record<string, Trial | undefined>> = {
        als: ours(path, 'als', rank, lambda, sweeps, repeats),
        robust: ours(path, 'robust', rank, lambda, sweeps, repeats),
        sketched: ours(path, 'sketched', rank, lambda, sweeps, repeats),
        'soft-impute': ours(path, 'soft-impute', rank, lambda, sweeps, repeats),
        'NumPy ALS': peer(path, 'numpy', rank, lambda, sweeps, repeats),
        'Numba ALS': peer(path, 'numba', rank, lambda, sweeps, repeats),
      };
      const target = best(contenders.als!) + SAME;
      const reference = time(contenders.als!, target);
      say(
        `\n${split.rows} × ${split.cols}, ${split.train.value.length} entries; rank ${rank}, λ = ${lambda}, to a held-out error of ${target.toFixed(4)} (biases alone: ${contenders.als!.runs[0][0].error.toFixed(4)})`,
      );
      say('  method        CPU s   of als   best error    MB');
      for (const [name, outcome] of Object.entries(contenders)) {
        if (!outcome) {
          say(`  ${name.padEnd(12)} not there`);
          continue;
        }
        const seconds = time(outcome, target);
        const [ratio, least] = [(seconds / reference).toFixed(2), best(outcome).toFixed(4)];
        const reached = Number.isFinite(seconds) ? seconds.toFixed(4) : 'never';
        say(
          `  ${name.padEnd(12)} ${reached.padStart(7)} ${ratio.padStart(7)} ${least.padStart(12)} ${outcome.megabytes.toFixed(0).padStart(6)}`,
        );
      }
      const found = Object.entries(contenders).flatMap(([name, outcome]) =>
        outcome ? [[name, outcome] as const] : [],
      );
      const isPeer = ([name]: readonly [string, Trial]) => name.endsWith(' ALS');
      const cost = (outcome: Trial) => time(outcome, target);
      const [mine, theirs] = [
        fastest(
          found.filter((one) => !isPeer(one)),
          cost,
        ),
        fastest(found.filter(isPeer), cost),
      ];
      const sides = { ours: mine.cost, oursBy: mine.name, peer: theirs.cost, peerName: theirs.name };
      const memoryRatio = mine.found && theirs.found ? mine.found.megabytes / theirs.found.megabytes : null;
      all.push({ name: `rank ${rank}`, ...sides, memoryRatio, rank, lambda, target, contenders });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { tasks: all, json: values.json };
}

/** Median over runs of the CPU seconds to the first sweep with the error; infinite for runs that never reach it. */
function time({ runs }: Trial, target: number): number {
  const times = runs.map((trace) => trace.find(({ error }) => error <= target)?.seconds ?? Number.POSITIVE_INFINITY);
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

const best = ({ runs }: Trial): number => Math.min(...runs[0].map(({ error }) => error));

function outcomeOf(command: string, args: readonly string[]): Trial | undefined {
  const { stdout, status } = spawnSync(command, args, { env: environment, encoding: 'utf8', maxBuffer: 1 << 26 });
  return status === 0 ? (JSON.parse(stdout) as Trial) : undefined;
}

function ours(path: string, method: string, rank: string, lambda: number, sweeps: string, repeats: string): Trial {
  const script = fileURLToPath(new URL('./contender.js', import.meta.url));
  const outcome = outcomeOf(process.execPath, [script, path, method, rank, String(lambda), sweeps, repeats]);
  if (!outcome) throw new Error(`${method} failed.`);
  return outcome;
}

function peer(path: string, kind: string, rank: string, lambda: number, sweeps: string, repeats: string) {
  const script = fileURLToPath(new URL('../../peers/als.py', import.meta.url));
  return outcomeOf(python.command, [script, path, kind, rank, String(lambda), sweeps, repeats]);
}

async function readSplit(file: string | undefined): Promise<Split> {
  if (file !== undefined && !existsSync(file)) throw new Error(`There is no file ${file}.`);
  const { rows, cols, entries } = file === undefined ? simulated() : await listed(file);
  return { rows, cols, ...parted(entries, 1) };
}

/** A random tenth of the entries as `test`, the rest as `train`. */
function parted(entries: Entries, seed: number): Pick<Split, 'train' | 'test'> {
  const order = new Random(seed).permutation(entries.value.length);
  const tenth = Math.floor(order.length / 10);
  const pick = (which: Int32Array): Entries => ({
    row: Array.from(which, (e) => entries.row[e]),
    col: Array.from(which, (e) => entries.col[e]),
    value: Array.from(which, (e) => entries.value[e]),
  });
  return { train: pick(order.slice(tenth)), test: pick(order.slice(0, tenth)) };
}

function simulated() {
  const { users, items, user, item, value } = simulatedRatings({ seed: 1 });
  return { rows: users, cols: items, entries: { row: user, col: item, value } };
}

async function listed(file: string) {
  const { columns } = await readTable(file);
  const [row, col, value] = columns.slice(0, 3).map((column) => {
    if (column.type !== 'number') throw new Error(`Column ${column.name} of ${file} is not of numbers.`);
    return column.values;
  });
  const largest = (v: Float64Array) => v.reduce((a, b) => Math.max(a, b), 0);
  return { rows: largest(row) + 1, cols: largest(col) + 1, entries: { row, col, value } };
}
