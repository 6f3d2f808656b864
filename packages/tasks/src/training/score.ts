import type { Table } from '@southwell/data';
import { labelsOf } from '../classes/classification.ts';
import type { Columns } from '../declaration/columns.ts';
import { r2Score, type Score } from '../saved-model.ts';
import type { Trainable } from './data.ts';
import type { TrainResult } from './result.ts';

/** Number of reported rows. */
const WORST = 10;

/** The score of predictions on some rows of the table, by default all, and the rows with the largest errors. */
export function splitScore(
  table: Table,
  { target, about }: Trainable,
  columns: Columns,
  held: readonly number[] | undefined,
): { readonly score?: Score; readonly worst: TrainResult['worst'] } {
  const { prediction } = columns;
  const rows = (held ?? Array.from({ length: table.rows }, (_, i) => i)).filter((i) => prediction[i] !== null);
  if (target.kind === 'classes') {
    const truth = labelsOf(table, about.target);
    const wrong = rows.filter((i) => truth[i] !== null && String(prediction[i]) !== truth[i]);
    const known = rows.filter((i) => truth[i] !== null).length;
    const worst = wrong.map((i) => ({
      ...{ row: i + 1, truth: truth[i]!, predicted: prediction[i] },
      error: (columns[`probability_${truth[i]}`]?.[i] as number | undefined) ?? 0,
    }));
    return {
      ...(known > 0 && { score: { name: 'accuracy', value: 1 - wrong.length / known, rows: known } }),
      worst: worst.sort((a, b) => a.error - b.error).slice(0, WORST),
    };
  }
  const column = table.columns.find(({ name }) => name === about.target);
  const values = column?.type === 'number' ? column.values : table.sparse?.y;
  if (!values) return { worst: [] };
  const found = prediction as ReadonlyArray<number | null>;
  const worst = rows
    .filter((i) => !Number.isNaN(values[i]))
    .map((i) => ({ row: i + 1, truth: values[i], predicted: found[i], error: Math.abs(found[i]! - values[i]) }));
  const known = worst.map(({ row }) => row - 1);
  return {
    ...(known.length > 0 && { score: r2Score(known, [values], [Array.from(found, (v) => v ?? Number.NaN)]) }),
    worst: worst.sort((a, b) => b.error - a.error).slice(0, WORST),
  };
}
