// Runs a race in a worker.
import { readTable } from '@southwell/data';
import {
  askedOf,
  type Course,
  check,
  type Finish,
  type FormValues,
  families,
  formOf,
  labels,
  runRace,
} from '@southwell/tasks';

export interface StartRace {
  readonly problem: string;
  readonly values: FormValues;
  readonly racers: readonly string[];
  /** Time limit per method in seconds. */
  readonly limit: number;
}
export type FromRace =
  | { readonly type: 'points'; readonly racer: string; readonly course: Course }
  | { readonly type: 'progress'; readonly racer: string }
  | { readonly type: 'end'; readonly finish: Finish }
  | { readonly type: 'done'; readonly about: string }
  | { readonly type: 'failed'; readonly message: string };

const post = (message: FromRace) => postMessage(message);

async function race({ problem, values, racers, limit }: StartRace): Promise<void> {
  const described = families.flatMap(({ races = [] }) => races).find(({ id }) => id === problem)!;
  const asked = askedOf(formOf(described.options), values);
  const checked = check(described, asked, labels(described));
  const { about } = await runRace(
    described,
    checked,
    { racers, limit, read: readTable },
    {
      progress: (racer) => post({ type: 'progress', racer }),
      points: (racer, course) => post({ type: 'points', racer, course }),
      end: (finish) => post({ type: 'end', finish }),
    },
  );
  post({ type: 'done', about });
}

export function receive(data: StartRace): void {
  race(data).catch((error: Error) => post({ type: 'failed', message: error.message }));
}
