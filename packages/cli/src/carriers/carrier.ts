import type { CheckpointRequest } from '../jobs/checkpoint-file.ts';
import type { RowTarget } from '../jobs/row-sink.ts';
import type { Place } from '../ranks/ranks.ts';

/** A job by its name (`jobs`), and its request: plain data. */
export interface JobRequest extends CheckpointRequest {
  readonly job: string;
  /** Its options, and its inputs by name: files by path. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** The targets of outputs that are produced in blocks. */
  readonly rows?: Readonly<Record<string, RowTarget>>;
  /** Set if the job runs on several ranks. */
  readonly place?: Place;
}

/** Messages to the user while a job runs. */
export interface About {
  readonly quiet: boolean;
  /** Whether notes are only part of the result. */
  readonly silent?: boolean;
  /** Shown at the first interrupt. */
  readonly stopping: string;
  /** Shown if the interrupt came before there was any result. */
  readonly stoppedEarly: string;
}

export interface Carried<T> {
  readonly outcome: T;
  /** Notes that were shown while the job ran. */
  readonly told: readonly string[];
  /** Ctrl-C came before the end. */
  readonly interrupted: boolean;
  /** mpirun is terminating all ranks, and no longer forwards their output. */
  readonly unheard: boolean;
  /** Terminates the worker or threads, then restores the default handling of interrupts. */
  end(): Promise<void>;
}

/**
 * Runs jobs: in this thread, in a worker, as a rank of several processes, or on ranks that are threads. In any case the
 * main thread stays free for Ctrl-C: the first asks the job to stop, a second one ends the process.
 */
export type Carrier = <T>(request: JobRequest, about: About) => Promise<Carried<T>>;
