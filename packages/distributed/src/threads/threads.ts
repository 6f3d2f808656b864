import {
  type ErrorCode,
  fail,
  knownKeys,
  type OptionKeys,
  openWorker,
  SouthwellError,
  type WorkerPort,
  wholeNumber,
} from '@southwell/numerics/core';
import { ReplayError } from '../arrivals/arrivals.ts';
import type { Ranks } from '../drive.ts';
import { NoAnswerError } from '../faults.ts';
import type { ThreadOptions } from './rank.ts';
import { SEEN, sharedMemory, timeWord, wordsOf } from './shared.ts';

/**
 * What a module exports for {@link threads}: `ranks` runs a program on all ranks as `alone` runs it on one, and blocks
 * its thread. The returned value is cloned to the calling thread; `post` sends messages there along the way.
 */
export type RankModule<Input, R> = (ranks: Ranks, input: Input, post: (message: unknown) => void) => R | Promise<R>;

export interface ThreadsOptions<Input> {
  /** Number of threads, each of which is a rank. */
  readonly ranks: number;
  /** Cloned to every thread. */
  readonly input?: Input;
  /** The export of the module that is called (default `default`). */
  readonly name?: string;
  /** Timeout in seconds for waiting ranks (default 60). */
  readonly timeout?: number;
  /** Whether ranks verify before each collective that their calls match (default true). */
  readonly checks?: boolean;
  /** Called with messages that ranks post. */
  readonly receive?: (message: unknown, rank: number) => void;
  /** The rank whose iterates `observe` receives (default 0). */
  readonly iterates?: number;
  /**
   * Called with the values that programs of one rank yield, cloned without functions; if there is a `snapshot`, `point`
   * is its result at that time. Ranks do not wait for it.
   */
  readonly observe?: (iterate: unknown, rank: number) => void;
  /** Ends all threads when aborted. */
  readonly signal?: AbortSignal;
}

const keys: OptionKeys<ThreadsOptions<unknown>> = {
  ranks: true,
  input: true,
  name: true,
  timeout: true,
  checks: true,
  receive: true,
  iterates: true,
  observe: true,
  signal: true,
};

/** The task sent to a worker. */
export interface RankTask extends ThreadOptions {
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
  /** Whether its iterates are sent to the calling thread. */
  readonly observed: boolean;
}

/** A reply of a worker. */
export type RankReply =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'iterate'; readonly iterate: unknown }
  | { readonly kind: 'result'; readonly value: unknown }
  | {
      readonly kind: 'error';
      readonly code: ErrorCode | undefined;
      readonly message: string;
      readonly stack: string | undefined;
      readonly blamed: readonly number[] | undefined;
      /** For a replay: where the record does not match. */
      readonly misfit: { readonly rank: number; readonly event: number } | undefined;
    };

/** With more ranks, the rings between them would be so small that long messages are slow. */
export const MOST = 128;

/** Milliseconds within which a thread must start before it counts as not responding. */
const START = 60_000;

/** Number of polls before a thread sleeps: about 300 µs if each thread has a core. */
const LOOKS = 10_000;

/**
 * Runs the program of a module on threads of this process, one per rank, in Node and in browsers (where the page must
 * be cross-origin isolated, as for all shared memory). Returns the results of all ranks. A message is copied once to
 * shared memory, and from there to its destination.
 * @throws NOT_SUPPORTED if memory cannot be shared; the error of a rank, after which all others are ended.
 */
export async function threads<Input, R>(module: string | URL, options: ThreadsOptions<Input>): Promise<R[]> {
  knownKeys('threads', options, keys);
  const { ranks, input, name = 'default', timeout = 60, checks = true, receive, observe, signal } = options;
  const { iterates = 0 } = options;
  wholeNumber('The number of ranks', ranks, 1, MOST);
  wholeNumber('The rank whose iterates are seen', iterates, 0, ranks - 1);
  if (typeof SharedArrayBuffer === 'undefined') {
    fail('NOT_SUPPORTED', 'Threads need shared memory, which pages have only if they are cross-origin isolated.');
  }
  const memory = sharedMemory(ranks);
  for (let rank = 0; rank < ranks; rank++) Atomics.store(wordsOf(memory, rank), SEEN, (timeWord() + START) | 0);
  const cores = globalThis.navigator?.hardwareConcurrency ?? (await coresOfNode());
  const common = {
    ranks,
    memory,
    timeout,
    checks,
    looks: ranks <= cores ? LOOKS : 0,
    module: String(module),
    name,
    input,
  };
  const ports: WorkerPort[] = [];
  const results = new Array<R>(ranks);
  let stop = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      let left = ranks;
      stop = () => reject(signal?.reason ?? new Error('Aborted.'));
      signal?.addEventListener('abort', stop);
      if (signal?.aborted) return stop();
      const hear = (rank: number) => (reply: RankReply) => {
        if (reply.kind === 'message') receive?.(reply.message, rank);
        else if (reply.kind === 'iterate') observe?.(reply.iterate, rank);
        else if (reply.kind === 'error') reject(errorOf(reply, rank));
        else {
          results[rank] = reply.value as R;
          if (--left === 0) resolve();
        }
      };
      const lost = (rank: number) => (error: Error) => {
        reject(new NoAnswerError([rank], `Rank ${rank} no longer responds: ${error.message}`));
      };
      for (let rank = 0; rank < ranks; rank++) {
        const open = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
        openWorker<RankReply>(import.meta.url, './worker.js', open, hear(rank), lost(rank)).then((port) => {
          ports.push(port);
          port.post({ ...common, rank, observed: observe !== undefined && rank === iterates } satisfies RankTask);
        }, reject);
      }
    });
    return results;
  } finally {
    signal?.removeEventListener('abort', stop);
    for (const port of ports) port.close();
  }
}

export function errorOf(reply: RankReply & { kind: 'error' }, rank: number): Error {
  const { code, message, stack, blamed, misfit } = reply;
  const error = blamed
    ? new NoAnswerError(blamed, message)
    : misfit
      ? new ReplayError(misfit.rank, misfit.event, message)
      : code
        ? new SouthwellError(code, message)
        : new Error(`Rank ${rank}: ${message}`);
  if (stack) error.stack = stack;
  return error;
}

async function coresOfNode(): Promise<number> {
  const name = 'node:os';
  const { availableParallelism } = (await import(/* @vite-ignore */ name)) as typeof import('node:os');
  return availableParallelism();
}
