// MPI_Init is a collective call that blocks its thread for as long as one rank is missing. Therefore another thread
// terminates the process on timeout, without the cooperation of the blocked one.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { endProcess } from '@southwell/distributed';
import { EXIT } from '../errors.ts';
import type { Place } from './ranks.ts';

/** Minimum time in seconds for ranks to connect and to disconnect: some hosts are slower than others. */
const LEAST = 10;

/** The timeout for a rank to connect and disconnect. */
export interface Patience {
  readonly rank: number;
  readonly seconds: number;
}

export const patienceWith = ({ rank, timeout }: Place): Patience => ({ rank, seconds: Math.max(timeout, LEAST) });

export function giveUp({ rank, seconds }: Patience): void {
  const sentence = `Rank ${rank} has waited ${seconds} s for all ranks to start: at least one has not joined.`;
  writeSync(2, `southwell: ${sentence}\n`);
  endProcess(EXIT.noAnswer);
}

/** For MPI in another thread: clear the timer once it has connected. */
export function joinWithin(place: Place): NodeJS.Timeout {
  const patience = patienceWith(place);
  return setTimeout(() => giveUp(patience), 1000 * patience.seconds).unref();
}

/** For MPI in this thread: a worker watches the time. */
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
