import { asWritten, type Column, type Table } from '@southwell/data';
import { type Completion, completionRecords, determination, foldInRow, type Pattern } from 'southwell/factorisation';
import * as v from 'valibot';
import { savedFields } from '../../declaration/records.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { modelText, type Predictions, savedAs } from '../../saved-model.ts';
import { type Entries, noNumber } from './entries.ts';
import type { Ranked } from './fits.ts';
import { finder, type Pairs, pairsOf, predictPairs } from './pairs.ts';
import { clipped, type Prediction, predictorOf, type Range } from './predictor.ts';

/**
 * Files of completed matrices: all that predictions and new rows need, including the positions of the observed entries.
 */

const FORMAT = 'southwell-completion';
const names = v.array(v.union([v.string(), v.number()]));
const places = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));
const finite = v.array(v.pipe(v.number(), v.finite()));
const { method, rank, lambda, nonNegative } = completionRecords;
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  ...savedFields({ method, rank, lambda, nonNegative }),
  dense: v.boolean(),
  fill: v.boolean(),
  titles: v.object({ row: v.string(), col: v.string(), value: v.string() }),
  rows: names,
  cols: names,
  penalised: v.boolean(),
  range: v.optional(v.tuple([v.number(), v.number()])),
  biases: v.optional(v.object({ mean: v.number(), row: finite, col: finite })),
  /** By rows: the factors of row i are the i-th block of `rank` numbers. */
  left: finite,
  right: finite,
  known: v.object({ row: places, col: places }),
});
type Saved = v.InferOutput<typeof schema>;

export function savedText(of: {
  readonly completion: Completion;
  readonly entries: Entries;
  readonly pattern: Pattern;
  readonly request: Ranked;
  readonly penalised: boolean;
  readonly range: Range | undefined;
}): string {
  const { completion, entries, pattern, request, penalised, range } = of;
  const { biases, factors } = completion;
  const { titles, rows, cols } = entries;
  const { method, rank, lambda = 0, dense = false, fill = false, nonNegative = false } = request;
  return modelText<Saved>({
    ...{ format: FORMAT, version: 1, method, dense, fill, titles, rows: [...rows], cols: [...cols] },
    ...{ rank, lambda, nonNegative, penalised, ...(range && { range: [...range] }) },
    ...(biases && { biases: { mean: biases.mean, row: [...biases.row], col: [...biases.col] } }),
    ...{ left: [...factors.left], right: [...factors.right] },
    known: { row: Array.from(pattern.row), col: Array.from(pattern.col) },
  });
}

export const completionSaved = savedAs(FORMAT, schema, (saved) => {
  const { rows, cols, rank, left, right, known, biases } = saved;
  const shaped =
    left.length === rows.length * rank &&
    right.length === cols.length * rank &&
    known.row.length === known.col.length &&
    known.row.every((i) => i < rows.length) &&
    known.col.every((j) => j < cols.length) &&
    (!biases || (biases.row.length === rows.length && biases.col.length === cols.length));
  return shaped ? new SavedCompletion(saved) : undefined;
});

class SavedCompletion {
  private readonly right: Float64Array;
  private readonly determination;
  private readonly at;

  constructor(private readonly saved: Saved) {
    const { rows, cols, rank, known, biases, penalised, range } = saved;
    const left = Float64Array.from(saved.left);
    this.right = Float64Array.from(saved.right);
    this.determination = determination(
      { rows: rows.length, cols: cols.length, ...known },
      { left, right: this.right },
      rank,
      { biases: biases !== undefined },
    );
    const absent = (n: number, seen: readonly number[]) => {
      const all = new Set(seen);
      return Array.from({ length: n }, (_, i) => i).filter((i) => !all.has(i));
    };
    const unidentified = { rows: absent(rows.length, known.row), cols: absent(cols.length, known.col) };
    const predict = (i: number, j: number) =>
      this.entry(biases?.row[i] ?? 0, left.subarray(i * rank, i * rank + rank), j);
    // Only whether there are biases matters here.
    this.at = predictorOf(
      { predict, unidentified, biases: biases as Completion['biases'] },
      this.determination,
      penalised,
      range,
    );
  }

  predict(table: Table): Predictions {
    return this.saved.dense ? this.matrix(table) : this.list(table);
  }

  private entry(bias: number, code: Float64Array, j: number): number {
    const { rank, biases } = this.saved;
    let sum = 0;
    for (let a = 0; a < rank; a++) sum += code[a] * this.right[j * rank + a];
    return (biases ? biases.mean + bias + biases.col[j] : 0) + sum;
  }

  /** Predictions in the columns of a new row, from its known entries. */
  private newRow(seen: readonly number[], values: readonly number[]): (j: number) => Prediction {
    const { rank, lambda, biases, nonNegative, penalised, range, method } = this.saved;
    if (method === 'svt') {
      throw new RequestError('A completion by svt cannot predict new rows: use robust, als or soft-impute.');
    }
    const { code, bias } = foldInRow(
      {
        right: this.right,
        rank,
        lambda,
        nonNegative,
        biases: biases && { mean: biases.mean, col: Float64Array.from(biases.col) },
      },
      seen,
      values,
    );
    const determined = this.determination.ofRow(code, seen);
    return (j) => {
      const sure = determined(j);
      const told = sure || (seen.length === 0 ? biases !== undefined : penalised);
      return { value: told ? clipped(this.entry(bias, code, j), range) : null, determined: sure };
    };
  }

  /**
   * Rows of a matrix with missing values: each is coded from its entries, which are kept, and its missing values are
   * filled in.
   */
  private matrix(table: Table): Predictions {
    const { cols, fill, titles } = this.saved;
    const found = cols.map((name) => table.columns.find((c) => c.name === String(name)));
    const absent = cols.filter((_, j) => found[j] === undefined);
    if (absent.length === cols.length) {
      throw new RequestError(`${table.name} has none of the columns of the model: ${some(cols)}.`);
    }
    const values = found.map((column, j) => numbersOf(table, column, String(cols[j])));
    const out = values.map((column) => new Array<number | null>(column.length).fill(null));
    let predicted = 0;
    for (let i = 0; i < table.rows; i++) {
      const seen = values.flatMap((column, j) => (Number.isNaN(column[i]) ? [] : [j]));
      const at = this.newRow(
        seen,
        seen.map((j) => values[j][i]),
      );
      out.forEach((column, j) => {
        const known = values[j][i];
        const { value, determined } = at(j);
        column[i] = Number.isNaN(known) ? (determined || fill ? value : null) : known;
      });
      if (out.some((column) => column[i] !== null)) predicted++;
    }
    const first = table.columns.find((c) => c.name === titles.row);
    const names = first && asWritten(first);
    const label =
      names && names.type !== 'number' ? { [titles.row]: Array.from(names.codes, (k) => names.levels[k] ?? null) } : {};
    const extra = table.columns.filter((c) => !found.includes(c) && c !== first).map((c) => c.name);
    return {
      columns: { ...label, ...Object.fromEntries(cols.map((name, j) => [String(name), out[j]])) },
      predicted,
      notes: [
        ...(absent.length > 0 ? [`Columns that ${table.name} lacks are treated as missing: ${some(absent)}.`] : []),
        ...(extra.length > 0 ? [`Columns that are not in the model are ignored: ${some(extra)}.`] : []),
      ],
    };
  }

  /**
   * A list of pairs to predict. New rows are coded from those of their entries that have values in the list; for known
   * rows, such values serve to evaluate the predictions.
   */
  private list(table: Table): Predictions {
    const { rows, cols, titles } = this.saved;
    const pairs = pairsOf(table, titles);
    const valueColumn = table.columns.find((c) => c.name === titles.value);
    const values = valueColumn && numbersOf(table, valueColumn, titles.value);
    const folded = values ? this.foldIn(pairs, values) : new Map<string, (j: number) => Prediction>();
    const all = [...rows, ...folded.keys()];
    const codes = [...folded.values()];
    const { columns, notes, found } = predictPairs(pairs, all, cols, titles, (i, j) =>
      i < rows.length ? this.at(i, j) : codes[i - rows.length](j),
    );
    const [rowOf, colOf] = [finder(rows), finder(cols)];
    const tested = pairs.names.flatMap(([row, col], e) => {
      const value = found[e].value;
      return values && !Number.isNaN(values[e]) && value !== null && rowOf(row) >= 0 && colOf(col) >= 0
        ? [(values[e] - value) ** 2]
        : [];
    });
    const coded =
      folded.size > 0 ? [`${count(folded.size, `new ${titles.row}`)} predicted from the given entries.`] : [];
    return {
      columns,
      predicted: found.filter(({ value }) => value !== null).length,
      ...(tested.length > 0 && {
        score: {
          name: 'RMSE',
          value: Math.sqrt(tested.reduce((a, b) => a + b, 0) / tested.length),
          rows: tested.length,
        },
      }),
      notes: [...coded, ...notes],
    };
  }

  private foldIn({ names: listed }: Pairs, values: Float64Array): Map<string, (j: number) => Prediction> {
    const [rowOf, colOf] = [finder(this.saved.rows), finder(this.saved.cols)];
    const entries = new Map<string, Map<number, number>>();
    listed.forEach(([row, col], e) => {
      const j = colOf(col);
      if (row === null || rowOf(row) >= 0 || j < 0 || Number.isNaN(values[e])) return;
      const own = entries.get(String(row)) ?? new Map<number, number>();
      if (own.has(j))
        throw new RequestError(`${this.saved.titles.row} ${row} has two values for ${col}: keep one of them.`);
      entries.set(String(row), own.set(j, values[e]));
    });
    const ordered = (own: Map<number, number>) => [...own].sort(([a], [b]) => a - b);
    return new Map(
      [...entries].map(([row, own]) => [
        row,
        this.newRow(
          ordered(own).map(([j]) => j),
          ordered(own).map(([, x]) => x),
        ),
      ]),
    );
  }
}

const some = (list: ReadonlyArray<string | number>): string =>
  `${list.slice(0, 8).join(', ')}${list.length > 8 ? ', …' : ''}`;

/** Missing values become NaN; throws for words and infinities. */
function numbersOf(table: Table, column: Column | undefined, name: string): Float64Array {
  if (!column) return new Float64Array(table.rows).fill(Number.NaN);
  if (column.type !== 'number') {
    if (column.codes.every((code) => code < 0)) return new Float64Array(table.rows).fill(Number.NaN);
    throw noNumber(table, column);
  }
  const wrong = column.values.findIndex((x) => Math.abs(x) === Number.POSITIVE_INFINITY);
  if (wrong >= 0)
    throw new RequestError(`${table.name}: column '${name}' holds ${column.values[wrong]} in row ${wrong + 1}.`);
  return column.values;
}
