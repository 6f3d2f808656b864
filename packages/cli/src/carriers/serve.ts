import { jobOf } from '../jobs/jobs.ts';
import { attempt } from './attempt.ts';
import { connection } from './connection.ts';
import { shellOf, toolsOf } from './tools.ts';

/** The worker's side: runs one job, posts its progress, and then its result as plain data or its error. */
export async function serve(): Promise<void> {
  const connected = connection();
  const { request, flag, port, post, listen } = connected;
  if (request.place?.kind === 'mpi') await (await import('./mpi.ts')).asRank(request.place, connected);
  else {
    const job = await jobOf(request);
    const shell = shellOf(post);
    post(
      await attempt(flag, listen, post, request, (working) =>
        job(request, toolsOf(request, working, shell)).finally(() => shell.close()),
      ),
    );
  }
  port.close();
}
