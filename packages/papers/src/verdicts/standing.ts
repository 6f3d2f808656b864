import { type Outcome, outcomes, type Verdict } from '../experiment.ts';
import { type Claim, decidedAt, type PaperRecord } from '../record.ts';
import type { Size } from '../size.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { lockedDigest } from './locked.ts';
import type { Released } from './released.ts';

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
  /** The digest of what was locked ({@link lockedDigest}); runs under another than today's do not count. */
  readonly locked?: string;
  readonly verdicts: readonly Verdict[];
  /** Whether it is a run of the user; absent or false for released results. */
  readonly own?: boolean;
}

/** What is known of a paper beside runs: see {@link Released}. */
export type Evidence = Partial<Pick<Released, 'ledger' | 'seen'>>;

/** The outcome of one claim over the runs of one size. */
export interface SizeStanding {
  readonly outcome: Outcome;
  readonly size: Size;
  /** Ascending. */
  readonly seeds: readonly number[];
  /** Number of verdicts that count by outcome, one per seed. */
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  /** The verdicts that count, by ascending seed. */
  readonly verdicts: readonly Verdict[];
}

/** The outcome of one claim over all runs: the worse of the two sizes. */
export interface Standing {
  readonly claim: string;
  /** Absent if undecided by any run so far. */
  readonly outcome?: Outcome;
  /** The size that has this outcome; the full one if both have. */
  readonly size?: Size;
  readonly sizes: Readonly<Partial<Record<Size, SizeStanding>>>;
  /** Whether quick runs give no verdict on it. */
  readonly smoke: boolean;
  /** Whether at least one of the verdicts is from the user's own run. */
  readonly own: boolean;
  /** What the claim holds as well with or without, if a null meets it. */
  readonly asWell?: string;
}

/** The released results, as runs beside the user's own. */
export const releasedRuns = (released: Released | undefined): Judged[] =>
  (released?.runs ?? []).map(({ verdicts, date, locked }) => ({ date, verdicts, locked }));

interface Counting {
  readonly verdict: Verdict;
  readonly run: Judged;
}

/** Among runs with default parameters, the latest verdict for each claim, size and seed. */
function latestOf(runs: readonly Judged[]): Counting[] {
  const latest = new Map<string, Counting>();
  for (const run of runs) {
    if (Object.keys(run.set ?? {}).length > 0) continue;
    for (const verdict of run.verdicts) {
      const key = `${verdict.claim} ${verdict.size} ${verdict.seed}`;
      if (run.date >= (latest.get(key)?.run.date ?? '')) latest.set(key, { verdict, run });
    }
  }
  return [...latest.values()];
}

/** A minimal subset of the runs with the same counting verdicts. */
export const countingRuns = (runs: readonly Judged[]): Judged[] =>
  latestOf(runs).map(({ verdict, run: { date, locked, own } }) => ({
    date,
    verdicts: [verdict],
    ...(locked !== undefined && { locked }),
    ...(own && { own }),
  }));

type Claiming = Pick<PaperRecord, 'claims' | 'grids'>;

/** Why a run does not count for a claim, as the end of a sentence; undefined if it does. */
export function discounted(
  record: Claiming,
  claim: Claim,
  { set = {}, locked, seed }: Pick<Judged, 'set' | 'locked'> & { readonly seed: number },
  seen: Evidence['seen'] = {},
): string | undefined {
  const now =
    'experiment' in claim && claim.experiment !== undefined ? lockedDigest(record, claim.experiment) : undefined;
  if (Object.keys(set).length > 0) return 'bars are for the default parameters';
  if (locked !== now) return 'its bars or sizes were others';
  if (seen[claim.id]?.includes(seed)) return `results of seed ${seed} were known when the bars were fixed`;
  return undefined;
}

/** The outcome of each claim of a paper, in its order, over all runs of that paper that count. */
export function standings(record: Claiming, runs: readonly Judged[], { ledger, seen }: Evidence = {}): Standing[] {
  return record.claims.map((claim) => {
    const counting = runs.map((run) => ({
      ...run,
      verdicts: run.verdicts.filter(
        (v) => v.claim === claim.id && !discounted(record, claim, { ...run, seed: v.seed }, seen),
      ),
    }));
    const all = latestOf(counting).sort((a, b) => a.verdict.seed - b.verdict.seed);
    const ofSize = (size: Size): SizeStanding[] => {
      const verdicts = all.filter((c) => c.verdict.size === size).map((c) => c.verdict);
      if (verdicts.length === 0 || !decidedAt(claim, size)) return [];
      const counts: Partial<Record<Outcome, number>> = {};
      for (const { outcome } of verdicts) counts[outcome] = (counts[outcome] ?? 0) + 1;
      const outcome = outcomeOver(counts, verdicts.length);
      return [{ outcome, size, seeds: verdicts.map((v) => v.seed), counts, verdicts }];
    };
    const found = [...ofSize('full'), ...ofSize('quick')];
    const worst = found.reduce<SizeStanding | undefined>(
      (a, b) => (a && outcomes.indexOf(a.outcome) >= outcomes.indexOf(b.outcome) ? a : b),
      undefined,
    );
    const asWell = ledger?.asWell?.[claim.id];
    return {
      claim: claim.id,
      ...(worst && { outcome: worst.outcome, size: worst.size }),
      sizes: Object.fromEntries(found.map((one) => [one.size, one])),
      smoke: 'measures' in claim && !decidedAt(claim, 'quick'),
      own: all.some((c) => c.run.own),
      ...(asWell !== undefined && { asWell }),
    };
  });
}

/**
 * Combines the outcomes of seeds as a verdict combines measurements: it holds if it does for every seed, and does not
 * if it does for none; `undecided` if undecided seeds could make it one of these, otherwise `partly`.
 */
function outcomeOver(counts: SizeStanding['counts'], all: number): Outcome {
  const { undecided = 0 } = counts;
  for (const outcome of ['holds', 'does not hold'] as const) {
    const n = counts[outcome] ?? 0;
    if (n + undecided === all) return undecided > 0 ? 'undecided' : outcome;
  }
  return 'partly';
}

/** An outcome in a tally: of those that hold, the ones that a null meets as well are counted apart. */
export type TallyOutcome = Outcome | 'not told apart';

/** Number of the paper's claims by outcome, with the sizes and seeds that were run. */
export interface Tally {
  /** Number of claims of the paper that were checked, narrowed or contradicted. */
  readonly of: number;
  /** Occurring outcomes, best first, each with its number of claims. */
  readonly parts: ReadonlyArray<{ readonly outcome: TallyOutcome; readonly claims: number; readonly text: string }>;
  /** The outcome of each of these claims, in the paper's order; undefined without a verdict. */
  readonly each: ReadonlyArray<TallyOutcome | undefined>;
  readonly withoutVerdict: number;
  /** Number of claims of the paper that are not checked. */
  readonly notChecked: number;
  /** Claims that are not the paper's: their number, and how many hold. */
  readonly ours: { readonly of: number; readonly hold: number };
  /** Which sizes were run. */
  readonly size: string;
  readonly seeds: readonly number[];
  /** Number of claims whose outcome includes a run of the user. */
  readonly own: number;
  /** `3 of 5 hold, 1 does not hold`. */
  readonly outcomes: string;
  /** What stands beside the count: `1 not checked · ours: 2 of 2 hold`. */
  readonly beside: string;
  /** `3 of 5 hold, 1 is undecided · 1 not checked · worse of quick and full · seeds 11–20`. */
  readonly text: string;
}

const many: Readonly<Record<TallyOutcome, readonly [one: string, more: string]>> = {
  holds: ['holds', 'hold'],
  'not told apart': ['is not told apart', 'are not told apart'],
  undecided: ['is undecided', 'are undecided'],
  partly: ['partly holds', 'partly hold'],
  'does not hold': ['does not hold', 'do not hold'],
};
export const tallyOutcomes = Object.keys(many) as TallyOutcome[];

/** The outcome of an entry of the ledger: the worst of its claims. */
function entryOutcome({ state }: Pick<LedgerEntry, 'state'>, all: readonly Standing[]): TallyOutcome | undefined {
  if (state === 'contradicted') return 'does not hold';
  if (all.some((s) => s.outcome === undefined)) return undefined;
  const worst = outcomes[Math.max(...all.map((s) => outcomes.indexOf(s.outcome!)))];
  return worst === 'holds' && all.some((s) => s.asWell !== undefined) ? 'not told apart' : worst;
}

/**
 * Counts the paper's claims as its ledger lists them: those that were checked, narrowed or contradicted; without a ledger
 * every claim of the record counts.
 */
export function tallyOf(all: readonly Standing[], ledger?: Ledger): Tally {
  const entries: ReadonlyArray<Pick<LedgerEntry, 'state' | 'claims'>> =
    ledger?.paper ?? all.map((s) => ({ state: 'checked', claims: [s.claim] }));
  const counted = entries.filter((entry) => entry.state !== 'not checked');
  const found = counted.map((entry) =>
    entryOutcome(
      entry,
      all.filter((s) => entry.claims.includes(s.claim)),
    ),
  );
  const of = counted.length;
  const parts = tallyOutcomes.flatMap((outcome) => {
    const claims = found.filter((one) => one === outcome).length;
    return claims === 0 ? [] : [{ outcome, claims, text: many[outcome][claims === 1 ? 0 : 1] }];
  });
  const told = parts.map(({ claims, text }, k) => (k === 0 ? `${claims} of ${of} ${text}` : `${claims} ${text}`));
  const withoutVerdict = found.filter((one) => one === undefined).length;
  const notChecked = entries.length - of;
  const own = all.filter((s) => s.own).length;
  const mine = all.filter((s) => ledger?.ours.includes(s.claim));
  const ours = { of: mine.length, hold: mine.filter((s) => s.outcome === 'holds' && !s.asWell).length };
  const besides = [
    ...(notChecked > 0 ? [`${notChecked} not checked`] : []),
    ...(ours.of > 0 ? [`ours: ${ours.hold} of ${ours.of} ${many.holds[ours.of === 1 ? 0 : 1]}`] : []),
  ];
  const judged = all.filter((s) => s.outcome !== undefined);
  if (withoutVerdict > 0 && parts.length > 0) told.push(`${withoutVerdict} without verdict`);
  const said = parts.length > 0 ? told.join(', ') : `none of ${of} decided yet`;
  const seeds = [...new Set(judged.flatMap((s) => Object.values(s.sizes).flatMap((one) => one.seeds)))].sort(
    (a, b) => a - b,
  );
  const size = judged.length === 0 ? '' : sizesText(judged);
  const beside = besides.join(' · ');
  const text = [said, beside, size, seeds.length > 0 ? seedsText(seeds) : ''].filter(Boolean).join(' · ');
  return { of, parts, each: found, withoutVerdict, notChecked, ours, size, seeds, own, outcomes: said, beside, text };
}

/** Which sizes the outcomes rest on: the worse of both where both were run. */
function sizesText(judged: readonly Standing[]): string {
  const full = judged.filter((s) => s.sizes.full).length;
  const quick = judged.some((s) => s.sizes.quick);
  if (full === 0) return 'quick, full not run since';
  if (full < judged.length) return `worse of quick and full, full of ${full} of ${judged.length}`;
  return quick ? 'worse of quick and full' : 'full';
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

/** The standing of a paper: of each claim, and of all together. */
export interface PaperStanding {
  readonly claims: readonly Standing[];
  readonly tally: Tally;
}

export function paperStanding(record: Claiming, runs: readonly Judged[], evidence: Evidence = {}): PaperStanding {
  const claims = standings(record, runs, evidence);
  return { claims, tally: tallyOf(claims, evidence.ledger) };
}

/** The standing of a paper of which only the ids of its claims are known, and no runs. */
export function undecidedStanding(ids: readonly string[]): PaperStanding {
  const claims = ids.map((claim) => ({ claim, sizes: {}, smoke: false, own: false }));
  return { claims, tally: tallyOf(claims) };
}

const countsText = ({ counts }: SizeStanding): string => {
  const how = outcomes.flatMap((o) => (counts[o] ? `${o} on ${counts[o]}` : []));
  return how.length > 1 ? ` (${how.join(', ')})` : '';
};

/**
 * The line for a claim: the worse outcome with its size and seeds, then the other size: `partly (holds on 3, does not
 * hold on 2) · quick, seeds 11–15 · full: holds, seed 11`.
 */
export function claimStandingText({ outcome, size, sizes, smoke }: Standing): string {
  const shown = size && sizes[size];
  if (!outcome || !shown)
    return smoke ? 'no verdict yet · quick is a smoke test, full not run since' : 'no verdict yet';
  const other = sizes[size === 'full' ? 'quick' : 'full'];
  const rest = other
    ? `${other.size}: ${other.outcome}${countsText(other)}, ${seedsText(other.seeds)}`
    : size === 'quick'
      ? 'full not run since'
      : smoke
        ? 'quick is a smoke test'
        : 'quick not run since';
  return `${outcome}${countsText(shown)} · ${size}, ${seedsText(shown.seeds)} · ${rest}`;
}

/** The first seed that counts for all claims of a paper: the default of runs. */
export function firstSeed(seen: Evidence['seen'] = {}): number {
  const all = new Set(Object.values(seen).flat());
  let seed = 1;
  while (all.has(seed)) seed++;
  return seed;
}
