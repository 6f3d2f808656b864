// MPI begins on all ranks together, in a call that blocks its thread however long one of them does not come: another ends the
// process, past that thread, which could not be asked.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { endProcess } from '@southwell/distributed';
import { EXIT } from '../errors.ts';
import type { Place } from './ranks.ts';

/** Seconds that ranks may take at least to begin and to end: some hosts are slower than others. */
const LEAST = 10;

/** How long a rank may take to begin, and to end. */
export interface Patience {
  readonly rank: number;
  readonly seconds: number;
}

export const patienceWith = ({ rank, timeout }: Place): Patience => ({ rank, seconds: Math.max(timeout, LEAST) });

export function giveUp({ rank, seconds }: Patience): void {
  const sentence = `Rank ${rank} has waited ${seconds} s for all ranks to begin: one of them does not come.`;
  writeSync(2, `southwell: ${sentence}\n`);
  endProcess(EXIT.noAnswer);
}

/** Where MPI begins in another thread: clear it once it has. */
export function joinWithin(place: Place): NodeJS.Timeout {
  const patience = patienceWith(place);
  return setTimeout(() => giveUp(patience), 1000 * patience.seconds).unref();
}

/** Where MPI begins in this thread: a worker minds the time. */
export function joinMinded<T>(place: Place, begin: () => T): T {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const minder = new Worker(new URL('join-worker.js', import.meta.url), {
    workerData: { ...patienceWith(place), flag },
    execArgv: [],
  });
  minder.unref();
  try {
    return begin();
  } finally {
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  }
}
