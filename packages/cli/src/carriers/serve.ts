import { jobOf } from '../jobs/jobs.ts';
import { attempt } from './attempt.ts';
import { connection } from './connection.ts';
import { shellOf, toolsOf } from './tools.ts';

/** The worker's side: one job, its progress, its outcome as plain data or its failure. */
export async function serve(): Promise<void> {
  const connected = connection();
  const { request, flag, port, post, listen } = connected;
  if (request.place?.kind === 'mpi') await (await import('./mpi.ts')).asRank(request.place, connected);
  else {
    const job = await jobOf(request);
    const shell = shellOf(post);
    post(
      await attempt(flag, listen, post, (working) =>
        job(request, toolsOf(request, working, shell)).finally(() => shell.close()),
      ),
    );
  }
  port.close();
}
