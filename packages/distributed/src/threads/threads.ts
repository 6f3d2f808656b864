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
 * What a module exports for {@link threads}: `ranks` runs a program on all ranks as `alone` runs it on one. It blocks its
 * thread. What it returns is cloned into the thread that asked; `post` sends messages there on the way.
 */
export type RankModule<Input, R> = (ranks: Ranks, input: Input, post: (message: unknown) => void) => R | Promise<R>;

export interface ThreadsOptions<Input> {
  /** How many threads there are, each a rank. */
  readonly ranks: number;
  /** Cloned into every thread. */
  readonly input?: Input;
  /** The name of what the module exports (default `default`). */
  readonly name?: string;
  /** Seconds after which a rank that waits gives up (default 60). */
  readonly timeout?: number;
  /** Whether ranks make sure before each collective that all ask for the same (default true). */
  readonly checks?: boolean;
  /** Learns of messages that ranks post. */
  readonly receive?: (message: unknown, rank: number) => void;
  /** Whose iterates `observe` sees (default 0). */
  readonly iterates?: number;
  /**
   * Sees what programs of one rank yield, cloned, without what functions are in it; where it has a `snapshot`, `point` is what that gave
   * at the time. Ranks do not wait for it.
   */
  readonly observe?: (iterate: unknown, rank: number) => void;
  /** Ends all threads when it aborts. */
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

/** What a worker is told. */
export interface RankTask extends ThreadOptions {
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
  /** Whether its iterates are seen by whoever started it. */
  readonly observed: boolean;
}

/** What a worker says. */
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
      /** Of a replay: where its record does not fit. */
      readonly misfit: { readonly rank: number; readonly event: number } | undefined;
    };

/** More would share so little memory between two that long messages crawl. */
export const MOST = 128;

/** Milliseconds that a thread may take to begin before it counts as one that does not answer. */
const START = 60_000;

/** Looks for news before a thread sleeps: some 300 µs, where each thread has a core. */
const LOOKS = 10_000;

/**
 * Runs the program of a module on threads of this process, a rank each, in Node and in browsers (whose page must be
 * cross-origin isolated, as for all shared memory). Answers what each rank returned. A message is copied once into shared
 * memory, and from there to where it goes.
 * @throws NOT_SUPPORTED if memory cannot be shared; what a rank throws, after which all others end, too.
 */
export async function threads<Input, R>(module: string | URL, options: ThreadsOptions<Input>): Promise<R[]> {
  knownKeys('threads', options, keys);
  const { ranks, input, name = 'default', timeout = 60, checks = true, receive, observe, signal } = options;
  const { iterates = 0 } = options;
  wholeNumber('The number of ranks', ranks, 1, MOST);
  wholeNumber('The rank whose iterates are seen', iterates, 0, ranks - 1);
  if (typeof SharedArrayBuffer === 'undefined') {
    fail(
      'NOT_SUPPORTED',
      'Threads need memory that they share, which pages have only when they are cross-origin isolated.',
    );
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
        reject(new NoAnswerError([rank], `Rank ${rank} does not answer any more: ${error.message}`));
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
