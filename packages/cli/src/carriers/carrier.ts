import type { CheckpointRequest } from '../jobs/checkpoint-file.ts';
import type { RowTarget } from '../jobs/row-sink.ts';
import type { Place } from '../ranks/ranks.ts';

/** A job by its name (`jobs`), with what it is asked: plain data. */
export interface JobRequest extends CheckpointRequest {
  readonly job: string;
  /** Its options, and its inputs by their names: files by theirs. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** Where outputs go that are made by blocks. */
  readonly rows?: Readonly<Record<string, RowTarget>>;
  /** Where the job runs on several ranks. */
  readonly place?: Place;
}

/** What people are told while a job runs. */
export interface About {
  readonly quiet: boolean;
  /** Said at the first interrupt. */
  readonly stopping: string;
  /** Said where the interrupt came before there was anything to give. */
  readonly stoppedEarly: string;
}

export interface Carried<T> {
  readonly outcome: T;
  /** Ctrl-C came before the end. */
  readonly interrupted: boolean;
  /** mpirun is ending all ranks, and forwards nothing of theirs any more. */
  readonly unheard: boolean;
  /** Ends what did the job, then lets interrupts do again what they do by default. */
  end(): Promise<void>;
}

/**
 * Does jobs somewhere: in this thread, in a worker, as a rank of several processes, on ranks that are threads. Whatever does it, the
 * main thread stays free for Ctrl-C: the first asks the job to stop, a second one ends the process.
 */
export type Carrier = <T>(request: JobRequest, about: About) => Promise<Carried<T>>;
