import {
  countingRuns,
  findRecord,
  type Judged,
  measurementText,
  outcomeText,
  records,
  sentenceAt,
  short,
  standings,
  tallyOf,
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
  const { text } = tallyOf(standings({ claims }, [{ date: r.date, verdicts: r.verdicts }]));
  return `${titleOf(r.paper)}, ${r.experiment}: ${text}${set}`;
}

/**
 * By paper, the stored verdicts that count for the feed: the latest for each claim, size and seed at default
 * parameters.
 */
export function verdictsByPaper(results: readonly RunResult[]): Record<number, Judged[]> {
  const papers = [...new Set(results.map((r) => r.paper))].map((paper) => {
    const runs = results.filter((r) => r.paper === paper).map(({ date, set, verdicts }) => ({ date, set, verdicts }));
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
