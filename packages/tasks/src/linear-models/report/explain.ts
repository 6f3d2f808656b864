import type { Explanation } from 'southwell/linear-models';
import type { ViewTable } from '../../declaration/view.ts';
import { count } from '../../format.ts';
import { exchanged, type JobRanks } from '../../spread/ranks.ts';
import type { FitResult } from '../result.ts';

/**
 * Collects the explanations that the problems of a job report at their end: those of the path, and of the folds that
 * run in this thread.
 */
export class Explainer {
  private readonly told: Explanation[] = [];
  readonly onExplain = (explanation: Explanation): void => {
    this.told.push(explanation);
  };

  /**
   * Undefined if there was no problem. `threads`: number of threads for folds; their times are only known if there is
   * one.
   */
  result(threads: number, ranks?: JobRanks): FitResult['explanation'] {
    if (this.told.length === 0) return undefined;
    const phases: Record<string, number> = {};
    for (const { phases: some } of this.told) {
      for (const [phase, seconds] of Object.entries(some)) phases[phase] = (phases[phase] ?? 0) + seconds;
    }
    return {
      solver: this.told[0].solver,
      why: [...new Set(this.told.flatMap(({ why }) => why))],
      problems: this.told.length,
      phases: Object.entries(phases).map(([phase, seconds]) => ({ phase, seconds })),
      ...(threads > 1 && { foldThreads: threads }),
      ...(ranks && { exchanges: { ranks: ranks.size, ...exchanged(ranks) } }),
    };
  }
}

/** A table of the time spent, for users. */
export function explanationTable({ explanation, seconds }: FitResult): ViewTable[] {
  if (!explanation) return [];
  const { solver, why, phases, problems, foldThreads, exchanges } = explanation;
  const known = phases.reduce((sum, phase) => sum + phase.seconds, 0);
  return [
    {
      title: 'Where the seconds went',
      columns: ['phase', 'seconds', 'share'],
      rows: [
        ...phases.map((p) => [p.phase, p.seconds] as const),
        ['reading, folds in threads, other', seconds - known] as const,
      ]
        .filter(([, s]) => s > 0)
        .map(([phase, s]) => [phase, s, `${((100 * s) / seconds).toFixed(0)} %`]),
      below: [
        `Solver ${solver}: ${why.join('; ')}.`,
        `Sums over ${problems === 1 ? 'one problem' : `${problems} problems`}${foldThreads ? `; folds ran in ${foldThreads} threads, and what others than the first did is in the rest` : ''}.`,
        ...(exchanges
          ? [
              `Of these seconds ${exchanges.seconds.toPrecision(2)} (${((100 * exchanges.seconds) / seconds).toFixed(0)} %) went to exchanges among ${count(exchanges.ranks, 'rank')} and waiting for each other: ${count(exchanges.messages, 'message')}, ${(exchanges.bytes / 1e6).toPrecision(2)} MB.`,
            ]
          : []),
      ].join(' '),
    },
  ];
}
