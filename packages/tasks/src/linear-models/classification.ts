import type { Table } from '@southwell/data';
import type { Classification } from './result.ts';

/** Bins of probabilities, of equal width, as scikit-learn's `calibration_curve` has them. */
const BINS = 10;

interface Judged {
  readonly rows: Classification['rows'];
  readonly labels: readonly string[];
  /** Of each row its class, and what was predicted; rows that lack either are left out. */
  readonly truth: ReadonlyArray<string | null>;
  readonly predicted: ReadonlyArray<string | null>;
  /** By class. */
  readonly probabilities?: ReadonlyArray<ArrayLike<number | null>>;
}

/**
 * How classes were told apart: rows by their class and by the one that was predicted, and of probabilities whether the event
 * came as often as they say, of two classes for the second. Every row counts once, whatever its weight.
 */
export function classificationOf({ rows, labels, truth, predicted, probabilities }: Judged): Classification {
  const place = new Map(labels.map((label, k) => [label, k]));
  const confusion = labels.map(() => labels.map(() => 0));
  const known: number[] = [];
  for (let i = 0; i < truth.length; i++) {
    const [row, column] = [place.get(truth[i] ?? ''), place.get(predicted[i] ?? '')];
    if (truth[i] === null || predicted[i] === null || row === undefined || column === undefined) continue;
    confusion[row][column]++;
    known.push(i);
  }
  const curves = labels.flatMap((label, k) => {
    if (!probabilities || (labels.length === 2 && k === 0)) return [];
    return [{ label, bins: calibration(known, probabilities[k], (i) => truth[i] === label) }];
  });
  return { rows, labels: [...labels], confusion, ...(probabilities && { calibration: curves }) };
}

/** The bins that have rows: where they lie, how many rows, the mean probability and the share of the class among them. */
function calibration(rows: readonly number[], probability: ArrayLike<number | null>, is: (row: number) => boolean) {
  const sums = Array.from({ length: BINS }, () => ({ rows: 0, predicted: 0, observed: 0 }));
  for (const i of rows) {
    const p = probability[i]!;
    // The upper edge belongs to a bin.
    let bin = 0;
    while (bin < BINS - 1 && (bin + 1) / BINS < p) bin++;
    sums[bin].rows++;
    sums[bin].predicted += p;
    if (is(i)) sums[bin].observed++;
  }
  return sums.flatMap(({ rows: count, predicted, observed }, bin) =>
    count === 0
      ? []
      : [
          {
            from: bin / BINS,
            to: (bin + 1) / BINS,
            rows: count,
            predicted: predicted / count,
            observed: observed / count,
          },
        ],
  );
}

/** The class of every row of a table as it is spelled, null where there is none. */
export function labelsOf(table: Table, target: string): Array<string | null> {
  if (table.sparse) return Array.from(table.sparse.y ?? [], String);
  const column = table.columns.find((c) => c.name === target);
  if (!column) return new Array<null>(table.rows).fill(null);
  if (column.type === 'number') return Array.from(column.values, (v) => (Number.isNaN(v) ? null : String(v)));
  return Array.from(column.codes, (k) => (k < 0 ? null : column.levels[k]));
}
