import { count } from '../format.ts';
import type { Classification } from './result.ts';

/** A sentence on the rows used for judging the classification. @param holdout Whether rows can be held out. */
export const judgedText = ({ rows, confusion }: Classification, holdout = true): string => {
  const all = count(
    confusion.flat().reduce((a, b) => a + b, 0),
    'row',
  );
  if (rows === 'held out') return `on ${all} held out from the fit`;
  return rows === 'validation'
    ? `on ${all} of the validation set, by which the epoch was chosen, so that new ones may be classified less well; --holdout keeps rows for this table only`
    : `on the ${all} used for fitting, which overestimates the accuracy on new ones${holdout ? '; --holdout evaluates held-out rows' : ''}`;
};
