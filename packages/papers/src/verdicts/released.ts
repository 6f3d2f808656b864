import type { Picture, Verdict } from '../experiment.ts';
import { dossiers, experiments, released } from '../generated/registry.ts';
import { parseNumbers } from '../numbers.ts';
import type { Size } from '../size.ts';
import type { HistoryEntry } from './history.ts';
import type { Ledger } from './ledger.ts';
import type { NullVerdict } from './nulls.ts';

/**
 * Released results: for each paper that runs, `NN-slug/released.json`, written by `npm run release-verdicts` and never
 * by hand.
 */
export interface Released {
  readonly format: 1 | 2;
  /** Version of the product that ran the experiments. */
  readonly version: string;
  /** The machine that ran them. */
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly node: string;
    /** Milliseconds of the work of {@link calibration}. */
    readonly calibration?: number;
  };
  readonly runs: readonly ReleasedRun[];
  /** The record's `picture`, thinned. */
  readonly picture?: ReleasedPicture;
  /** What the paper claims, and what became of it; from `ledger.ts`. */
  readonly ledger?: Ledger;
  /** For each claim the seeds that do not count, as their results were known when bars were fixed; from `history.json`. */
  readonly seen: Readonly<Record<string, readonly number[]>>;
}

/** One run of one experiment with default parameters. */
export interface ReleasedRun {
  readonly experiment: string;
  readonly size: Size;
  readonly seed: number;
  /** Duration on the machine of the release. */
  readonly seconds?: number;
  /** When it began, ISO 8601 in UTC. */
  readonly date: string;
  /** The digest of what was locked for the experiment. */
  readonly locked?: string;
  readonly verdicts: readonly Verdict[];
}

/** A curve, shown as its panel declares. */
export interface ReleasedCurve {
  /** Its name in events. */
  readonly series: string;
  readonly name: string;
  /** Place among the colours. */
  readonly colour: number;
  readonly control?: true;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * A panel of a run. Its words, axes, names and colours are those of the record and of the experiment, which a test
 * compares: a page that shows it need not load the experiment.
 */
export interface ReleasedChart {
  readonly kind: 'chart';
  /** What it shows, in one sentence: the record's words. */
  readonly says: string;
  readonly axes: { readonly x: string; readonly y: string; readonly logX: boolean; readonly logY: boolean };
  readonly curves: readonly ReleasedCurve[];
}

export interface ReleasedImage {
  readonly kind: 'picture';
  readonly says: string;
  readonly picture: Picture;
}

export type ReleasedPicture = ReleasedChart | ReleasedImage;

/** The current format version. */
export const RELEASED_FORMAT = 2;

/**
 * Parses a file; size and seed of a run are added to its verdicts. Files of format 1 had one date, and neither machine
 * nor digests.
 */
export function parseReleased(text: string, more: Pick<Released, 'ledger' | 'seen'> = { seen: {} }): Released {
  const file = parseNumbers(text) as Omit<Released, 'seen'> & { readonly date?: string };
  const runs = file.runs.map((run) => ({
    ...run,
    date: run.date ?? file.date,
    verdicts: run.verdicts.map((v) => ({ ...v, size: run.size, seed: run.seed })),
  }));
  return { ...file, ...more, runs };
}

/** The released results of a paper; none if it does not run, or has not been released yet. */
export const releasedOf = async (paper: number): Promise<Released | undefined> =>
  paper in experiments ? released[paper]?.() : undefined;

/** What was locked and changed, and the verdicts under nulls. */
export interface Dossier {
  readonly history: readonly HistoryEntry[];
  readonly nulls: readonly NullVerdict[];
}

/** The dossier of a paper; empty if nothing is locked so far. */
export const dossierOf = async (paper: number): Promise<Dossier> =>
  (await dossiers[paper]?.()) ?? { history: [], nulls: [] };
