import { type Outcome, outcomes, type Verdict } from './experiment.ts';
import type { Claim, PaperRecord } from './record.ts';
import type { Released } from './released.ts';
import type { Size } from './size.ts';

/**
 * The outcomes of a paper's claims over any number of runs: a single computation for the shell, the page, feeds and
 * mails.
 */

/** The part of a run that is needed. */
export interface Judged {
  /** ISO 8601; among runs of a claim with the same size and seed the latest counts. */
  readonly date: string;
  /** Non-default parameters; runs with any do not count, since bars apply to the defaults. */
  readonly set?: Readonly<Record<string, number>>;
  readonly verdicts: readonly Verdict[];
  /** Whether it is a run of the user; absent or false for released results. */
  readonly own?: boolean;
}

/** The outcome of one claim over all runs. */
export interface Standing {
  readonly claim: string;
  /** Absent if undecided by any run so far. */
  readonly outcome?: Outcome;
  /** The full size if there are runs of it; quick runs are then ignored. */
  readonly size?: Size;
  /** Ascending. */
  readonly seeds: readonly number[];
  /** Number of verdicts that count by outcome, one per seed. */
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  /** The verdicts that count, by ascending seed. */
  readonly verdicts: readonly Verdict[];
  /** Whether at least one of them is from the user's own run. */
  readonly own: boolean;
}

/** The released results, as runs beside the user's own. */
export const releasedRuns = (released: Released | undefined): Judged[] =>
  (released?.runs ?? []).map(({ verdicts }) => ({ date: released!.date, verdicts }));

interface Counting {
  readonly verdict: Verdict;
  readonly date: string;
  readonly own: boolean;
}

/** Among runs with default parameters, the latest verdict for each claim, size and seed. */
function latestOf(runs: readonly Judged[]): Counting[] {
  const latest = new Map<string, Counting>();
  for (const { date, set = {}, verdicts, own = false } of runs) {
    if (Object.keys(set).length > 0) continue;
    for (const verdict of verdicts) {
      const key = `${verdict.claim} ${verdict.size} ${verdict.seed}`;
      if (date >= (latest.get(key)?.date ?? '')) latest.set(key, { verdict, date, own });
    }
  }
  return [...latest.values()];
}

/** A minimal subset of the runs with the same counting verdicts. */
export const countingRuns = (runs: readonly Judged[]): Judged[] =>
  latestOf(runs).map(({ verdict, date, own }) => ({ date, verdicts: [verdict], ...(own && { own }) }));

/** The outcome of each claim of a paper, in its order, over all runs of that paper with default parameters. */
export function standings({ claims }: { readonly claims: readonly Claim[] }, runs: readonly Judged[]): Standing[] {
  const latest = latestOf(runs);
  return claims.map(({ id }) => {
    const all = latest.filter((c) => c.verdict.claim === id).sort((a, b) => a.verdict.seed - b.verdict.seed);
    const size = all.some((c) => c.verdict.size === 'full') ? 'full' : 'quick';
    const kept = all.filter((c) => c.verdict.size === size);
    if (kept.length === 0) return { claim: id, seeds: [], counts: {}, verdicts: [], own: false };
    const verdicts = kept.map((k) => k.verdict);
    const counts: Partial<Record<Outcome, number>> = {};
    for (const { outcome } of verdicts) counts[outcome] = (counts[outcome] ?? 0) + 1;
    const outcome = outcomeOver(counts, verdicts.length);
    const own = kept.some((k) => k.own);
    return { claim: id, outcome, size, seeds: verdicts.map((v) => v.seed), counts, verdicts, own };
  });
}

/**
 * Combines the outcomes of seeds as a verdict combines measurements: it holds if it does for every seed, and does not
 * if it does for none; `undecided` if undecided seeds could make it one of these, otherwise `partly`.
 */
function outcomeOver(counts: Standing['counts'], all: number): Outcome {
  const { undecided = 0 } = counts;
  for (const outcome of ['holds', 'does not hold'] as const) {
    const n = counts[outcome] ?? 0;
    if (n + undecided === all) return undecided > 0 ? 'undecided' : outcome;
  }
  return 'partly';
}

/** Number of claims by outcome, with the sizes and seeds that were run. */
export interface Tally {
  /** Number of claims of the paper. */
  readonly of: number;
  /** Occurring outcomes, best first, each with its number of claims. */
  readonly parts: ReadonlyArray<{ readonly outcome: Outcome; readonly claims: number; readonly text: string }>;
  readonly withoutVerdict: number;
  /** The size if it is the same for all; otherwise the number of claims by size. */
  readonly size: string;
  readonly seeds: readonly number[];
  /** Number of claims whose outcome includes a run of the user. */
  readonly own: number;
  /** `3 of 3 hold · quick · seeds 1–5`. */
  readonly text: string;
}

const many: Readonly<Record<Outcome, readonly [one: string, more: string]>> = {
  holds: ['holds', 'hold'],
  partly: ['partly holds', 'partly hold'],
  'does not hold': ['does not hold', 'do not hold'],
  undecided: ['is undecided', 'are undecided'],
};

export function tallyOf(all: readonly Standing[]): Tally {
  const of = all.length;
  const parts = outcomes.flatMap((outcome) => {
    const claims = all.filter((s) => s.outcome === outcome).length;
    return claims === 0 ? [] : [{ outcome, claims, text: many[outcome][claims === 1 ? 0 : 1] }];
  });
  const told = parts.map(({ claims, text }, k) => (k === 0 ? `${claims} of ${of} ${text}` : `${claims} ${text}`));
  const judged = all.filter((s) => s.outcome !== undefined);
  const withoutVerdict = of - judged.length;
  if (judged.length === 0) {
    return { of, parts: [], withoutVerdict, size: '', seeds: [], own: 0, text: `none of ${of} decided yet` };
  }
  if (withoutVerdict > 0) told.push(`${withoutVerdict} without verdict`);
  const full = judged.filter((s) => s.size === 'full').length;
  const size = full === 0 ? 'quick' : full === judged.length ? 'full' : `${full} full, ${judged.length - full} quick`;
  const seeds = [...new Set(judged.flatMap((s) => s.seeds))].sort((a, b) => a - b);
  const text = `${told.join(', ')} · ${size} · ${seedsText(seeds)}`;
  return { of, parts, withoutVerdict, size, seeds, own: judged.filter((s) => s.own).length, text };
}

/** `seed 7`, `seeds 1–5`, `seeds 1–3, 7 and 9`; for many seeds only their number. */
export function seedsText(seeds: readonly number[]): string {
  const ranges: Array<[number, number]> = [];
  for (const seed of seeds) {
    const last = ranges.at(-1);
    if (last && seed === last[1] + 1) last[1] = seed;
    else ranges.push([seed, seed]);
  }
  if (ranges.length > 4) return `${seeds.length} seeds`;
  const told = ranges.flatMap(([a, b]) => (b > a + 1 ? `${a}–${b}` : a === b ? `${a}` : [`${a}`, `${b}`]));
  const list = told.length > 1 ? `${told.slice(0, -1).join(', ')} and ${told.at(-1)}` : told[0];
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${list}`;
}

/** The line for a paper: `3 of 3 hold · quick · seeds 1–5`. */
export const standingText = (record: Pick<PaperRecord, 'claims'>, runs: readonly Judged[]): string =>
  tallyOf(standings(record, runs)).text;

/** The line for a claim: `holds · quick · seeds 1–5`, `partly: on 3 of 5 seeds · quick · seeds 1–5`. */
export function claimStandingText({ outcome, size, seeds, counts }: Standing): string {
  if (!outcome) return 'no verdict yet';
  const mixed = Object.keys(counts).length > 1;
  const how = outcomes.flatMap((o) => (counts[o] ? `${o} on ${counts[o]}` : []));
  return `${outcome}${mixed ? ` (${how.join(', ')})` : ''} · ${size} · ${seedsText(seeds)}`;
}
