import { type Design, designMatrix, type Table } from '@southwell/data';
import { DenseMatrix } from 'southwell';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import { learnedFrom } from '../../learned.ts';
import type { CcaRequest } from './options.ts';
import { namedColumns } from './sparseColumns.ts';

type ViewsRequest = Pick<CcaRequest, 'second' | 'x' | 'y' | 'missing'>;

/**
 * Two tables, or two groups of columns of one table, as matrices of the rows that both have.
 * @param fittedOf The rows, among those that both have, from which encodings are learned, by their number. Default: all.
 */
export async function readViews(
  request: ViewsRequest,
  tools: Pick<TaskTools, 'read' | 'signal' | 'spell'>,
  fittedOf?: (rows: number) => readonly number[],
) {
  const first = await tools.read();
  const second = request.second === undefined ? first : await tools.read('second');
  if (first.rows !== second.rows) {
    throw new RequestError(
      `Both views must have the same rows, but ${first.name} has ${first.rows} and ${second.name} has ${second.rows}.`,
    );
  }
  const { missing } = request;
  const sides = [sideOf(first, request.x), sideOf(second, request.y)];
  // The indicators of a category sum to 1: using all of them would make columns linearly dependent.
  const designsOf = sides.map(
    ({ features }) =>
      (table: Table) =>
        designMatrix(table, { features, missing, sparse: false, dropFirst: true, spell: tools.spell }),
  );
  const whole = sides.map(({ table }, side) => designsOf[side](table));
  tools.signal.throwIfAborted();
  const kept = commonRows(whole, first.rows);
  const fitted = fittedOf?.(kept.length).map((i) => kept[i]);
  const designs = whole.map((design, side) => {
    const place = new Map(Array.from(design.rows ?? [], (row, i) => [row, i]));
    const rows = fitted?.map((row) => (design.rows ? place.get(row)! : row));
    return withNote(rows ? learnedFrom(sides[side].table, design, rows, designsOf[side]) : design);
  });
  return { first, second, designs, kept, views: designs.map((design) => rowsOf(design, kept)) };
}

/** The columns of one view; in a file without column names they are x1, x2, …, as when it is read in blocks. */
const sideOf = (given: Table, features: readonly string[] | undefined) => ({
  table: given.sparse && features ? namedColumns(given, features) : given,
  features,
});

/** With a note on levels without a column of their own. */
function withNote(design: Design): Design {
  const left = design.encoding.features.flatMap((f) => (f.type === 'category' ? [`${f.name}=${f.baseline}`] : []));
  if (left.length === 0) return design;
  return {
    ...design,
    notes: [...design.notes, `One level of each category has no column of its own: ${left.join(', ')}.`],
  };
}

/** Rows of the table that are in every view. */
function commonRows(designs: ReadonlyArray<Pick<Design, 'rows'>>, rows: number): number[] {
  const count = new Int32Array(rows);
  for (const { rows: own } of designs) {
    if (own) for (const i of own) count[i]++;
    else for (let i = 0; i < rows; i++) count[i]++;
  }
  return Array.from(count.keys()).filter((i) => count[i] === designs.length);
}

function rowsOf({ X, rows }: Pick<Design, 'X' | 'rows'>, kept: readonly number[]): DenseMatrix {
  const dense = X.kind === 'dense' ? X : X.toDense();
  const place = new Map(rows ? Array.from(rows, (row, i) => [row, i]) : []);
  const out = DenseMatrix.create(kept.length, dense.cols, { fill: false });
  kept.forEach((row, i) => {
    const from = rows ? place.get(row)! : row;
    for (let j = 0; j < dense.cols; j++) out.set(i, j, dense.get(from, j));
  });
  dense.free();
  return out;
}
