import {
  cards,
  countingRuns,
  type Judged,
  lockedDigest,
  type PaperRecord,
  type PaperStanding,
  paperStanding,
  parseNumbers,
  type Released,
  releasedOf,
  releasedRuns,
  stateOf,
  undecidedStanding,
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
  private records = $state.raw<readonly PaperRecord[]>([]);
  private served = $state.raw<Runs>({});
  private own = $state.raw<Runs>({});
  private readonly byPaper = $derived(
    new Map(
      cards.map(({ number, claims }) => {
        const own = [...(this.served[number] ?? []), ...(this.own[number] ?? [])];
        const released = this.released.get(number);
        const runs = [...releasedRuns(released), ...own.map((run) => ({ ...run, own: true }))];
        const record = this.records[number - 1];
        return [number, record ? paperStanding(record, runs, released) : undecidedStanding(claims)] as const;
      }),
    ),
  );

  private readonly byRelease = $derived(
    new Map(
      cards.map(({ number, claims }) => {
        const released = this.released.get(number);
        const record = this.records[number - 1];
        const known = record ? paperStanding(record, releasedRuns(released), released) : undecidedStanding(claims);
        return [number, known] as const;
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
    const running = cards.filter((r) => stateOf(r) === 'runs');
    await Promise.all([
      import('./records.ts').then(({ records }) => {
        this.records = records;
      }),
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
    const { records } = await import('./records.ts');
    const locked = lockedDigest(records[paper - 1], experiment);
    const run = { date: new Date().toISOString(), locked, verdicts: $state.snapshot(verdicts) as Verdict[] };
    this.own = { ...kept, [paper]: countingRuns([...(kept[paper] ?? []), run]) };
    await set(KEY, this.own);
  }
}

export const verdicts = new Verdicts();
