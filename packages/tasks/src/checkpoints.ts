import { decodeCheckpoint, encodeCheckpoint, type RunOptions } from '@southwell/numerics/core';

/** Where a job stores its checkpoint: a file for the command, browser storage for the page. */
export interface CheckpointStore {
  /** The name of the file, for messages. */
  readonly name: string;
  /** The checkpoint of an earlier run, if the job should resume from it. */
  readonly text?: string;
  /** Atomically replaces the stored text. Absent on ranks that leave it to the first. */
  write?(text: string): void;
  /** Minimum number of seconds between checkpoints. */
  readonly every: number;
}

interface StageState {
  readonly iteration: number;
  readonly state: unknown;
}

/**
 * The options of a run within a job: its previous state, and how to store the next; passed to a method of the library,
 * or `checkpoint` alone to `run`.
 */
export interface Stage<S> {
  readonly resume?: S;
  readonly checkpoint?: NonNullable<RunOptions<unknown>['checkpoint']>;
}

/**
 * One checkpoint for everything that a job runs in sequence (a fit and its folds, a graph and its bootstrap), each
 * stage under its name. A completed stage resumes from its last boundary and ends at once.
 */
export class Stages {
  private readonly states: Record<string, StageState>;

  /**
   * @param problem Fingerprint of the data and of all options that determine the job.
   * @throws INVALID_FORMAT, INVALID_PARAMETER if the stored text is damaged or belongs to another job.
   */
  constructor(
    private readonly method: string,
    private readonly problem: string,
    private readonly store: CheckpointStore | undefined,
  ) {
    const text = store?.text;
    this.states =
      text === undefined ? {} : { ...decodeCheckpoint<Record<string, StageState>>(text, { method, problem }).state };
  }

  stage<S>(name: string): Stage<S> {
    const { store, states } = this;
    if (!store) return {};
    const kept = states[name]?.state as S | undefined;
    return {
      ...(kept !== undefined && { resume: kept }),
      checkpoint: {
        every: store.every,
        save: (state, iteration) => {
          states[name] = { iteration, state };
          if (!store.write) return;
          const { method, problem } = this;
          store.write(encodeCheckpoint({ method, problem, iteration, state: states }));
        },
      },
    };
  }
}
