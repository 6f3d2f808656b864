import type { Encoding, Table } from '@southwell/data';
import { DenseMatrix } from 'southwell';
import { CanonicalVariates } from 'southwell/factorisation';
import * as v from 'valibot';
import { denseRows, type EncodedRows, encodedRows, encodingSchema, vector } from '../../encoded.ts';
import { RequestError } from '../../errors.ts';
import { modelText, savedAs } from '../../saved-model.ts';
import { namedColumns } from './sparseColumns.ts';

/** Files of canonical variates: scores of either view, or of the one whose columns a table has. */

const FORMAT = 'southwell-variates';
const VIEWS = ['x', 'y'] as const;
const view = v.object({
  encoding: encodingSchema,
  /** By which columns were divided, before means were taken off. */
  deviations: v.optional(vector),
  means: vector,
  /** A list of weights, one a column, for each component. */
  weights: v.pipe(v.array(vector), v.nonEmpty()),
});
const schema = v.object({ format: v.literal(FORMAT), version: v.literal(1), views: v.tuple([view, view]) });
type SavedView = v.InferOutput<typeof view>;
type Saved = v.InferOutput<typeof schema>;

export const savedText = (views: readonly SavedView[]): string =>
  modelText<Saved>({ format: FORMAT, version: 1, views: [views[0], views[1]] });

/** Columns of numbers by their names, for files that are read by blocks or have no names. */
export const numbersNamed = (names: readonly string[], missing: Encoding['missing']): Encoding => ({
  ...{ version: 1, kind: 'columns', missing, sparse: false },
  features: names.map((name) => ({ name, type: 'number' as const })),
  featureNames: names,
});

export const variatesSaved = savedAs(FORMAT, schema, ({ views }) => {
  const shaped = views.every(
    ({ encoding, deviations, means, weights }) =>
      [means, ...weights, ...(deviations ? [deviations] : [])].every(
        (x) => x.length === encoding.featureNames.length,
      ) && weights.length === views[0].weights.length,
  );
  return shaped ? { predict: (table) => predictionsOf(views, table) } : undefined;
});

function predictionsOf(views: Saved['views'], given: Table) {
  const table = given.sparse
    ? namedColumns(
        given,
        views.flatMap(({ encoding }) => encoding.features.map((f) => f.name)),
      )
    : given;
  const shared = sharedColumns(views);
  if (shared !== undefined) {
    throw new RequestError(
      `Both views have ${shared}, so that one table cannot say whose it is: rename it in one of them and fit anew.`,
    );
  }
  const [first, second] = views.map((of) => presence(of.encoding, table));
  const used = views.map((_, side) => {
    const [own, other] = side === 0 ? [first, second] : [second, first];
    return own === 'all' || own === 'some' || other === 'none';
  });
  const notes: string[] = [];
  const columns: Record<string, Array<number | null>> = {};
  let predicted = 0;
  views.forEach((of, side) => {
    if (!used[side]) {
      notes.push(`${table.name} has no column of the ${side === 0 ? 'first' : 'second'} view: no scores of it.`);
      return;
    }
    const rows = encodedRows(table, of.encoding, of.deviations);
    scoresOf(of, rows).forEach((column, c) => {
      columns[`${VIEWS[side]}_${c + 1}`] = column;
    });
    notes.push(...rows.notes.filter((note) => !notes.includes(note)));
    predicted = Math.max(predicted, rows.X.rows);
  });
  return { columns, predicted, notes };
}

/** Scores by component, computed as those of the fit are. */
function scoresOf({ weights, means }: SavedView, { X, spread }: EncodedRows): Array<Array<number | null>> {
  const W = DenseMatrix.fromColumnMajor(weights.flat(), weights[0].length, weights.length);
  const rows = denseRows(X);
  const [Z] = new CanonicalVariates([W], [Float64Array.from(means)], new Float64Array(weights.length)).transform([
    rows,
  ]);
  return weights.map((_, c) => spread(Z.column(c)));
}

/** How many of the columns that a view needs a table has. */
function presence({ kind, features }: Encoding, table: Table): 'all' | 'some' | 'none' {
  if (kind === 'matrix') return table.sparse ? 'all' : 'none';
  const found = features.filter(({ name }) => table.columns.some((c) => c.name === name)).length;
  return found === features.length ? 'all' : found > 0 ? 'some' : 'none';
}

/** What both views would find in one table. */
function sharedColumns(views: Saved['views']): string | undefined {
  const [first, second] = views.map(({ encoding }) => encoding);
  if (first.kind === 'matrix' && second.kind === 'matrix') return 'columns without names';
  const name = first.features.find((f) => second.features.some((g) => g.name === f.name))?.name;
  return name === undefined ? undefined : `a column '${name}'`;
}
