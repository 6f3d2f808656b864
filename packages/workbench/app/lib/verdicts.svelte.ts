import {
  countingRuns,
  type Judged,
  lockedDigest,
  type PaperStanding,
  paperStanding,
  parseNumbers,
  type Released,
  records,
  releasedOf,
  releasedRuns,
  stateOf,
  type Verdict,
} from '@southwell/papers';
import { ask } from './host.ts';
import { get, set } from './storage.ts';

/** Runs by paper number. */
type Runs = Readonly<Record<number, readonly Judged[]>>;

const KEY = 'judged';

/**
 * The outcomes of the claims of all papers: from the released results, from runs stored by the server, and from those
 * stored in this browser.
 */
class Verdicts {
  released = $state.raw<ReadonlyMap<number, Released>>(new Map());
  private served = $state.raw<Runs>({});
  private own = $state.raw<Runs>({});
  private readonly byPaper = $derived(
    new Map(
      records.map((r) => {
        const own = [...(this.served[r.number] ?? []), ...(this.own[r.number] ?? [])];
        const released = this.released.get(r.number);
        const runs = [...releasedRuns(released), ...own.map((run) => ({ ...run, own: true }))];
        return [r.number, paperStanding(r, runs, released)] as const;
      }),
    ),
  );

  private readonly byRelease = $derived(
    new Map(
      records.map((r) => {
        const released = this.released.get(r.number);
        return [r.number, paperStanding(r, releasedRuns(released), released)] as const;
      }),
    ),
  );

  /** How the paper stands: of its claims, in its order, and as a whole. */
  of(paper: number): PaperStanding {
    return this.byPaper.get(paper)!;
  }

  /** The same, of the released runs alone. */
  asReleased(paper: number): PaperStanding {
    return this.byRelease.get(paper)!;
  }

  async load(): Promise<void> {
    const running = records.filter((r) => stateOf(r) === 'runs');
    await Promise.all([
      // Without a server or network, only the results of this browser are used.
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

  /** Stores the verdicts of a finished experiment in this browser. Runs with non-default parameters do not count. */
  async record(
    paper: number,
    experiment: string,
    verdicts: readonly Verdict[],
    parameters: Readonly<Record<string, number>>,
  ): Promise<void> {
    if (verdicts.length === 0 || Object.keys(parameters).length > 0) return;
    const kept = (await get<Runs>(KEY)) ?? {};
    const locked = lockedDigest(records[paper - 1], experiment);
    const run = { date: new Date().toISOString(), locked, verdicts: $state.snapshot(verdicts) as Verdict[] };
    this.own = { ...kept, [paper]: countingRuns([...(kept[paper] ?? []), run]) };
    await set(KEY, this.own);
  }
}

export const verdicts = new Verdicts();
