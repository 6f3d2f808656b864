import { complete, type Ranks } from '@southwell/distributed';
import { type JobRanks, jobRanks } from '@southwell/tasks';
import { jobOf } from '../jobs/jobs.ts';
import { RankLog } from '../ranks/rank-log.ts';
import { turnOf } from '../ranks/ranks.ts';
import { attempt, type Listen } from './attempt.ts';
import type { JobRequest } from './carrier.ts';
import { recordedJob } from './events.ts';
import { logEnd, logged } from './logs.ts';
import { shellOf, toolsOf } from './tools.ts';

/** Milliseconds after which one of several threads has noticed the stop flag. */
const GLANCE = 20;

/** Runs a job as one of several threads, each of which is a rank. */
export async function asThread(
  ranks: Ranks,
  { request, flag }: { readonly request: JobRequest; readonly flag: Int32Array },
  post: (message: unknown) => void,
): Promise<void> {
  const job = await jobOf(request);
  const shell = shellOf(post);
  const { timeout, choose, network, events, work } = request.place!;
  const rank = complete(
    ranks(function* (comm) {
      yield* comm.clock();
      return comm.rank;
    }),
  );
  let log: RankLog | undefined;
  let glances: NodeJS.Timeout | undefined;
  const listen: Listen = (abort) => {
    glances = setInterval(() => Atomics.load(flag, 0) !== 0 && abort(), GLANCE);
  };
  const end = await attempt(
    flag,
    listen,
    logged(post, () => log),
    request,
    async (working) => {
      log = RankLog.of(request.place!, rank);
      const mark: JobRanks['mark'] = (measure, iteration, value) => {
        const seconds = complete(ranks((comm) => comm.clock()));
        post({ type: 'mark', measure, seconds, iteration, value });
      };
      const note: JobRanks['note'] = (seconds, of, what) => post({ type: 'happened', seconds, rank: of, what });
      const suspect: JobRanks['suspect'] = (hostile) => post({ type: 'suspect', ranks: hostile });
      const simulated = network !== undefined;
      return recordedJob(ranks, request, { first: rank === 0, tell: working.tell }, (through, measures) => {
        const own = jobRanks(through, working.signal, timeout, {
          ...{ choose, simulated, work, ...measures },
          ...(simulated && events !== undefined && rank === 0 && { mark, note, suspect }),
        });
        return job(request, toolsOf(request, working, shell, own));
      }).finally(() => shell.close());
    },
  );
  clearInterval(glances);
  logEnd(log, end, ranks);
  if (end.type === 'error') await turnOf(rank);
  post(end);
  // Ends the other ranks as well.
  if (end.type === 'error') throw new Error(end.message);
}
