/** What is known of a paper before anything of it runs. */

/** `quick`: under half a minute in a browser, smaller than the paper. `full`: the sizes of the study. */
export type Size = 'quick' | 'full';

/** What a paper says, what stands for it, and the bar, all fixed before any run. */
export interface Claim {
  /** Unique within the paper. */
  readonly id: string;
  readonly sentence: string;
  /** The quantity that is measured. */
  readonly quantity: string;
  /** What it must meet, at each size. */
  readonly bar: Readonly<Record<Size, string>>;
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
  /** How near the paper's own setting the experiments can come, and what is replaced. */
  readonly fidelity: { readonly level: 'full' | 'scaled' | 'miniature'; readonly note: string };
  readonly claims: readonly Claim[];
}
