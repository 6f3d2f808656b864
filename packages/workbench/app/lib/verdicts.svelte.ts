import type { Outcome, Size, Verdict } from '@southwell/papers';
import { ask } from './host.ts';

/** The latest verdicts of each paper: those of the server's store, and of runs in this browser. */
export interface PaperVerdicts {
  readonly counts: Partial<Record<Outcome, number>>;
  /** Of the run; absent in what browsers kept before it was told. */
  readonly size?: Size;
  readonly date: string;
}

class Verdicts {
  byPaper = $state.raw<ReadonlyMap<number, PaperVerdicts>>(new Map());

  async load(): Promise<void> {
    const map = new Map<number, PaperVerdicts>();
    // Without a server or a network, what this browser knows has to do.
    const answer = await ask<{ results: { paper: number; date: string; verdicts: Verdict[] }[] }>('/api/results');
    for (const r of answer?.results ?? [])
      if (r.date >= (map.get(r.paper)?.date ?? '')) map.set(r.paper, summary(r.verdicts, r.date));
    const own = JSON.parse(localStorage.getItem('verdicts') ?? '{}') as Record<string, PaperVerdicts>;
    for (const [paper, v] of Object.entries(own))
      if (v.date >= (map.get(Number(paper))?.date ?? '')) map.set(Number(paper), v);
    this.byPaper = map;
  }

  /** Remembers the verdicts of a run in this browser. */
  record(paper: number, verdicts: readonly Verdict[]): void {
    if (verdicts.length === 0) return;
    const own = JSON.parse(localStorage.getItem('verdicts') ?? '{}') as Record<string, PaperVerdicts>;
    own[paper] = summary(verdicts, new Date().toISOString());
    localStorage.setItem('verdicts', JSON.stringify(own));
    void this.load();
  }
}

function summary(verdicts: readonly Verdict[], date: string): PaperVerdicts {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const v of verdicts) counts[v.outcome] = (counts[v.outcome] ?? 0) + 1;
  return { counts, size: verdicts[0]?.size, date };
}

export const verdicts = new Verdicts();
