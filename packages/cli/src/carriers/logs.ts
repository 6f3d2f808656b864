import { complete, type Ranks } from '@southwell/distributed';
import { sentSoFar } from '@southwell/tasks';
import type { RankLog } from '../ranks/rank-log.ts';
import type { End, Post } from './attempt.ts';

/** Posts messages, and writes them to the rank's log. */
export const logged =
  <T>(post: Post<T>, log: () => RankLog | undefined): Post<T> =>
  (message) => {
    if (message.type === 'progress') log()?.progress(message.progress.text);
    post(message);
  };

export function logEnd(log: RankLog | undefined, end: End<unknown>, ranks?: Ranks): void {
  if (log && ranks && end.type === 'done') log.sent(sentSoFar(complete(ranks((comm) => comm.traffic()))));
  if (end.type === 'error') log?.line(`ends: ${end.aborted ? 'stopped' : end.message}`);
  else log?.line(`ends: ${(end.outcome as { readonly status?: string } | undefined)?.status ?? 'done'}`);
}
