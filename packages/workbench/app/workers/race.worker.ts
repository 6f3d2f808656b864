// One problem, one method after the other; time for measuring does not count.
import { readTable } from '@southwell/data';
import { askedOf, check, type FormValues, families, formOf, labels, type Stride } from '@southwell/tasks';

export interface StartRace {
  readonly problem: string;
  readonly values: FormValues;
  readonly racers: readonly string[];
  /** Seconds for each racer. */
  readonly limit: number;
}
export type FromRace =
  | {
      readonly type: 'points';
      readonly racer: string;
      readonly x: number[];
      readonly y: number[];
      readonly work: number[];
    }
  | { readonly type: 'progress'; readonly racer: string }
  | {
      readonly type: 'end';
      readonly racer: string;
      readonly seconds: number;
      readonly value: number;
      readonly extra: number;
    }
  | { readonly type: 'done'; readonly about: string }
  | { readonly type: 'failed'; readonly message: string };

/** Milliseconds for each racer before the race. */
const WARM_UP = 50;

const post = (message: FromRace) => postMessage(message);

async function race({ problem, values, racers, limit }: StartRace): Promise<void> {
  const described = families.flatMap(({ races = [] }) => races).find(({ id }) => id === problem)!;
  const asked = askedOf(formOf(described.options), values);
  const contest = await described.contest(check(described, asked, labels(described)), readTable);
  // Each runs for a moment, unmeasured, so that none pays for what the others, too, need compiled.
  for (const racer of racers) {
    const until = performance.now() + WARM_UP;
    for (const _ of contest.racers[racer]()) if (performance.now() > until) break;
  }
  for (const racer of racers) {
    post({ type: 'progress', racer });
    let measured = { value: Number.POSITIVE_INFINITY, extra: 0 };
    let batch = { x: [] as number[], y: [] as number[], work: [] as number[] };
    const flush = () => {
      if (batch.x.length > 0) post({ type: 'points', racer, ...batch });
      batch = { x: [], y: [], work: [] };
    };
    let shown = performance.now();
    // Seconds of the racer until it was last measured, and when it went on.
    let spent = 0;
    let resumed = performance.now();
    const now = () => spent + (performance.now() - resumed) / 1000;
    let next = 0;
    let count = 0;
    let unmeasured: Stride<unknown> | undefined;
    const measure = (stride: Stride<unknown>) => {
      spent = now();
      measured = contest.measure(stride.snapshot());
      batch.x.push(spent);
      batch.y.push(measured.value);
      batch.work.push(stride.work);
      next = Math.max(spent * 1.1, spent + 1e-4);
      unmeasured = undefined;
      resumed = performance.now();
    };
    for (const stride of contest.racers[racer]()) {
      unmeasured = stride;
      // The first two hundred, then at times that grow by a tenth, so that measuring stays a small part of the race.
      if (count++ > 200 && now() < Math.min(next, limit)) continue;
      measure(stride);
      if (performance.now() - shown > 60) {
        flush();
        shown = performance.now();
      }
      if (measured.value <= contest.target || spent > limit) break;
    }
    if (unmeasured) measure(unmeasured);
    flush();
    post({ type: 'end', racer, seconds: spent, ...measured });
  }
  post({ type: 'done', about: contest.about });
}

addEventListener('message', ({ data }: MessageEvent<StartRace>) => {
  race(data).catch((error: Error) => post({ type: 'failed', message: error.message }));
});
