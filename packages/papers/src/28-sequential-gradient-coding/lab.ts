import { Random } from '@southwell/numerics/core';
import {
  gilbertElliott,
  type SequentialCodeOptions,
  sequentialCode,
  simulateStragglers,
} from 'southwell/distributed-methods';
import type { Pause } from '../pauses.ts';
import { locked } from './locked.ts';

/** Rules whose parameters are chosen on one path of delays. */
export const rules = {
  'm-sgc': 'M-SGC',
  'sr-sgc': 'SR-SGC',
  gc: 'gradient code',
  strict: 'gradient code of the authors, which tolerates one straggler less',
  again: 'missed chunks sent again, without a code',
  none: 'no code, all are waited for',
} as const;
export type Rule = keyof typeof rules;
export const ruleNames = Object.keys(rules) as Rule[];

/** Curves of charts, in the order of the rules. */
export const series = ruleNames.map((id) => ({ id, name: rules[id] }));

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, k) => from + k);

/** The codes of a rule that are tried for n workers, with at most so many rounds of delay. */
export function candidates(rule: Rule, n: number, maxDelay: number): SequentialCodeOptions[] {
  const { grids } = locked;
  const most = n - 1;
  if (rule === 'none') return [{ kind: 'none', n }];
  if (rule === 'gc' || rule === 'strict') {
    const [from, to] = grids[rule].s;
    return upTo(from, Math.min(to, most)).map((s) => ({
      kind: 'gc',
      n,
      s,
      ...(rule === 'strict' && { strict: true }),
    }));
  }
  const tried: SequentialCodeOptions[] = [];
  if (rule === 'sr-sgc') {
    const { B: bursts, lambda } = grids['sr-sgc'];
    for (const B of bursts.filter((length) => length <= maxDelay))
      for (const W of new Set([B + 1, 2 * B + 1]))
        for (const tolerated of upTo(lambda[0], Math.min(lambda[1], most)))
          tried.push({ kind: 'sr-sgc', n, B, W, lambda: tolerated });
    return tried;
  }
  const { B: bursts, W: windows, lambda } = grids['m-sgc'];
  // With λ = n nothing is coded: a worker sends again what it missed, in rounds that are kept for it.
  const tolerances = rule === 'again' ? [n] : upTo(lambda[0], Math.min(lambda[1], most));
  for (const B of bursts)
    for (const W of windows.filter((length) => length > B && length - 2 + B <= maxDelay))
      for (const tolerated of tolerances) tried.push({ kind: 'm-sgc', n, B, W, lambda: tolerated });
  return tried;
}

export interface Setting {
  readonly jobs: number;
  readonly loadSlope: number;
}

/** Seconds of jobs under a code, by the rule of the paper: a round that cannot do without its stragglers waits for all. */
export const secondsOf = (options: SequentialCodeOptions, delays: Float64Array, { jobs, loadSlope }: Setting): number =>
  simulateStragglers(sequentialCode(options), delays, { jobs, loadSlope, waitFor: 'all' }).runtime;

export interface Chosen {
  readonly options: SequentialCodeOptions;
  /** On the path that chose. */
  readonly seconds: number;
}

/** The fastest of some codes on a path of delays. */
export async function fastest(
  tried: readonly SequentialCodeOptions[],
  delays: Float64Array,
  setting: Setting,
  pause: Pause,
): Promise<Chosen> {
  let best: Chosen = { options: tried[0], seconds: Number.POSITIVE_INFINITY };
  for (const options of tried) {
    const seconds = secondsOf(options, delays, setting);
    if (seconds < best.seconds) best = { options, seconds };
    await pause();
  }
  return best;
}

/** Workers that are normal or slow by a Markov chain of two states. */
export interface Chain {
  readonly n: number;
  readonly pSlow: number;
  readonly pRecover: number;
  readonly slowFrom: number;
  readonly slowTo: number;
}

/** A path of delays of a run: paths with other numbers are independent. */
export function pathOf({ n, pSlow, pRecover, slowFrom, slowTo }: Chain, rounds: number, seed: number, path: number) {
  const draws = new Random(seed).split(28).split(path);
  return gilbertElliott({ n, rounds, pSlow, pRecover, slowFrom, slowTo, seed: draws.integer(2 ** 31) });
}

/** Delays that choose a code which is judged on others. */
export const choosing = (earlier: Float64Array, _later: Float64Array): Float64Array => earlier;

/** By how much less than another time one is, in per cent. */
export const saving = (seconds: number, other: number): number => 100 * (1 - seconds / other);

/** A code in short, for tables. */
export function codeText(options: SequentialCodeOptions): string {
  if (options.kind === 'none') return '–';
  if (options.kind === 'gc') return `s = ${options.s}`;
  return `B = ${options.B}, W = ${options.W}, λ = ${options.lambda}`;
}
