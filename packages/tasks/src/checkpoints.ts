import { decodeCheckpoint, encodeCheckpoint, type RunOptions } from '@southwell/numerics/core';

/** Where a job keeps its checkpoint: a file for the command, storage of the browser for the page. */
export interface CheckpointStore {
  /** For sentences: the name of the file. */
  readonly name: string;
  /** What an earlier run kept, if the job is to go on from it. */
  readonly text?: string;
  /** Keeps the text, whole or not at all, in place of the one before. Absent on ranks that leave it to the first. */
  write?(text: string): void;
  /** Seconds between two checkpoints, at least. */
  readonly every: number;
}

interface StageState {
  readonly iteration: number;
  readonly state: unknown;
}

/** What a run within a job is given: its state of before, and how to keep the next: options of a method of the library; of `run`, `checkpoint` alone. */
export interface Stage<S> {
  readonly resume?: S;
  readonly checkpoint?: NonNullable<RunOptions<unknown>['checkpoint']>;
}

/**
 * One checkpoint for all that a job runs one after another (a fit and its folds, a graph and its bootstrap), each stage
 * under its name. A stage that is done goes on from its last boundary and ends at once.
 */
export class Stages {
  private readonly states: Record<string, StageState>;

  /**
   * @param problem Fingerprint of the data and of all that shapes the course of the job.
   * @throws INVALID_FORMAT, INVALID_PARAMETER where the text of the store is damaged or of another job.
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
