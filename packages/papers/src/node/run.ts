import { randomUUID } from 'node:crypto';
import { type Experiment, type ExperimentEvent, resolveContext, type Verdict } from '../experiment.ts';
import { type Curve, emptyRun, fold, keptCurves, type PictureEvent, type TableEvent } from '../fold.ts';
import { keptPictures } from '../material/releasedPicture.ts';
import type { PaperRecord, Size } from '../record.ts';
import { lockedDigest } from '../verdicts/locked.ts';
import { commit, machine, versions } from './machine.ts';
import { partFiles } from './parts.ts';

/** The complete result of a run of one experiment with one seed. */
export interface RunResult {
  /** Unique, and valid as a file name. */
  readonly id: string;
  /** When the run began, ISO 8601 in UTC. */
  readonly date: string;
  readonly paper: number;
  readonly slug: string;
  readonly experiment: string;
  readonly size: Size;
  readonly seed: number;
  /** The parameters that were set; all others had their defaults. */
  readonly set: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly status: 'complete' | 'stopped';
  /** The digest of what was locked for the experiment. */
  readonly locked?: string;
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly TableEvent[];
  /** At most 2000 points per curve, evenly spaced, including both ends. */
  readonly curves: readonly Curve[];
  /** Downscaled; absent if there are none, and in results that were stored before pictures were. */
  readonly pictures?: readonly PictureEvent[];
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGB: number;
    readonly platform: string;
  };
  /** Includes the accelerator library for dense products, if one was requested. */
  readonly versions: { readonly southwell: string; readonly node: string; readonly accelerator?: string };
  /** Of the checkout that ran, with `-dirty` if files were modified. */
  readonly commit?: string;
  /** What a list says of its file, such as that another one has the same id. */
  readonly note?: string;
}

interface Settings {
  readonly size: Size;
  readonly seed: number;
  readonly set?: Readonly<Record<string, number>>;
}

/** Reduces the events of a run, wherever it takes place; `finish` returns the result so far. */
export class Recording {
  private readonly began = new Date();
  private readonly started = performance.now();
  private state = emptyRun;

  constructor(
    private readonly record: PaperRecord,
    private readonly experiment: Experiment,
    private readonly settings: Settings,
  ) {}

  take(event: ExperimentEvent): void {
    this.state = fold(this.state, event);
  }

  /** `seconds` if the run has its own clock, which is more accurate than this one. */
  finish(status: RunResult['status'], seconds = (performance.now() - this.started) / 1000): RunResult {
    const { record, experiment, settings, state } = this;
    const date = this.began.toISOString();
    const of = commit();
    const locked = lockedDigest(record, experiment.id);
    return {
      id: `${date.replaceAll(/[-:]|\.\d+/g, '')}-${record.slug.slice(0, 2)}-${experiment.id}-${settings.size}-${settings.seed}-${randomUUID().slice(0, 8)}`,
      date,
      paper: record.number,
      slug: record.slug,
      experiment: experiment.id,
      size: settings.size,
      seed: settings.seed,
      set: settings.set ?? {},
      seconds,
      status,
      ...(locked !== undefined && { locked }),
      verdicts: state.verdicts,
      tables: state.tables,
      curves: keptCurves(state),
      ...(state.pictures.length > 0 && { pictures: keptPictures(state) }),
      machine: machine(),
      versions: versions(),
      ...(of !== undefined && { commit: of }),
    };
  }
}

/**
 * Runs one experiment in this thread. When the signal aborts, the result contains the measurements so far and its
 * status is `stopped`. Throws a sentence (RangeError) for a parameter in `set` that the experiment lacks or whose value
 * is out of range, and rethrows errors of the experiment. Events are passed to `onEvent` as they happen. Files that are not shipped are read
 * from subfolders of `parts`, by default of $SOUTHWELL_PARTS.
 */
export async function runExperiment(
  record: PaperRecord,
  experiment: Experiment,
  options: Settings & {
    readonly parts?: string;
    readonly signal?: AbortSignal;
    readonly onEvent?: (event: ExperimentEvent) => void;
  },
): Promise<RunResult> {
  const { signal, onEvent } = options;
  const context = resolveContext(experiment, { ...options, files: partFiles(options.parts) });
  const recording = new Recording(record, experiment, options);
  try {
    for await (const event of experiment.run(context)) {
      recording.take(event);
      onEvent?.(event);
      // For experiments that check their signal too rarely.
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    return recording.finish('stopped');
  }
  return recording.finish('complete');
}
