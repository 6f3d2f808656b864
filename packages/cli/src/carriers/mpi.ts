import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Mpi, mpi } from '@southwell/distributed';
import { jobRanks } from '@southwell/tasks';
import { EXIT, UsageError } from '../errors.ts';
import { jobOf } from '../jobs/jobs.ts';
import { patienceWith } from '../ranks/joining.ts';
import { RankLog } from '../ranks/rank-log.ts';
import { inTurn, type Place } from '../ranks/ranks.ts';
import { endInTime, LEAVE } from '../terminal/leaving.ts';
import { attempt } from './attempt.ts';
import type { Connection } from './connection.ts';
import { recordedJob } from './events.ts';
import { logEnd, logged } from './logs.ts';
import { shellOf, toolsOf } from './tools.ts';

/** Runs a job in a worker of a process that is one of several ranks: an error on one rank ends all. */
export async function asRank(place: Place, { request, flag, port, post, listen }: Connection): Promise<void> {
  const job = await jobOf(request);
  const shell = shellOf(post);
  const written = new Promise<void>((resolve) => port.on('message', (word) => word === LEAVE && resolve()));
  let log: RankLog | undefined;
  let joined: Mpi | undefined;
  const end = await attempt(
    flag,
    listen,
    logged(post, () => log),
    request,
    async (working) => {
      log = RankLog.of(place, place.rank);
      joined = mpi({ timeout: place.timeout });
      post({ type: 'joined' });
      if (joined.size !== place.size) {
        throw new UsageError(
          `This process is one of ${place.size} that were started together, but MPI sees ${joined.size}: start them by mpirun, or by srun --mpi=pmix.`,
        );
      }
      return recordedJob(joined.ranks, request, { first: place.rank === 0, tell: working.tell }, (through, measures) =>
        job(request, toolsOf(request, working, shell, jobRanks(through, working.signal, place.timeout, measures))),
      );
    },
  );
  logEnd(log, end, joined?.ranks);
  // Without MPI, the command reports the error itself.
  if (!joined) return post(end);
  if (end.type === 'error') {
    // Other ranks might wait for this rank forever, so that they are terminated with it.
    if (!end.aborted) writeSync(2, `southwell: ${await inTurn(end.message)}\n`);
    else if (place.rank === 0) post(end);
    await sleep(SAID);
    joined.abort(end.exitCode ?? (end.aborted ? EXIT.stopped : EXIT.usage));
  }
  // Posted before waiting for the others, since mpirun leaves a terminated process a fifth of a second.
  post(end);
  try {
    await attending(joined, Promise.all([written, shell.close()]));
    joined.close(endInTime(patienceWith(place)));
  } catch (error) {
    // Results are written even if another rank fails.
    await written;
    writeSync(2, `southwell: ${await inTurn((error as Error).message)}\n`);
    joined.abort(EXIT.noAnswer);
  }
}

/** Milliseconds between polls for messages. */
const ATTEND = 10;

/** Waits, while letting the other ranks know that this one is alive. */
async function attending(joined: Mpi, what: Promise<unknown>): Promise<void> {
  let over = false;
  const waiting = what.finally(() => {
    over = true;
  });
  while (!over) {
    joined.attend();
    await Promise.race([waiting, sleep(ATTEND)]);
  }
}

/**
 * Milliseconds after which posted messages have been printed, and passed on by mpirun, which drops what it has not yet
 * read when it ends the ranks.
 */
const SAID = 250;
