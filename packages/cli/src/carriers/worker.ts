import { Worker } from 'node:worker_threads';
import { joinWithin } from '../ranks/joining.ts';
import type { Place } from '../ranks/ranks.ts';
import { LEAVE } from '../terminal/leaving.ts';
import type { FromJob } from './attempt.ts';
import type { Carrier } from './carrier.ts';
import { minded } from './minded.ts';

/** Runs a job in a worker; with several processes, that worker is this process's rank. */
export const inWorker =
  (place?: Place): Carrier =>
  (request, about) =>
    minded(about, place, (flag, hear) => {
      const worker = new Worker(new URL('../job-worker.js', import.meta.url), {
        workerData: { request, flag },
        // Without the parent's flags, which may be specific to another module.
        execArgv: [],
      });
      const joining = place && joinWithin(place);
      const gone = new Promise((resolve) => worker.on('exit', resolve));
      worker.on('exit', () => clearTimeout(joining));
      worker.on('message', (m: FromJob<never>) => (m.type === 'joined' ? clearTimeout(joining) : hear(m)));
      return {
        abort: () => worker.postMessage('abort'),
        // A rank of several processes disconnects from the others once it has written all its output.
        async close(done) {
          if (done && place) worker.postMessage(LEAVE);
          await (done && place ? gone : worker.terminate());
        },
        failed: new Promise((_, reject) => {
          worker.on('error', reject);
          worker.on('exit', (code) => reject(new Error(`The worker ended early (code ${code}).`)));
        }),
      };
    });
