import { type Outcome, outcomes, type Verdict } from './experiment.ts';
import type { Claim, PaperRecord } from './record.ts';
import type { Released } from './released.ts';
import type { Size } from './size.ts';

/**
 * How the claims of a paper stand after any number of runs: the one count that the shell, the page, feeds and mails show.
 */

/** What is needed of a run. */
export interface Judged {
  /** ISO 8601; of two runs of a claim with the same size and seed the later counts. */
  readonly date: string;
  /** The parameters that were set; bars are for the defaults, so such runs do not count. */
  readonly set?: Readonly<Record<string, number>>;
  readonly verdicts: readonly Verdict[];
  /** Of this reader; absent or false for what ships with the product. */
  readonly own?: boolean;
}

/** How one claim stands. */
export interface Standing {
  readonly claim: string;
  /** Absent where nothing has decided it yet. */
  readonly outcome?: Outcome;
  /** The full size where it ran at all: what quick runs say then does not count. */
  readonly size?: Size;
  /** Rising. */
  readonly seeds: readonly number[];
  /** Of the verdicts that count, one a seed. */
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  /** The verdicts that count, by rising seed. */
  readonly verdicts: readonly Verdict[];
  /** One of them at least is of the reader's own run. */
  readonly own: boolean;
}

/** What ships with the product, as runs beside the reader's own. */
export const releasedRuns = (released: Released | undefined): Judged[] =>
  (released?.runs ?? []).map(({ verdicts }) => ({ date: released!.date, verdicts }));

interface Counting {
  readonly verdict: Verdict;
  readonly date: string;
  readonly own: boolean;
}

/** Of runs with default parameters the latest verdict of each claim, size and seed. */
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

/** The same verdicts count of these runs as of all of them, and there are no more than there must be. */
export const countingRuns = (runs: readonly Judged[]): Judged[] =>
  latestOf(runs).map(({ verdict, date, own }) => ({ date, verdicts: [verdict], ...(own && { own }) }));

/** Each claim of a paper, in its order, over all runs of that paper with default parameters. */
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
 * What seeds say together, as the measurements of one verdict do: it holds if it does on every seed, and does not if it
 * does on none; `undecided` where seeds that are could make it one of these, `partly` otherwise.
 */
function outcomeOver(counts: Standing['counts'], all: number): Outcome {
  const { undecided = 0 } = counts;
  for (const outcome of ['holds', 'does not hold'] as const) {
    const n = counts[outcome] ?? 0;
    if (n + undecided === all) return undecided > 0 ? 'undecided' : outcome;
  }
  return 'partly';
}

/** How many claims stand how, with what was run for it. */
export interface Tally {
  /** Claims of the paper. */
  readonly of: number;
  /** Outcomes that occur, best first, each with its number of claims. */
  readonly parts: ReadonlyArray<{ readonly outcome: Outcome; readonly claims: number; readonly text: string }>;
  readonly withoutVerdict: number;
  /** Where all have one, the size; otherwise how many have which. */
  readonly size: string;
  readonly seeds: readonly number[];
  /** Claims whose verdict rests on a run of the reader's. */
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

/** `seed 7`, `seeds 1–5`, `seeds 1–3, 7 and 9`; of many only how many they are. */
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

/** A paper's line: `3 of 3 hold · quick · seeds 1–5`. */
export const standingText = (record: Pick<PaperRecord, 'claims'>, runs: readonly Judged[]): string =>
  tallyOf(standings(record, runs)).text;

/** One claim's: `holds · quick · seeds 1–5`, `partly: on 3 of 5 seeds · quick · seeds 1–5`. */
export function claimStandingText({ outcome, size, seeds, counts }: Standing): string {
  if (!outcome) return 'no verdict yet';
  const mixed = Object.keys(counts).length > 1;
  const how = outcomes.flatMap((o) => (counts[o] ? `${o} on ${counts[o]}` : []));
  return `${outcome}${mixed ? ` (${how.join(', ')})` : ''} · ${size} · ${seedsText(seeds)}`;
}
