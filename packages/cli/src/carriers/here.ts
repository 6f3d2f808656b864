import { EXIT, Exit } from '../errors.ts';
import { jobOf } from '../jobs/jobs.ts';
import type { Aside } from './aside.ts';
import { attempt, type FromJob, failure } from './attempt.ts';
import type { Carrier } from './carrier.ts';
import { tellNote } from './notes.ts';
import { shellOf, toolsOf } from './tools.ts';

/**
 * Runs the job in this thread, a worker started by the main thread, which handles Ctrl-C and shows the progress; no
 * further thread is needed.
 */
export const here =
  ({ flag, listen, post }: Aside): Carrier =>
  async <T>(request: Parameters<Carrier>[0], about: Parameters<Carrier>[1]) => {
    const { quiet, stopping, stoppedEarly } = about;
    const told: string[] = [];
    post({ type: 'job', quiet, stopping });
    const hear = (m: FromJob<T>) => {
      if (m.type === 'progress' && !quiet) post({ type: 'progress', text: m.progress.text });
      else if (m.type === 'groups') post(m);
      else if (m.type === 'note') tellNote(m.note, about, told);
    };
    const job = await jobOf<T>(request);
    const shell = shellOf(hear);
    const end = await attempt<T>(flag, listen, hear, request, (working) =>
      // Terminating this thread would leave programs behind that ignore signals.
      job(request, toolsOf(request, working, shell)).finally(() => shell.close()),
    );
    post({ type: 'done' });
    if (end.type === 'done') {
      const interrupted = Atomics.load(flag, 0) !== 0;
      return { end: async () => {}, outcome: end.outcome, told, interrupted, unheard: false };
    }
    if (!end.aborted) throw failure(end);
    process.stderr.write(`${stoppedEarly}\n`);
    throw new Exit(EXIT.stopped);
  };
