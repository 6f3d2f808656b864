import { decides, type Measure, measureText, missText } from './bars.ts';
import type { Size } from './size.ts';
import type { Locked, LockedClaim } from './verdicts/locked.ts';

export type { Size };

/** The description of a claim before any experiment exists. */

interface Said {
  /** Unique within the paper. */
  readonly id: string;
  readonly sentence: string;
  /** The quantity that is measured. */
  readonly quantity: string;
}

/**
 * A claim of a paper that an experiment decides. What must not depend on results is in the paper's `locked.ts`, whose
 * entry is spread into the claim.
 */
export interface MeasuredClaim extends Said, Partial<LockedClaim> {
  /** The part of the sentence that the quick size decides, if that is less. */
  readonly quick?: string;
  /** Problem sizes, repetitions and data at each size, in words. */
  readonly setting?: Readonly<Record<Size, string>>;
  readonly measures: Readonly<Record<string, Measure>>;
}

/** A claim without an experiment so far, whose bars may be in words. */
export interface PlannedClaim extends Said {
  readonly bar: Readonly<Record<Size, string>>;
}

export type Claim = MeasuredClaim | PlannedClaim;

/** The sentence that a run of a size decides. */
export const sentenceAt = (claim: Claim, size: Size): string =>
  (size === 'quick' && 'quick' in claim ? claim.quick : undefined) ?? claim.sentence;

/**
 * Whether runs of a size give a verdict on the claim. A size without the comparison that the claim makes is a smoke test,
 * which has no bars.
 */
export const decidedAt = (claim: Claim, size: Size): boolean =>
  'measures' in claim && Object.values(claim.measures).some((m) => decides(m, size));

/** The bars of a claim at a size, in words: `error of σ² ≤ 0.1; wrong edges ≤ 3 (20 variables, four draws)`. */
export function barText(claim: Claim, size: Size): string {
  if ('bar' in claim) return claim.bar[size];
  if (!decidedAt(claim, size)) return `smoke test without verdict${claim.setting ? ` (${claim.setting[size]})` : ''}`;
  const bars = Object.values(claim.measures).flatMap((m) => measureText(m, size) || []);
  return `${bars.join('; ')}${claim.setting ? ` (${claim.setting[size]})` : ''}`;
}

/** What it takes for the claim to fail at a size: one line for each of its deciding measures. */
export const failTexts = (claim: Claim, size: Size): string[] =>
  'measures' in claim ? Object.values(claim.measures).flatMap((m) => missText(m, size) || []) : [];

/** The families of methods, in display order. */
export const families = [
  'linear-models',
  'linear-systems',
  'factorisation',
  'clustering',
  'combinatorial',
  'structure-learning',
  'black-box',
  'bilevel',
  'constrained',
  'distributed',
  'training',
  'compression',
  'control',
  'decision',
  'perception',
  'geometry',
  'neural-fields-and-operators',
  'retrieval',
] as const;

export type Family = (typeof families)[number];

export interface Formula {
  /** KaTeX source, in display style. */
  readonly tex: string;
  /** Its meaning, in one sentence. */
  readonly says: string;
}

export interface PaperRecord {
  readonly number: number;
  /** `NN-name`, the name of the paper's folder. */
  readonly slug: string;
  readonly title: string;
  /** Number of authors. */
  readonly authors: number;
  /** Surnames of the first authors, at most three, if known. */
  readonly firstAuthors?: readonly string[];
  /**
   * Date of the first version on arXiv: YYYY-MM-DD, or YYYY-MM, the month of the arXiv number, if the day is unknown.
   */
  readonly date: string;
  readonly venue: string;
  readonly arxiv?: string;
  /** URL of the official code. */
  readonly code?: string;
  readonly family: Family;
  /** Common names of its methods, for search. */
  readonly methods: readonly string[];
  /** In plain language: what it does, why it matters, what we check. */
  readonly summary: string;
  readonly formulas: readonly Formula[];
  /** Explanations of abbreviations in the names of its curves. */
  readonly terms?: Readonly<Record<string, string>>;
  /** How close the experiments are to the paper's setting, and what is replaced. */
  readonly fidelity: { readonly level: 'full' | 'scaled' | 'miniature'; readonly note: string };
  readonly claims: readonly Claim[];
  /** The grids of parameters in the paper's `locked.ts`. */
  readonly grids?: Locked['grids'];
  /** The most informative chart of its results, if it runs. */
  readonly picture?: TellingPicture;
}

/** What lists of papers show of a record, which pages load only when they show the paper. */
export interface PaperCard
  extends Pick<
    PaperRecord,
    'number' | 'slug' | 'title' | 'authors' | 'firstAuthors' | 'date' | 'venue' | 'family' | 'summary'
  > {
  /** The ids of its claims. */
  readonly claims: readonly string[];
}

/** A panel of curves, or a picture, of one of the experiments. */
export interface TellingPicture {
  readonly experiment: string;
  /** Title of the panel or picture. */
  readonly title: string;
  /** For a panel: only these of its curves. */
  readonly series?: readonly string[];
  /** What it shows, in one sentence that is true for every run. */
  readonly says: string;
}
