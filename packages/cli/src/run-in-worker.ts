import { Worker } from 'node:worker_threads';
import { EXIT, Exit, UsageError } from './errors.ts';
import { onInterrupt } from './interrupt.ts';
import { ProgressLine } from './progress.ts';
import type { FromJob } from './serve-job.ts';
import { endGroup } from './shell.ts';

export interface WorkerRun<T> {
  readonly outcome: T;
  /** Ctrl-C came before the end. */
  readonly interrupted: boolean;
  /** Ends the worker, then lets interrupts do again what they do by default. */
  end(): Promise<void>;
}

/**
 * Runs a job beside the main thread, which stays free for Ctrl-C: the first asks the job to stop, a second one ends the
 * process. The worker's file answers by `serveJob`.
 */
export function runInWorker<T, P>(
  file: URL,
  request: object,
  about: {
    readonly quiet: boolean;
    readonly progressText: (progress: P) => string;
    /** Said at the first interrupt. */
    readonly stopping: string;
    /** Said where the interrupt came before there was anything to give. */
    readonly stoppedEarly: string;
  },
): Promise<WorkerRun<T>> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(file, {
    workerData: { request, flag },
    // Without the parent's flags, which may be meant for another module.
    execArgv: [],
  });
  const line = new ProgressLine(about.quiet);
  let groups: readonly number[] = [];
  // A second Ctrl-C gives programs that do not mind a polite end no time to be ended by the worker.
  const kill = () => {
    for (const group of groups) endGroup(group, 'SIGKILL');
  };
  process.on('exit', kill);
  let done = false;
  const stop = () => {
    line.clear();
    Atomics.store(flag, 0, 1);
    process.stderr.write(`${about.stopping}\n`);
    worker.postMessage('abort');
  };
  const release = onInterrupt(stop, () => done);
  const end = async () => {
    await worker.terminate();
    process.off('exit', kill);
    release();
  };
  return new Promise<WorkerRun<T>>((resolve, reject) => {
    worker.on('message', (m: FromJob<T, P>) => {
      if (m.type === 'progress') {
        if (Atomics.load(flag, 0) === 0) line.update(about.progressText(m.progress));
      } else if (m.type === 'groups') {
        groups = m.groups;
      } else if (m.type === 'done') {
        done = true;
        line.clear();
        resolve({ end, outcome: m.outcome, interrupted: Atomics.load(flag, 0) !== 0 });
      } else if (m.aborted) {
        process.stderr.write(`${about.stoppedEarly}\n`);
        reject(new Exit(EXIT.stopped));
      } else {
        const error = m.known ? new UsageError(m.message) : new Error(m.message);
        error.stack = m.stack;
        reject(error);
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`The worker ended early (code ${code}).`)));
  }).catch(async (error) => {
    line.clear();
    await end();
    throw error;
  });
}
