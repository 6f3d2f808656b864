import { type ExperimentEvent, emptyRun, fold, type RunState } from '@southwell/papers';

/** Results of runs stored in the browser. */

export interface ExperimentResult {
  readonly id: string;
  readonly state: RunState;
  /** Set when it is finished. */
  readonly seconds?: number;
}

/** The previous storage format: curves by panels. */
export interface EarlierResult extends Pick<RunState, 'verdicts' | 'tables' | 'pictures'> {
  readonly id: string;
  readonly panels: ReadonlyArray<{
    readonly title: string;
    readonly curves: ReadonlyArray<{
      readonly name: string;
      readonly x: number[];
      readonly y: number[];
      readonly work: Record<string, number[]>;
    }>;
  }>;
  readonly seconds?: number;
}

/** Converts a stored result to the current format. */
export function revived(kept: ExperimentResult | EarlierResult): ExperimentResult {
  if ('state' in kept) return kept;
  const { id, verdicts, tables, pictures, seconds } = kept;
  const points = kept.panels.flatMap(({ title, curves }) =>
    curves.map(({ name, ...c }): ExperimentEvent => ({ kind: 'points', panel: title, series: name, ...c })),
  );
  return { id, seconds, state: points.reduce(fold, { ...emptyRun, verdicts, tables, pictures }) };
}
