import { type Measure, measureText } from './bars.ts';
import type { Size } from './size.ts';

export type { Size };

/** What is known of a paper before anything of it runs. */

interface Said {
  /** Unique within the paper. */
  readonly id: string;
  readonly sentence: string;
  /** The quantity that is measured. */
  readonly quantity: string;
}

/** What a paper says, what stands for it, and the bars, all fixed before any run. */
export interface MeasuredClaim extends Said {
  /** What the quick size decides of it, where that is less than the sentence. */
  readonly quick?: string;
  /** What makes it hold; an ablation takes it out, and turns the verdict. */
  readonly ingredient?: string;
  /**
   * After how many draws statistics are looked at, in rising order: a run ends at the first look that decides the claim, and
   * at the last in any case.
   */
  readonly draws?: Readonly<Record<Size, readonly number[]>>;
  /** How large, how often and on what it is measured at each size, in words. */
  readonly setting?: Readonly<Record<Size, string>>;
  /** By names of one's own; verdicts give a value for each that has a bar at their size, and tell them in this order. */
  readonly measures: Readonly<Record<string, Measure>>;
}

/** A claim that no experiment decides yet may have its bars in words. */
export interface PlannedClaim extends Said {
  readonly bar: Readonly<Record<Size, string>>;
}

export type Claim = MeasuredClaim | PlannedClaim;

/** What a run of a size decides of a claim. */
export const sentenceAt = (claim: Claim, size: Size): string =>
  (size === 'quick' && 'quick' in claim ? claim.quick : undefined) ?? claim.sentence;

/** What a claim must meet at a size, in words: `error of σ² ≤ 0.1; wrong edges ≤ 3 (20 variables, four draws)`. */
export function barText(claim: Claim, size: Size): string {
  if ('bar' in claim) return claim.bar[size];
  const bars = Object.values(claim.measures).flatMap((m) => measureText(m, size) || []);
  return `${bars.join('; ')}${claim.setting ? ` (${claim.setting[size]})` : ''}`;
}

/** What the methods are about, in the order in which the families are shown. */
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
  /** What it says, in one sentence. */
  readonly says: string;
}

export interface PaperRecord {
  readonly number: number;
  /** `NN-name`, the name of the paper's folder. */
  readonly slug: string;
  readonly title: string;
  /** How many. */
  readonly authors: number;
  /** Surnames of the first, at most three, where known. */
  readonly firstAuthors?: readonly string[];
  /** First version on arXiv: YYYY-MM-DD, or where the day is not known YYYY-MM, the month of the arXiv number. */
  readonly date: string;
  readonly venue: string;
  readonly arxiv?: string;
  /** Address of the official code. */
  readonly code?: string;
  readonly family: Family;
  /** Usual names of methods in it, for search. */
  readonly methods: readonly string[];
  /** In plain language: what it does, why it matters, what we check. */
  readonly summary: string;
  readonly formulas: readonly Formula[];
  /** What abbreviations in names of its curves stand for. */
  readonly terms?: Readonly<Record<string, string>>;
  /** How near the paper's own setting the experiments can come, and what is replaced. */
  readonly fidelity: { readonly level: 'full' | 'scaled' | 'miniature'; readonly note: string };
  readonly claims: readonly Claim[];
  /** Which chart of its results tells most, where it runs. */
  readonly picture?: TellingPicture;
}

/** A panel of curves, or a picture, of one of the experiments. */
export interface TellingPicture {
  readonly experiment: string;
  /** Title of the panel or of the picture. */
  readonly title: string;
  /** Of a panel, only these curves, in this order, each with a short name for the picture. */
  readonly series?: Readonly<Record<string, string>>;
  /** What is to be seen in it, in one sentence that no run can make false. */
  readonly says: string;
}
