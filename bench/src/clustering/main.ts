import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeNpy } from '@southwell/data';
import { DenseMatrix, Random } from 'southwell';
import { benchmark, type Outcome } from '../command.ts';
import type { Measurement } from '../document.ts';
import { benchRoot } from '../linear-models/datasets.ts';
import { findVersions } from '../linear-models/interpreters.ts';
import { type Answer, agree, inTurn, ours, theirs } from './contenders.ts';
import { searches } from './searches.ts';

const usage = `Usage: npm run bench -- clustering [options]
  --rows <N>     Default 100000
  --cols <N>     Default 64
  --clusters <N> Default 50
  --steps <N>    updates of the means. Default 30
  --rounds <N>   of all contenders in turn; the ratio is the median of theirs. Default 3
  --only <part>  means, searches or mixtures
  --json         results as JSON on standard output, progress on standard error

k-means from the same points and the same random start, so many steps of Lloyd's, beside scikit-learn's two algorithms; one
thread each, CPU seconds, the best of five. The sums of squares must agree. Then the ten nearest neighbours of half as many
rows, beside faiss where python can import it: exact, of all rows and of 2000 others, and of these by inverted files at a
recall of 0.9, 0.95 and 0.99. Then, on a fifth of the rows, as many steps of
mixtures of normal distributions, each from k-means of its own with the best log-likelihood a row of five seeds beside it,
and the exact ten nearest neighbours of all rows, whose distances must agree.`;

/** The data: groups whose centres are about three standard deviations apart, and unclustered points. */
const sets = [
  ['groups', 2],
  ['cloud', 0],
] as const;

export const main = benchmark(usage, command);

function command(args: readonly string[]): Outcome | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '100000' },
      cols: { type: 'string', default: '64' },
      clusters: { type: 'string', default: '50' },
      steps: { type: 'string', default: '30' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const [rows, cols, k, steps, rounds] = (['rows', 'cols', 'clusters', 'steps', 'rounds'] as const).map((name) => {
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
  const settings = { rows, cols, k, steps: String(steps), rounds, say };
  const parts: Record<string, () => Measurement[]> = {
    means: () => means(settings),
    searches: () => searches({ rows: Math.ceil(rows / 2), cols, groups: k, rounds, say }),
    mixtures: () => mixtures(settings),
  };
  const { only } = values;
  if (only !== undefined && !Object.hasOwn(parts, only)) {
    throw new Error(`--only is one of ${Object.keys(parts).join(', ')}.`);
  }
  const results = Object.entries(parts).flatMap(([name, part]) => (only === undefined || name === only ? part() : []));
  return { tasks: results, json: values.json };
}

interface Settings {
  readonly rows: number;
  readonly cols: number;
  readonly k: number;
  readonly steps: string;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

const cells = (values: readonly number[]): string => values.map((v) => v.toPrecision(3).padStart(11)).join('');
const sizes = (...answers: readonly Answer[]): string =>
  answers.map(({ peak }) => peak.toFixed(0).padStart(11)).join('');

function means({ rows, cols, k, steps, rounds, say }: Settings): Measurement[] {
  say(`${rows} × ${cols}, ${k} clusters, ${steps} steps, one thread; seconds of CPU, MB at the peak\n`);
  say(`${'data'.padEnd(9)}${['southwell', 'lloyd', 'elkan', 'ratio', 'MB', 'MB'].map((t) => t.padStart(11)).join('')}`);
  return sets.map(([name, spread]) => {
    const folder = prepared(`kmeans-${name}-${rows}-${cols}-${k}`, rows, cols, k, spread);
    const { first, others, ratio } = inTurn(rounds, () => ours(folder, 'k-means', steps), [
      () => theirs(folder, 'lloyd', steps),
      () => theirs(folder, 'elkan', steps),
    ]);
    for (const p of others) agree(`k-means, ${name}`, first, p);
    const [lloyd, elkan] = others;
    const best = lloyd.cpu <= elkan.cpu ? lloyd : elkan;
    say(`${name.padEnd(9)}${cells([first.cpu, lloyd.cpu, elkan.cpu, ratio])}${sizes(first, best)}`);
    const sides = { ours: first.cpu, peer: best.cpu, peerName: `scikit-learn, ${best === lloyd ? 'lloyd' : 'elkan'}` };
    return { name: `k-means, ${name}`, ...sides, ratio, memoryRatio: first.peak / best.peak, own: first, lloyd, elkan };
  });
}

function mixtures({ rows, cols, k, steps, say }: Settings): Measurement[] {
  const fewer = Math.max(k, Math.ceil(rows / 5));
  const folder = prepared(`kmeans-groups-${fewer}-${cols}-${k}`, fewer, cols, k, 2);
  say(`\n${fewer} × ${cols}, groups\n`);
  const titles = ['southwell', 'sklearn', 'ratio', 'MB', 'MB'].map((t) => t.padStart(11));
  say(`${'task'.padEnd(20)}${titles.join('')}  value`);
  const tasks = ['full', 'tied', 'diagonal', 'spherical', ...(fewer > 10 ? ['neighbours'] : [])];
  return tasks.map((task) => {
    const [a, b] = [ours(folder, task, steps), theirs(folder, task, steps)];
    if (task === 'neighbours') agree(task, a, b);
    const ratio = a.cpu / b.cpu;
    const ends = [a.value, b.value].map((v) => v.toPrecision(7)).join(', ');
    const title = task === 'neighbours' ? task : `mixture, ${task}`;
    say(`${title.padEnd(20)}${cells([a.cpu, b.cpu, ratio])}${sizes(a, b)}  ${ends}`);
    const sides = { ours: a.cpu, peer: b.cpu, peerName: 'scikit-learn', memoryRatio: a.peak / b.peak };
    return { name: title, ...sides, own: a, theirs: b };
  });
}

/** Points and initial centres as files that both sides read. */
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
