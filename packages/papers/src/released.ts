import type { Picture, Verdict } from './experiment.ts';
import { experiments, released } from './generated/registry.ts';
import { parseNumbers } from './numbers.ts';
import type { Size } from './size.ts';

/**
 * Released results: for each paper that runs, `NN-slug/released.json`, written by `npm run release-verdicts` and never
 * by hand.
 */
export interface Released {
  readonly format: 1;
  /** Version of the product that ran the experiments. */
  readonly version: string;
  /** When they ran, ISO 8601 in UTC. */
  readonly date: string;
  readonly runs: readonly ReleasedRun[];
  /** The record's `picture`, thinned. */
  readonly picture?: ReleasedPicture;
}

/** One run of one experiment with default parameters. */
export interface ReleasedRun {
  readonly experiment: string;
  readonly size: Size;
  readonly seed: number;
  /** Duration on the machine of the release, if recorded. */
  readonly seconds?: number;
  readonly verdicts: readonly Verdict[];
}

export interface ReleasedChart {
  readonly kind: 'chart';
  /** What it shows, in one sentence: the record's words. */
  readonly says: string;
  readonly axes: { readonly x: string; readonly y: string; readonly logX: boolean; readonly logY: boolean };
  readonly curves: ReadonlyArray<{
    readonly name: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
  }>;
}

export interface ReleasedImage {
  readonly kind: 'picture';
  readonly says: string;
  readonly picture: Picture;
}

export type ReleasedPicture = ReleasedChart | ReleasedImage;

/** The current format version. */
export const RELEASED_FORMAT = 1;

/** Parses a file; size and seed of a run are added to its verdicts. */
export function parseReleased(text: string): Released {
  const file = parseNumbers(text) as Released;
  const runs = file.runs.map((run) => ({
    ...run,
    verdicts: run.verdicts.map((v) => ({ ...v, size: run.size, seed: run.seed })),
  }));
  return { ...file, runs };
}

/** The released results of a paper; none if it does not run, or has not been released yet. */
export const releasedOf = async (paper: number): Promise<Released | undefined> =>
  paper in experiments ? released[paper]?.() : undefined;
