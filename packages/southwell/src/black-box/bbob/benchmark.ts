import { knownKeys, Random } from '@southwell/numerics/core';
import { Search, type SearchOptions, searchKeys } from '../search.ts';
import { bbob } from './functions.ts';

/** One search on one instance. */
export interface BenchmarkRun {
  readonly number: number;
  readonly dim: number;
  readonly instance: number;
  /**
   * For each precision of the benchmark: number of evaluations until a value was within it of the optimum; undefined if
   * never.
   */
  readonly hits: ReadonlyArray<number | undefined>;
  readonly evaluations: number;
}

/** Precisions 10², 10^1.8 … 10⁻⁸: the 51 targets of COCO's figures. */
export const precisions: readonly number[] = Array.from({ length: 51 }, (_, k) => 10 ** (2 - k / 5));

/** Starting point of a run on an instance: uniform in [−4, 4]ⁿ, determined by the seed. */
export function benchmarkStart(dim: number, instance: number, seed = 0): number[] {
  const random = new Random(seed).split(instance);
  return Array.from({ length: dim }, () => 8 * random.uniform() - 4);
}

/**
 * Runs a search on an instance until the last precision is reached or the budget is spent. Without x0 it starts from
 * {@link benchmarkStart} with step size 2, as is customary for the benchmark, whose functions have no bounds.
 */
export function benchmarkRun(
  number: number,
  dim: number,
  instance: number,
  options: SearchOptions,
  targets: readonly number[] = precisions,
): BenchmarkRun {
  knownKeys('benchmarkRun', options, searchKeys);
  const { f, fopt } = bbob(number, dim, instance);
  const x0 = benchmarkStart(dim, instance, options.seed);
  const search = new Search({ x0, sigma: 2, ...options, dim, target: fopt + targets[targets.length - 1] });
  const hits = new Array<number | undefined>(targets.length).fill(undefined);
  let reached = 0;
  for (let c = search.ask(); c; c = search.ask()) {
    const value = f(c.x);
    search.tell(c.id, value);
    while (reached < targets.length && value - fopt <= targets[reached]) hits[reached++] = c.id + 1;
  }
  return { number, dim, instance, hits, evaluations: search.evaluations };
}

/**
 * Expected running time to a target (Hansen et al. 2009): all evaluations spent before it was hit, including those of
 * unsuccessful runs, divided by the number of hits; infinity without any. `k` is the index of the precision.
 */
export function expectedRunningTime(runs: readonly BenchmarkRun[], k: number): number {
  let spent = 0;
  let successes = 0;
  for (const { hits, evaluations } of runs) {
    spent += hits[k] ?? evaluations;
    if (hits[k] !== undefined) successes++;
  }
  return successes > 0 ? spent / successes : Number.POSITIVE_INFINITY;
}

/**
 * The empirical distribution of running times: for every multiple of the dimension, the fraction of pairs of run and
 * target that were hit by then. The grid is at powers of 10^(1/10), from 1 to the largest budget.
 */
export function runtimeDistribution(runs: readonly BenchmarkRun[]): { x: number[]; share: number[] } {
  const times: number[] = [];
  let pairs = 0;
  let longest = 1;
  for (const { hits, evaluations, dim } of runs) {
    pairs += hits.length;
    longest = Math.max(longest, evaluations / dim);
    for (const h of hits) if (h !== undefined) times.push(h / dim);
  }
  times.sort((a, b) => a - b);
  const x: number[] = [];
  const share: number[] = [];
  let at = 0;
  for (let k = 0; ; k++) {
    const limit = 10 ** (k / 10);
    while (at < times.length && times[at] <= limit) at++;
    x.push(limit);
    share.push(at / pairs);
    if (limit >= longest) return { x, share };
  }
}
