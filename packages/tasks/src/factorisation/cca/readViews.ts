import { type Design, designMatrix, type Table } from '@southwell/data';
import { DenseMatrix } from 'southwell';
import type { TaskTools } from '../../declaration/task.ts';
import { RequestError } from '../../errors.ts';
import type { CcaRequest } from './options.ts';
import { namedColumns } from './sparseColumns.ts';

type ViewsRequest = Pick<CcaRequest, 'second' | 'x' | 'y' | 'missing'>;

/** Two tables, or two groups of columns of one table, as matrices of the rows that both have. */
export async function readViews(request: ViewsRequest, tools: Pick<TaskTools, 'read' | 'signal' | 'spell'>) {
  const first = await tools.read();
  const second = request.second === undefined ? first : await tools.read('second');
  if (first.rows !== second.rows) {
    throw new RequestError(
      `Both views must have the same rows, but ${first.name} has ${first.rows} and ${second.name} has ${second.rows}.`,
    );
  }
  const { missing } = request;
  const designs = [viewOf(first, request.x, missing, tools.spell), viewOf(second, request.y, missing, tools.spell)];
  tools.signal.throwIfAborted();
  const kept = commonRows(designs, first.rows);
  return { first, second, designs, kept, views: designs.map((design) => rowsOf(design, kept)) };
}

/** The columns of one view; in a file without column names they are x1, x2, …, as when it is read in blocks. */
function viewOf(
  given: Table,
  features: readonly string[] | undefined,
  missing: ViewsRequest['missing'],
  spell: TaskTools['spell'],
) {
  const table = given.sparse && features ? namedColumns(given, features) : given;
  // The indicators of a category sum to 1: using all of them would make columns linearly dependent.
  const design = designMatrix(table, { features, missing, sparse: false, dropFirst: true, spell });
  const left = design.encoding.features.flatMap((f) => (f.type === 'category' ? [`${f.name}=${f.baseline}`] : []));
  const notes =
    left.length > 0
      ? [...design.notes, `One level of each category has no column of its own: ${left.join(', ')}.`]
      : design.notes;
  return { ...design, notes };
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
