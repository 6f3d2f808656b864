import type { Table } from '@southwell/data';
import type { SplitRows } from '@southwell/numerics/core';
import type { Classification } from './result.ts';

/** Number of bins of probabilities, of equal width, as in scikit-learn's `calibration_curve`. */
const BINS = 10;

interface Judged {
  readonly rows: Classification['rows'];
  readonly labels: readonly string[];
  /** The class of each row, and its prediction; rows that lack either are ignored. */
  readonly truth: ReadonlyArray<string | null>;
  readonly predicted: ReadonlyArray<string | null>;
  /** Grouped by class. */
  readonly probabilities?: ReadonlyArray<ArrayLike<number | null>>;
  /** How these rows are distributed over ranks. */
  readonly spread: SplitRows;
}

/**
 * The quality of a classification: the confusion matrix, and with probabilities the calibration curves (for two
 * classes, of the second only). Every row counts once, whatever its weight.
 */
export function classificationOf({ rows, labels, truth, predicted, probabilities, spread }: Judged): Classification {
  const place = new Map(labels.map((label, k) => [label, k]));
  const judged = labels.map((_, k) => k).filter((k) => probabilities && (labels.length > 2 || k > 0));
  // The confusion matrix, then for every calibrated class the bins with their counts, sums of probabilities and rows of
  // the class.
  const width = labels.length;
  const sums = new Float64Array(width * width + judged.length * BINS * 3);
  spread.sum(sums, (_, from, to, into) => {
    for (let i = from; i < to; i++) {
      const [row, column] = [place.get(truth[i] ?? ''), place.get(predicted[i] ?? '')];
      if (truth[i] === null || predicted[i] === null || row === undefined || column === undefined) continue;
      into[row * width + column]++;
      judged.forEach((k, at) => {
        const p = probabilities![k][i]!;
        const start = width * width + 3 * (at * BINS + binOf(p));
        into[start]++;
        into[start + 1] += p;
        if (row === k) into[start + 2]++;
      });
    }
  });
  const confusion = labels.map((_, k) => Array.from(sums.subarray(k * width, (k + 1) * width)));
  const curves = judged.map((k, at) => ({
    label: labels[k],
    bins: binsOf(sums.subarray(width * width + 3 * at * BINS, width * width + 3 * (at + 1) * BINS)),
  }));
  return { rows, labels: [...labels], confusion, ...(probabilities && { calibration: curves }) };
}

/** The upper edge belongs to the last bin. */
function binOf(p: number): number {
  let bin = 0;
  while (bin < BINS - 1 && (bin + 1) / BINS < p) bin++;
  return bin;
}

/** The non-empty bins: their position, number of rows, mean probability, and fraction of rows of the class. */
function binsOf(sums: Float64Array) {
  return Array.from({ length: BINS }, (_, bin) => bin).flatMap((bin) => {
    const [count, predicted, observed] = sums.subarray(3 * bin, 3 * bin + 3);
    if (count === 0) return [];
    const edges = { from: bin / BINS, to: (bin + 1) / BINS };
    return [{ ...edges, rows: count, predicted: predicted / count, observed: observed / count }];
  });
}

/** The class of every row of a table as text, null if it is missing. */
export function labelsOf(table: Table, target: string): Array<string | null> {
  if (table.sparse) return Array.from(table.sparse.y ?? [], String);
  const column = table.columns.find((c) => c.name === target);
  if (!column) return new Array<null>(table.rows).fill(null);
  if (column.type === 'number') return Array.from(column.values, (v) => (Number.isNaN(v) ? null : String(v)));
  return Array.from(column.codes, (k) => (k < 0 ? null : column.levels[k]));
}
