import type { Table } from '@southwell/data';
import { bestColumns, foldInImplicit, type ImplicitFactors, implicitRecords } from 'southwell/factorisation';
import * as v from 'valibot';
import type { Columns } from '../../declaration/columns.ts';
import { savedFields } from '../../declaration/records.ts';
import { RequestError } from '../../errors.ts';
import { count } from '../../format.ts';
import { modelText, type Predictions, savedAs } from '../../saved-model.ts';
import { type Entries, entriesOf, type Names, type Titles } from '../completion/entries.ts';
import { finder } from '../completion/pairs.ts';

/** Files of recommendation models: factors, and the observed pairs, which are not recommended again. */

const FORMAT = 'southwell-recommendation';
const names = v.array(v.union([v.string(), v.number()]));
const places = v.array(v.pipe(v.number(), v.integer(), v.minValue(0)));
const finite = v.array(v.pipe(v.number(), v.finite()));
const { rank, alpha, lambda } = implicitRecords;
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  titles: v.object({ row: v.string(), col: v.string(), value: v.string() }),
  rows: names,
  cols: names,
  ...savedFields({ rank, alpha, lambda }),
  top: v.pipe(v.number(), v.integer(), v.minValue(1)),
  left: finite,
  right: finite,
  known: v.object({ row: places, col: places }),
});
type Saved = v.InferOutput<typeof schema>;

export function savedText(model: ImplicitFactors, entries: Entries, top: number): string {
  const { rank, alpha, lambda, factors } = model;
  const { titles, rows, cols, row, col } = entries;
  return modelText<Saved>({
    ...{ format: FORMAT, version: 1, titles, rows: [...rows], cols: [...cols], rank, alpha, lambda, top },
    ...{ left: [...factors.left], right: [...factors.right] },
    known: { row: Array.from(row), col: Array.from(col) },
  });
}

export const recommendationSaved = savedAs(FORMAT, schema, (saved) => {
  const { rows, cols, rank, left, right, known } = saved;
  const shaped =
    left.length === rows.length * rank &&
    right.length === cols.length * rank &&
    known.row.length === known.col.length &&
    known.row.every((i) => i < rows.length) &&
    known.col.every((j) => j < cols.length);
  return shaped ? { predict: (table: Table) => predict(saved, table) } : undefined;
});

/** A table of recommendations: a line for each column that is recommended to a row. */
export function recommendationColumns(
  { row, col }: Titles,
  cols: Names,
  lists: ReadonlyArray<{
    readonly name: string | number;
    readonly found: ReadonlyArray<{ readonly col: number; readonly value: number }>;
  }>,
): Columns {
  const free = (name: string) => {
    let own = name;
    while (own === row || own === col) own += '_';
    return own;
  };
  const all = lists.flatMap(({ name, found }) => found.map((one, at) => ({ name, place: at + 1, ...one })));
  return {
    [row]: all.map(({ name }) => name),
    [free('place')]: all.map(({ place }) => place),
    [col]: all.map((one) => cols[one.col]),
    [free('score')]: all.map(({ value }) => value),
  };
}

/**
 * The best columns for each row of a list, without those that it observed in the fit or in the list. New rows are coded
 * from their columns in the list.
 */
function predict(saved: Saved, table: Table): Predictions {
  const { titles, rows, cols, rank, alpha, lambda, top, known } = saved;
  const right = Float64Array.from(saved.right);
  const has = (name: string) => table.columns.some((c) => c.name === name);
  const entries = entriesOf(
    table,
    has(titles.row) && has(titles.col)
      ? { row: titles.row, col: titles.col, ...(has(titles.value) && { value: titles.value }) }
      : {},
    (option) => option,
    true,
  );
  const [rowOf, colOf] = [finder(rows), finder(cols)];
  const own = entries.rows.map(() => new Map<number, number>());
  const unknown = new Set<string>();
  entries.value.forEach((value, e) => {
    const name = entries.cols[entries.col[e]];
    const j = colOf(name);
    if (j < 0) unknown.add(String(name));
    else own[entries.row[e]].set(j, (own[entries.row[e]].get(j) ?? 0) + value);
  });
  const seen = rows.map(() => new Set<number>());
  known.row.forEach((i, e) => {
    seen[i].add(known.col[e]);
  });
  let fresh = 0;
  const lists = entries.rows.map((name, at) => {
    const i = rowOf(name);
    const listed = [...own[at]].sort(([a], [b]) => a - b);
    if (i >= 0) {
      const code = Float64Array.from(saved.left.slice(i * rank, i * rank + rank));
      return { name, found: bestColumns(code, right, top, new Set([...seen[i], ...own[at].keys()])) };
    }
    // Without any known column there is nothing to rank by.
    if (listed.length === 0) return { name, found: [] };
    fresh++;
    const code = foldInImplicit(
      { right, rank, alpha, lambda },
      listed.map(([j]) => j),
      listed.map(([, value]) => value),
    );
    return { name, found: bestColumns(code, right, top, new Set(own[at].keys())) };
  });
  const predicted = lists.filter(({ found }) => found.length > 0).length;
  if (predicted === 0 && unknown.size > 0) {
    throw new RequestError(
      `${table.name} has none of the columns of the model, such as ${cols.slice(0, 5).join(', ')}.`,
    );
  }
  return {
    columns: recommendationColumns(titles, cols, lists),
    predicted,
    notes: [
      ...(fresh > 0 ? [`${count(fresh, `new ${titles.row}`)} coded from the listed columns.`] : []),
      ...(unknown.size > 0
        ? [
            `Not in the model, and ignored: ${titles.col} ${[...unknown].slice(0, 5).join(', ')}${unknown.size > 5 ? ', …' : ''}.`,
          ]
        : []),
    ],
  };
}
