import { type AnyModel, LinearModel } from 'southwell/linear-models';
import { classificationOf, labelsOf } from '../classes/classification.ts';
import type { Classification } from '../classes/result.ts';
import type { Columns } from '../declaration/columns.ts';
import type { Split } from './holdout.ts';
import type { Problem } from './problem.ts';

/**
 * Whether a model without a penalty has no finite coefficients, as it separates the classes: along its direction the
 * likelihood grows for ever (Albert & Anderson 1984).
 */
export function isSeparated(model: AnyModel, { design: { X }, y, offset, spread }: Problem): boolean {
  if (!hasProbabilities(model) || X.kind === 'parts') return false;
  const labels = y as ArrayLike<unknown>;
  const predicted = (model as LinearModel).predictClass(X, { offset });
  const right = Array.from(predicted).every((label, i) => String(label) === String(labels[i]));
  return !spread.tell(right).includes(false);
}

/** Whether a model predicts the probabilities of classes. */
export const hasProbabilities = (model: AnyModel): boolean =>
  model instanceof LinearModel ? model.link === 'logit' : model.classes !== undefined;

/** The quality of a classifier, on the held-out rows if there are any; `columns` are their predictions. */
export function judged(
  model: AnyModel,
  p: Problem,
  split: Split | undefined,
  columns: Columns | undefined,
): Classification {
  const labels = model.classes!.map(String);
  const words = (values: ReadonlyArray<unknown>) => values.map((v) => (v === null ? null : String(v)));
  if (split && columns) {
    return classificationOf({
      rows: 'held out',
      labels,
      truth: labelsOf(split.held, p.summary.target),
      // A rank may have none of these rows.
      predicted: words(columns.prediction ?? []),
      ...(hasProbabilities(model) && {
        probabilities: labels.map((label) => (columns[`probability_${label}`] ?? []) as ReadonlyArray<number | null>),
      }),
      spread: split.heldRows,
    });
  }
  const { X } = p.design;
  const { offset, spread } = p;
  const truth = words(Array.from(p.y as ArrayLike<unknown>));
  if (model instanceof LinearModel) {
    const second = model.link === 'logit' ? model.predictProba(X, { offset }) : undefined;
    const predicted = words(model.predictClass(X, { offset }));
    const probabilities = second && [second.map((v) => 1 - v), second];
    return classificationOf({ rows: 'fitted', labels, truth, predicted, probabilities, spread });
  }
  const all = model.predictProba(X);
  const probabilities = labels.map((_, k) => all.column(k));
  const predicted = words(model.predictClass(X));
  return classificationOf({ rows: 'fitted', labels, truth, predicted, probabilities, spread });
}
