import type { Completion, Determination } from 'southwell/factorisation';
import type { Columns } from '../../declaration/columns.ts';
import type { Names } from './entries.ts';

export interface Prediction {
  /** null if it is not determined. */
  readonly value: number | null;
  readonly determined: boolean;
}

/** The prediction of entry (i, j). */
export type Predictor = (i: number, j: number) => Prediction;

export type Range = readonly [least: number, most: number];

export const clipped = (value: number, range: Range | undefined): number =>
  range ? Math.min(range[1], Math.max(range[0], value)) : value;

/**
 * Predicts a value for entries that are determined; for others, the minimiser of the penalty if there is one, the
 * biases of a row or column without entries, or none.
 * @param penalised Whether a penalty selects among completions that fit equally well.
 */
export function predictorOf(
  completion: Pick<Completion, 'predict' | 'unidentified' | 'biases'>,
  determination: Determination,
  penalised: boolean,
  range: Range | undefined,
): Predictor {
  const rows = new Set(completion.unidentified.rows);
  const cols = new Set(completion.unidentified.cols);
  return (i, j) => {
    const determined = determination.determined(i, j);
    const unseen = rows.has(i) || cols.has(j);
    const told = determined || (unseen ? completion.biases !== undefined : penalised);
    return { value: told ? clipped(completion.predict(i, j), range) : null, determined };
  };
}

/** Column titles of a table of predictions; an existing column called `determined` keeps its name. */
export interface PredictionTitles {
  readonly row: string;
  readonly col: string;
  readonly value: string;
}

const markOf = ({ row, col, value }: PredictionTitles): string => {
  let name = 'determined';
  while ([row, col, value].includes(name)) name += '_';
  return name;
};

/** A table of predictions, one per row; null stands for an unknown name. */
export function predictionColumns(
  titles: PredictionTitles,
  names: ReadonlyArray<readonly [row: Names[number] | null, col: Names[number] | null]>,
  found: readonly Prediction[],
): Columns {
  return {
    [titles.row]: names.map(([row]) => row),
    [titles.col]: names.map(([, col]) => col),
    [titles.value]: found.map(({ value }) => value),
    [markOf(titles)]: found.map(({ determined }) => (determined ? 'yes' : 'no')),
  };
}
