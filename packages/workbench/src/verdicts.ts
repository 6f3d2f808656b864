import { findRecord, measurementText, outcomeText, records, sentenceAt, short, type Verdict } from '@southwell/papers';
import type { RunResult } from './results.ts';

/** The verdicts of a result in words, for feeds and mails. */

export function claimOf(paper: number, { claim: id, size }: Verdict): string {
  const claim = findRecord(String(paper))?.claims.find((c) => c.id === id);
  return claim ? sentenceAt(claim, size) : id;
}

export const titleOf = (paper: number): string =>
  records.find((r) => r.number === paper)?.title ?? `Paper ${String(paper).padStart(2, '0')}`;

/** `2 hold, 1 does not`. */
export function tally(verdicts: readonly Verdict[]): string {
  const count = (outcome: Verdict['outcome']) => verdicts.filter((v) => v.outcome === outcome).length;
  const [holds, partly, not] = [count('holds'), count('partly'), count('does not hold')];
  const undecided = count('undecided');
  const parts = [
    holds && `${holds} ${holds === 1 ? 'holds' : 'hold'}`,
    partly && `${partly} partly`,
    not && `${not} ${not === 1 ? 'does' : 'do'} not`,
    undecided && `${undecided} undecided`,
  ];
  return parts.filter(Boolean).join(', ') || 'no verdict';
}

/** A heading for a result. */
export const headline = (r: RunResult): string =>
  `${titleOf(r.paper)}, ${r.experiment} (${r.size}, seed ${r.seed}): ${tally(r.verdicts)}`;

/** What was measured, each with its bar. */
export const numbersOf = (v: Verdict): string =>
  v.measured.map((m) => `${m.quantity} ${short(m.value)} (${measurementText(m)})`).join('; ');

/** One line a verdict: the outcome, the claim, the numbers with their bars. */
export function verdictLines(r: RunResult): string[] {
  return r.verdicts.map((v) => {
    const numbers = numbersOf(v);
    return `${outcomeText(v)}: ${claimOf(r.paper, v)}${numbers ? ` ${numbers}` : ''}`;
  });
}
