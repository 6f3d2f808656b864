import type { Completion, Determination } from 'southwell/factorisation';
import type { Columns } from '../../declaration/columns.ts';
import type { Names } from './entries.ts';

export interface Prediction {
  /** null where nothing tells it. */
  readonly value: number | null;
  readonly determined: boolean;
}

/** What is predicted of entry (i, j). */
export type Predictor = (i: number, j: number) => Prediction;

export type Range = readonly [least: number, most: number];

export const clipped = (value: number, range: Range | undefined): number =>
  range ? Math.min(range[1], Math.max(range[0], value)) : value;

/**
 * A value for what the entries determine; for what they do not, the choice of the penalty where there is one, the biases
 * of a row or column without entries, and else none.
 * @param penalised Whether a penalty chooses among completions that fit alike.
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

/** Titles of a table of predictions; a column that is called `determined` already keeps its name. */
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

/** A table of predictions, a row each; null stands for a name that the data do not have. */
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
