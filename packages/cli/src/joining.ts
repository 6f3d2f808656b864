// MPI begins on all ranks together, in a call that blocks its thread however long one of them does not come: another ends the
// process, past that thread, which could not be asked.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { endProcess } from '@southwell/distributed';
import { EXIT } from './errors.ts';
import type { Place } from './ranks.ts';

/** Seconds that ranks may take at least to begin: some hosts start later than others. */
const STARTING = 10;

/** Of a rank, as a worker is told. */
export interface Joining {
  readonly rank: number;
  readonly seconds: number;
}

const joiningOf = ({ rank, timeout }: Place): Joining => ({ rank, seconds: Math.max(timeout, STARTING) });

export function giveUp({ rank, seconds }: Joining): void {
  const sentence = `Rank ${rank} has waited ${seconds} s for all ranks to begin: one of them does not come.`;
  writeSync(2, `southwell: ${sentence}\n`);
  endProcess(EXIT.noAnswer);
}

/** Where MPI begins in another thread: clear it once it has. */
export function joinWithin(place: Place): NodeJS.Timeout {
  const joining = joiningOf(place);
  return setTimeout(() => giveUp(joining), 1000 * joining.seconds).unref();
}

/** Where MPI begins in this thread: a worker minds the time. */
export function joinMinded<T>(place: Place, begin: () => T): T {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const minder = new Worker(new URL('join-worker.js', import.meta.url), {
    workerData: { ...joiningOf(place), flag },
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
