import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchRoot } from '../linear-models/datasets.ts';
import { environment, python } from '../linear-models/interpreters.ts';

/** The result of a contender in a process of its own: best CPU seconds, and peak memory in megabytes. */
export interface Answer {
  readonly cpu: number;
  /** For k-means the sum of squares, for mixtures the log-likelihood per row, for neighbours the sum of distances. */
  readonly value: number;
  readonly peak: number;
  /** For approximate searches: the recall, and the number of lists probed. */
  readonly recall?: number;
  readonly probes?: number;
  /** Seconds for building the index. */
  readonly made?: number;
}

export const ours = (...args: string[]): Answer =>
  answer(process.execPath, [fileURLToPath(new URL('./ours.js', import.meta.url)), ...args]);

export const theirs = (...args: string[]): Answer =>
  answer(python.command, [join(benchRoot, 'peers/clustering.py'), ...args]);

export const faiss = (...args: string[]): Answer =>
  answer(python.command, [join(benchRoot, 'peers/neighbours.py'), ...args]);

function answer(program: string, args: readonly string[]): Answer {
  const { status, stdout, stderr } = spawnSync(program, args, { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args[0]} ended: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

export function agree(what: string, a: Answer, b: Answer): void {
  if (Math.abs(b.value - a.value) <= 1e-6 * Math.abs(a.value)) return;
  throw new Error(`${what}: the end is ${a.value}, but ${b.value} for the peer.`);
}

/**
 * Runs all contenders in turn, repeatedly: returns the best of each, and the median over rounds of the ratio of the
 * first to the fastest other, which is least disturbed by other work on the machine.
 */
export function inTurn(
  rounds: number,
  first: () => Answer,
  others: ReadonlyArray<() => Answer>,
): { readonly first: Answer; readonly others: readonly Answer[]; readonly ratio: number } {
  const runs = Array.from({ length: rounds }, () => ({ own: first(), peers: others.map((other) => other()) }));
  const best = (answers: readonly Answer[]) => answers.reduce((a, b) => (b.cpu < a.cpu ? b : a));
  const ratios = runs.map(({ own, peers }) => own.cpu / best(peers).cpu).sort((a, b) => a - b);
  return {
    first: best(runs.map(({ own }) => own)),
    others: others.map((_, i) => best(runs.map(({ peers }) => peers[i]))),
    ratio: ratios[(rounds - 1) >> 1],
  };
}
