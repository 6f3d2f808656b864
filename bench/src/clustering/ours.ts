// southwell's side, in a process of its own: arguments folder, task, steps or lists, and probes if known; prints one
// line of JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix } from '@southwell/data/node';
import {
  type CovarianceKind,
  gaussianMixture,
  kMeans,
  NeighbourIndex,
  type Neighbours,
  nearestNeighbours,
} from 'southwell/clustering';
import type { Answer } from './contenders.ts';

const [folder, task, count, probes] = process.argv.slice(2);
const K = 10;
const read = (name: string) => readNpyMatrix(join(folder, `${name}.npy`));
const X = await read('X');
const answer = await ask();
const peak = Number(readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/)?.[1]) / 1024;
console.log(JSON.stringify({ ...answer, peak }));

async function ask(): Promise<Omit<Answer, 'peak'>> {
  if (task === 'neighbours' || task === 'exact-all') {
    const { cpu, result } = timed(() => nearestNeighbours(X, K), 5);
    return { cpu, value: distances(result) };
  }
  if (task === 'exact-queries') {
    const Q = await read('Q');
    const { cpu: made, result: index } = timed(() => NeighbourIndex.of(X, { lists: 'leaves' }), 1);
    const { cpu, result } = timed(() => index.search(Q, K), 5);
    return { cpu, value: distances(result), made };
  }
  if (task.startsWith('inverted-')) return inverted(Number(task.slice('inverted-'.length)));
  const init = await read('start');
  const maxIter = Number(count);
  if (task === 'k-means') {
    const { cpu, result } = timed(() => kMeans(X, init.rows, { init, tol: 0, maxIter }), 5, Number.POSITIVE_INFINITY);
    return { cpu, value: result.objective };
  }
  let value = Number.NEGATIVE_INFINITY;
  const covariance = task as CovarianceKind;
  const fit = (seed: number): void => {
    const options = { covariance, tol: 0, maxIter: maxIter - 1, seed, restarts: 1 };
    value = Math.max(value, gaussianMixture(X, init.rows, options).point.logLikelihood / X.rows);
  };
  // All five seeds.
  const { cpu } = timed(fit, 5, Number.POSITIVE_INFINITY);
  return { cpu, value };
}

/** With the smallest number of probes that reaches this recall over all queries. */
async function inverted(wanted: number): Promise<Omit<Answer, 'peak'>> {
  const Q = await read('Q');
  const { cpu: made, result: index } = timed(() => NeighbourIndex.of(X, { count: Number(count) }), 1);
  const exact = index.search(Q, K).squaredDistances;
  const recall = (probes: number): number => {
    const { squaredDistances } = index.search(Q, K, { probes });
    const hits = squaredDistances.filter((v, t) => v <= exact[t - (t % K) + K - 1]).length;
    return hits / squaredDistances.length;
  };
  let [low, high] = [0, probes ? Number(probes) : index.lists];
  while (!probes && high - low > 1) {
    const middle = (low + high) >> 1;
    if (recall(middle) < wanted) low = middle;
    else high = middle;
  }
  const { cpu, result } = timed(() => index.search(Q, K, { probes: high }), 5);
  return { cpu, value: distances(result), made, recall: recall(high), probes: high };
}

function distances({ squaredDistances }: Neighbours): number {
  return squaredDistances.reduce((sum, v) => sum + Math.sqrt(v), 0);
}

/** The minimum of CPU seconds over up to that many runs, at least two; no more are begun after `most` seconds. */
function timed<R>(work: (run: number) => R, runs: number, most = 2): { readonly cpu: number; readonly result: R } {
  let cpu = Number.POSITIVE_INFINITY;
  let result!: R;
  let total = 0;
  for (let r = 0; r < runs && (r < 2 || total < most); r++) {
    const before = process.cpuUsage();
    result = work(r);
    const { user, system } = process.cpuUsage(before);
    cpu = Math.min(cpu, (user + system) / 1e6);
    total += (user + system) / 1e6;
  }
  return { cpu, result };
}
