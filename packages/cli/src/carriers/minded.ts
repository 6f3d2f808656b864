import { EXIT, Exit } from '../errors.ts';
import type { Place } from '../ranks/ranks.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { endGroup } from '../terminal/shell.ts';
import { type FromJob, failure } from './attempt.ts';
import type { About, Carried } from './carrier.ts';
import { tellNote } from './notes.ts';

/** A rank that is told to end within this time after it was woken is being terminated by mpirun. */
const WAKE_MS = 1000;

/** A worker or threads that run a job beside the main thread. */
interface Beside {
  /** Asks the job to stop, in addition to the flag. */
  abort?(): void;
  /** Terminates the worker. `done`: the job has returned its result. */
  close(done: boolean): Promise<void>;
  /** Programs started by the job may still run after it. */
  readonly outlived?: boolean;
  /** Rejects if it ends without a result. */
  readonly failed: Promise<never>;
}

/**
 * Starts a job outside the main thread, which handles Ctrl-C, shows the progress and receives the messages. `start`
 * receives the flag that signals a stop, and a callback for messages of the job with their rank.
 */
export async function minded<T>(
  about: About,
  place: Place | undefined,
  start: (flag: Int32Array, hear: (message: FromJob<T>, rank?: number) => void) => Beside,
): Promise<Carried<T>> {
  const { quiet, stopping, stoppedEarly } = about;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const told: string[] = [];
  const line = new ProgressLine(quiet);
  // If mpirun terminates all ranks, only one reports it.
  const speaks = !place || place.rank === 0;
  /** By rank. */
  const groups = new Map<number, readonly number[]>();
  // After a second Ctrl-C the worker has no time to terminate programs that ignore the first signal.
  const kill = () => {
    for (const group of [...groups.values()].flat()) endGroup(group, 'SIGKILL');
  };
  process.on('exit', kill);
  let done = false;
  let beside: Beside | undefined;
  const stop = () => {
    line.clear();
    Atomics.store(flag, 0, 1);
    if (speaks) process.stderr.write(`${stopping}\n`);
    beside?.abort?.();
  };
  const release = onInterrupt(stop, () => done);
  // mpirun wakes processes with SIGCONT a quarter of a second before it terminates them.
  let woken = Number.NEGATIVE_INFINITY;
  const wake = () => {
    woken = performance.now();
  };
  if (place?.kind === 'mpi') process.on('SIGCONT', wake);
  const end = async () => {
    await beside?.close(done);
    if (beside?.outlived) kill();
    process.off('exit', kill);
    process.off('SIGCONT', wake);
    release();
  };
  try {
    return await new Promise<Carried<T>>((resolve, reject) => {
      const hear = (m: FromJob<T>, from = 0) => {
        if (m.type === 'progress') {
          if (Atomics.load(flag, 0) === 0) line.update(m.progress.text);
        } else if (m.type === 'note') {
          line.clear();
          if (speaks) tellNote(m.note, about, told);
        } else if (m.type === 'groups') groups.set(from, m.groups);
        else if (m.type === 'done') {
          done = true;
          line.clear();
          const interrupted = Atomics.load(flag, 0) !== 0;
          const unheard = interrupted && performance.now() - woken < WAKE_MS;
          resolve({ end, outcome: m.outcome, told, interrupted, unheard });
        } else if (m.type === 'error' && m.aborted) {
          if (speaks) process.stderr.write(`${stoppedEarly}\n`);
          reject(new Exit(EXIT.stopped));
        } else if (m.type === 'error') reject(failure(m));
      };
      beside = start(flag, hear);
      beside.failed.catch(reject);
    });
  } catch (error) {
    line.clear();
    await end();
    throw error;
  }
}
