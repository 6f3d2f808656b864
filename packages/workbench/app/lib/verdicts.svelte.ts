import {
  countingRuns,
  type Judged,
  parseNumbers,
  type Released,
  records,
  releasedOf,
  releasedRuns,
  type Standing,
  standings,
  stateOf,
  type Verdict,
} from '@southwell/papers';
import { ask } from './host.ts';
import { get, set } from './storage.ts';

/** Runs by the number of their paper. */
type Runs = Readonly<Record<number, readonly Judged[]>>;

const KEY = 'judged';

/**
 * How the claims of all papers stand: by what ships with the product, by the runs that the server keeps, and by those of
 * this browser.
 */
class Verdicts {
  released = $state.raw<ReadonlyMap<number, Released>>(new Map());
  private served = $state.raw<Runs>({});
  private own = $state.raw<Runs>({});
  private readonly byPaper = $derived(
    new Map(
      records.map((r) => {
        const own = [...(this.served[r.number] ?? []), ...(this.own[r.number] ?? [])];
        const runs = [...releasedRuns(this.released.get(r.number)), ...own.map((run) => ({ ...run, own: true }))];
        return [r.number, standings(r, runs)] as const;
      }),
    ),
  );

  /** Each claim of the paper, in its order. */
  of(paper: number): readonly Standing[] {
    return this.byPaper.get(paper) ?? [];
  }

  async load(): Promise<void> {
    const running = records.filter((r) => stateOf(r) === 'runs');
    await Promise.all([
      // Without a server or a network, what this browser knows has to do.
      ask<object>('/api/verdicts').then((answer) => {
        if (answer) this.served = (parseNumbers(JSON.stringify(answer)) as { papers: Runs }).papers;
      }),
      get<Runs>(KEY).then((kept) => (this.own = kept ?? {})),
      this.released.size === 0 &&
        Promise.all(running.map(async (r) => [r.number, await releasedOf(r.number)] as const)).then((all) => {
          this.released = new Map(all.flatMap(([number, found]) => (found ? [[number, found] as const] : [])));
        }),
    ]);
  }

  /** Remembers the verdicts of a finished experiment in this browser. Runs with parameters of their own do not count. */
  async record(
    paper: number,
    verdicts: readonly Verdict[],
    parameters: Readonly<Record<string, number>>,
  ): Promise<void> {
    if (verdicts.length === 0 || Object.keys(parameters).length > 0) return;
    const kept = (await get<Runs>(KEY)) ?? {};
    const run = { date: new Date().toISOString(), verdicts: $state.snapshot(verdicts) as Verdict[] };
    this.own = { ...kept, [paper]: countingRuns([...(kept[paper] ?? []), run]) };
    await set(KEY, this.own);
  }
}

export const verdicts = new Verdicts();
