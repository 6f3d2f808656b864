import {
  countingRuns,
  findRecord,
  type Judged,
  measurementText,
  outcomeText,
  paperStanding,
  records,
  releasedOf,
  releasedRuns,
  seedsText,
  sentenceAt,
  short,
  type Verdict,
} from '@southwell/papers';
import type { Judgement, RunResult } from './results.ts';

/** The verdicts of a result in words, for feeds and mails. */

export function claimOf(paper: number, { claim: id, size }: Verdict): string {
  const claim = findRecord(String(paper))?.claims.find((c) => c.id === id);
  return claim ? sentenceAt(claim, size) : id;
}

export const titleOf = (paper: number): string =>
  records.find((r) => r.number === paper)?.title ?? `Paper ${String(paper).padStart(2, '0')}`;

/** A heading for a result: the number of judged claims by outcome, in the words of the feed. */
export function headline(r: Judgement): string {
  const claims = findRecord(String(r.paper))?.claims.filter(({ id }) => r.verdicts.some((v) => v.claim === id)) ?? [];
  const changed = Object.entries(r.set).map(([name, value]) => `${name} = ${value}`);
  const set = changed.length > 0 ? ` · with ${changed.join(', ')}, which does not count for the claims` : '';
  // Whether the run counts is of no concern here: claims without a lock accept any.
  const unlocked = { claims: claims.map((claim) => ({ ...claim, experiment: undefined })) };
  const { tally } = paperStanding(unlocked, [{ date: r.date, verdicts: r.verdicts }]);
  return `${titleOf(r.paper)}, ${r.experiment}: ${tally.outcomes} · ${r.size} · ${seedsText(tally.seeds)}${set}`;
}

/** By paper number, how the papers with released or stored results stand over both, in one line each. */
export async function standingLines(stored: readonly RunResult[]): Promise<ReadonlyMap<number, string>> {
  const lines = await Promise.all(
    records.map(async (record) => {
      const released = await releasedOf(record.number);
      const own = stored.filter((r) => r.paper === record.number);
      if (!released && own.length === 0) return [];
      return [
        [record.number, paperStanding(record, [...releasedRuns(released), ...own], released).tally.text] as const,
      ];
    }),
  );
  return new Map(lines.flat());
}

/**
 * By paper, the stored verdicts that count for the feed: the latest for each claim, size and seed at default
 * parameters.
 */
export function verdictsByPaper(results: readonly RunResult[]): Record<number, Judged[]> {
  const papers = [...new Set(results.map((r) => r.paper))].map((paper) => {
    const runs = results
      .filter((r) => r.paper === paper)
      .map(({ date, set, locked, verdicts }) => ({ date, set, locked, verdicts }));
    return [paper, countingRuns(runs)] as const;
  });
  return Object.fromEntries(papers.filter(([, runs]) => runs.length > 0));
}

/** The measured values, each with its bar. */
export const numbersOf = (v: Verdict): string =>
  v.measured.map((m) => `${m.quantity} ${short(m.value)} (${measurementText(m)})`).join('; ');

/** One line per verdict: the outcome, the seed if there are several, the claim, and the numbers with their bars. */
export function verdictLines(r: Judgement): string[] {
  const several = r.verdicts.some((v) => v.seed !== r.verdicts[0].seed);
  return r.verdicts.map((v) => {
    const numbers = numbersOf(v);
    return `${outcomeText(v)}${several ? `, seed ${v.seed}` : ''}: ${claimOf(r.paper, v)}${numbers ? ` ${numbers}` : ''}`;
  });
}
