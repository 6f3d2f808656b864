import type { Table } from '@southwell/data';
import type { CheckpointStore } from './checkpoints.ts';

/** What a running job tells. */
export type Progress =
  | { readonly phase: 'reading'; readonly rows: number }
  | {
      readonly phase: 'fitting';
      readonly alphaIndex?: number;
      readonly alphas?: number;
      readonly objective?: number;
      readonly gap?: number;
      readonly active?: number;
      /** Fits of a cross-validation. */
      readonly done?: number;
      readonly total?: number;
    };

/** What a running job of the other families tells. */
export interface JobProgress {
  readonly text: string;
  readonly iteration?: number;
  readonly objective?: number;
}

/** What a job is given: the table that its request names or another one, a way to stop it, somebody who listens. */
export interface JobTools {
  read(file?: string): Promise<Table>;
  readonly signal: AbortSignal;
  progress(p: JobProgress): void;
  /** Where the job keeps what it needs to go on after it was cut off, if that is wanted. */
  readonly checkpoint?: CheckpointStore;
  /** Whether the result is to have what pictures of it are drawn from. */
  readonly pictures?: boolean;
}
