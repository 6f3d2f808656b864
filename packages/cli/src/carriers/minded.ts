import { EXIT, Exit } from '../errors.ts';
import type { Place } from '../ranks/ranks.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { endGroup } from '../terminal/shell.ts';
import { type FromJob, failure } from './attempt.ts';
import type { About, Carried } from './carrier.ts';

/** Within this time after it was woken a rank that is told to end is ended by mpirun. */
const WAKE_MS = 1000;

/** What does a job beside the main thread. */
interface Beside {
  /** Asks it to stop, beside the flag. */
  abort?(): void;
  /** Ends it. `done`: it has given its outcome. */
  close(done: boolean): Promise<void>;
  /** Programs that it runs may go on after it. */
  readonly outlived?: boolean;
  /** Rejects where it ends without a word. */
  readonly failed: Promise<never>;
}

/**
 * Starts something that does a job and hears of it in the main thread, which minds Ctrl-C and shows the progress. `start` is given the
 * flag of a stop, and who hears what the job posts, of which rank.
 */
export async function minded<T>(
  { quiet, stopping, stoppedEarly }: About,
  place: Place | undefined,
  start: (flag: Int32Array, hear: (message: FromJob<T>, rank?: number) => void) => Beside,
): Promise<Carried<T>> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const line = new ProgressLine(quiet);
  // Where mpirun ends all, one tells it.
  const speaks = !place || place.rank === 0;
  /** Of each rank. */
  const groups = new Map<number, readonly number[]>();
  // A second Ctrl-C gives programs that do not mind a polite end no time to be ended by the worker.
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
  // What mpirun ends it wakes first, a quarter of a second before.
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
        } else if (m.type === 'groups') groups.set(from, m.groups);
        else if (m.type === 'done') {
          done = true;
          line.clear();
          const interrupted = Atomics.load(flag, 0) !== 0;
          const unheard = interrupted && performance.now() - woken < WAKE_MS;
          resolve({ end, outcome: m.outcome, interrupted, unheard });
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
