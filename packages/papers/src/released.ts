import type { Picture, Verdict } from './experiment.ts';
import { experiments, released } from './generated/registry.ts';
import { parseNumbers } from './numbers.ts';
import type { Size } from './size.ts';

/**
 * Results that ship with the product: for each paper that runs, `NN-slug/released.json`, written by
 * `npm run release-verdicts` and never by hand.
 */
export interface Released {
  readonly format: 1;
  /** Of the product whose experiments ran. */
  readonly version: string;
  /** When they ran, ISO 8601 in UTC. */
  readonly date: string;
  readonly runs: readonly ReleasedRun[];
  /** What the record's `picture` names, thinned. */
  readonly picture?: ReleasedPicture;
}

/** One run of one experiment with default parameters. */
export interface ReleasedRun {
  readonly experiment: string;
  readonly size: Size;
  readonly seed: number;
  /** How long it took on the machine of the release, where that was recorded. */
  readonly seconds?: number;
  readonly verdicts: readonly Verdict[];
}

export interface ReleasedChart {
  readonly kind: 'chart';
  /** What is seen, in one sentence: the record's words. */
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

/** The format that is written today. */
export const RELEASED_FORMAT = 1;

/** What a file holds; size and seed of a run are put back into its verdicts. */
export function parseReleased(text: string): Released {
  const file = parseNumbers(text) as Released;
  const runs = file.runs.map((run) => ({
    ...run,
    verdicts: run.verdicts.map((v) => ({ ...v, size: run.size, seed: run.seed })),
  }));
  return { ...file, runs };
}

/** The results of a paper that ship with the product; none where it does not run, or nothing was released of it yet. */
export const releasedOf = async (paper: number): Promise<Released | undefined> =>
  paper in experiments ? released[paper]?.() : undefined;
