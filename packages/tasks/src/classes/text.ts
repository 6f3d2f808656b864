import { count } from '../format.ts';
import type { Classification } from './result.ts';

/** A sentence on the rows used for judging the classification. */
export const judgedText = ({ rows, confusion }: Classification, keeps = '--holdout'): string => {
  const all = count(
    confusion.flat().reduce((a, b) => a + b, 0),
    'row',
  );
  return rows === 'held out'
    ? `on ${all} held out from the fit`
    : `on the ${all} used for fitting, which overestimates the accuracy on new ones; ${keeps} evaluates held-out rows`;
};
