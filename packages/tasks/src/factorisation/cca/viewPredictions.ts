import { columnShift, type Encoding, type Table } from '@southwell/data';
import { RequestError } from '../../errors.ts';
import { namedColumns } from './sparseColumns.ts';

const VIEWS = ['x', 'y'] as const;

/** A saved view: its encoding of a table, and its scores of the rows by component. */
export interface ViewScores {
  readonly encoding: Encoding;
  scores(table: Table): {
    readonly columns: ReadonlyArray<ReadonlyArray<number | null>>;
    readonly notes: readonly string[];
    /** Number of rows with scores. */
    readonly rows: number;
  };
}

/** Scores of a table by the view, or the views, whose columns it has. Throws sentences if these are ambiguous. */
export function viewPredictions(views: readonly ViewScores[], given: Table) {
  const table = given.sparse ? namedViews(views, given) : given;
  const shared = sharedColumns(views);
  if (shared !== undefined) {
    throw new RequestError(
      `Both views have ${shared}, so that it is ambiguous in one table: rename it in one view and fit again.`,
    );
  }
  const [first, second] = views.map((of) => presence(of.encoding, table));
  const used = views.map((_, side) => {
    const [own, other] = side === 0 ? [first, second] : [second, first];
    return own === 'all' || own === 'some' || other === 'none';
  });
  const notes: string[] = [];
  const columns: Record<string, ReadonlyArray<number | null>> = {};
  let predicted = 0;
  views.forEach((of, side) => {
    if (!used[side]) {
      notes.push(
        `${table.name} has no column of the ${side === 0 ? 'first' : 'second'} view: its scores are not computed.`,
      );
      return;
    }
    const { columns: own, notes: told, rows } = of.scores(table);
    own.forEach((column, c) => {
      columns[`${VIEWS[side]}_${c + 1}`] = column;
    });
    notes.push(...told.filter((note) => !notes.includes(note)));
    predicted = Math.max(predicted, rows);
  });
  return { columns, predicted, notes };
}

/** The columns of both views of a sparse matrix, counted as in the file of each. */
function namedViews(views: readonly ViewScores[], given: Table): Table {
  const parts = views.map(({ encoding }) => {
    const names = encoding.features.map((f) => f.name);
    return namedColumns(given, names, columnShift(given, encoding));
  });
  return { ...parts[0], columns: parts.flatMap(({ columns }) => columns) };
}

/** How many of the columns of a view a table has. */
function presence({ kind, features }: Encoding, table: Table): 'all' | 'some' | 'none' {
  if (kind === 'matrix') return table.sparse ? 'all' : 'none';
  const found = features.filter(({ name }) => table.columns.some((c) => c.name === name)).length;
  return found === features.length ? 'all' : found > 0 ? 'some' : 'none';
}

/** A column that both views would find in one table. */
function sharedColumns(views: readonly ViewScores[]): string | undefined {
  const [first, second] = views.map(({ encoding }) => encoding);
  if (first.kind === 'matrix' && second.kind === 'matrix') return 'columns without names';
  const name = first.features.find((f) => second.features.some((g) => g.name === f.name))?.name;
  return name === undefined ? undefined : `a column '${name}'`;
}
