import { isShared } from '@southwell/data/node';
import { NoAnswerError } from '@southwell/distributed';
import { SouthwellError } from '@southwell/numerics/core';
import { type JobProgress, NotNeeded, sharedSignal, withDeadline } from '@southwell/tasks';
import { EXIT, Failure, UsageError } from '../errors.ts';
import type { JobRequest } from './carrier.ts';

/** Messages from a job to the thread that started it. */
export type FromJob<T> =
  /** This rank has connected to the others. */
  | { readonly type: 'joined' }
  | { readonly type: 'progress'; readonly progress: JobProgress }
  /** A value that a job measures, with the time on its rank's clock. */
  | {
      readonly type: 'mark';
      readonly measure: string;
      readonly seconds: number;
      readonly iteration: number;
      readonly value: number;
    }
  /** Ranks that did not send what they should have. */
  | { readonly type: 'happened'; readonly seconds: number; readonly rank: number; readonly what: string }
  | { readonly type: 'suspect'; readonly ranks: readonly number[] }
  /** A note of the result that matters before the job ends. */
  | { readonly type: 'note'; readonly note: string }
  /** The process groups that the job is running. */
  | { readonly type: 'groups'; readonly groups: readonly number[] }
  | { readonly type: 'done'; readonly outcome: T }
  | {
      readonly type: 'error';
      /** Whether it is a user error, which its message explains. */
      readonly known: boolean;
      readonly aborted: boolean;
      /** The exit code, if it is not that of a user error. */
      readonly exitCode?: number;
      readonly message: string;
      /** Whether all ranks report this error. */
      readonly shared?: boolean;
      readonly stack?: string;
    };

const PROGRESS_MS = 60;

/** The signal and callbacks of a job. */
export interface Working {
  readonly signal: AbortSignal;
  readonly progress: (p: JobProgress) => void;
  readonly tell: (note: string) => void;
}
export type Post<T> = (message: FromJob<T>) => void;
export type Listen = (abort: () => void) => void;
export type End<T> = FromJob<T> & { readonly type: 'done' | 'error' };

/** Runs a job, posts its progress, and returns its last message. */
export async function attempt<T>(
  flag: Int32Array,
  listen: Listen,
  post: Post<T>,
  request: JobRequest,
  job: (working: Working) => Promise<T>,
): Promise<End<T>> {
  let last = 0;
  const progress = (p: JobProgress): void => {
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    post({ type: 'progress', progress: p });
  };
  try {
    const tell = (note: string) => post({ type: 'note', note });
    const stopped = sharedSignal(flag, listen);
    // On several ranks each has a clock; they agree on who is late.
    const { timeLimit } = request.asked as { readonly timeLimit?: number };
    const signal = timeLimit === undefined ? stopped : withDeadline(stopped, timeLimit);
    return { type: 'done', outcome: await job({ signal, progress, tell }) };
  } catch (error) {
    // Only on ranks other than the first, whose results nobody reads.
    if (error instanceof NotNeeded) return { type: 'done', outcome: undefined as T };
    const { message, stack } = error as Error;
    const known = error instanceof SouthwellError || error instanceof UsageError;
    const noAnswer = error instanceof NoAnswerError;
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    return {
      type: 'error',
      known,
      // A rank that does not respond is reported even after Ctrl-C.
      aborted: Atomics.load(flag, 0) !== 0 && !noAnswer,
      message: message ?? String(error),
      stack,
      // The limit of all ranks, whichever reached it first.
      ...((isShared(error) || late) && { shared: true }),
      ...(noAnswer && { exitCode: EXIT.noAnswer }),
      ...(late && { exitCode: EXIT.stopped }),
    };
  }
}

/** The error of a job, as thrown where it was started. */
export function failure(m: FromJob<unknown> & { readonly type: 'error' }): Error {
  const error =
    m.exitCode !== undefined
      ? new Failure(m.message, m.exitCode)
      : m.known
        ? new UsageError(m.message)
        : new Error(m.message);
  error.stack = m.stack;
  return error;
}
