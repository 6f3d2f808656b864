// Runs on simulated ranks, and reads event lists. Files never leave the machine.
import { type EventList, parseEventList } from '@southwell/distributed';
import { type FormValues, loadRankRun } from '@southwell/tasks';

export type ToRanks =
  | { readonly type: 'run'; readonly values: FormValues }
  | { readonly type: 'read'; readonly file: Blob };
export type FromRanks =
  | { readonly type: 'events'; readonly list: EventList }
  | { readonly type: 'failed'; readonly message: string };

const post = (message: FromRanks) => postMessage(message);

async function listOf(data: ToRanks): Promise<EventList> {
  if (data.type === 'run') return (await loadRankRun())(data.values);
  return parseEventList(await data.file.text());
}

export function receive(data: ToRanks): void {
  listOf(data).then(
    (list) => post({ type: 'events', list }),
    (error: Error) => post({ type: 'failed', message: error.message }),
  );
}
