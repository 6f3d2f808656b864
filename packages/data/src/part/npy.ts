import { fillColumns, noteRounding, npyLayout, npyNames } from '../binary/npy.ts';
import { fileColumn, type NpyLayout } from '../binary/npy-header.ts';
import type { Source } from '../io/source.ts';
import type { ReadContext, Table } from '../table.ts';
import type { Company } from './company.ts';
import type { RowsOf } from './whole.ts';

/** The rows of this rank of a .npy file: contiguous in C order, and contiguous within each column in Fortran order. */
export async function npyPart(source: Source, context: ReadContext, company: Company, rowsOf: RowsOf): Promise<Table> {
  let layout!: NpyLayout;
  await company.agree(async () => {
    ({ layout } = await npyLayout(source, context.name));
  });
  const { rows: all, cols, itemSize, start, fortranOrder } = layout;
  const [first, end] = rowsOf(all, company.rank);
  const rows = end - first;
  const columns = npyNames(layout).map((name) => ({ name, type: 'number' as const, values: new Float64Array(rows) }));
  await company.agree(async () => {
    if (rows === 0) return;
    const fill = (from: number, width: number, column: (j: number) => Float64Array) => {
      // Either one column at a time or rows, described as two-dimensional in both cases.
      const part = {
        ...layout,
        shape: [rows, width],
        rows,
        cols: width,
        start: from,
        end: from + rows * width * itemSize,
      };
      return fillColumns(source, part, column, context);
    };
    if (!fortranOrder) return fill(start + first * cols * itemSize, cols, (j) => columns[j].values);
    for (const [j, { values }] of columns.entries()) {
      await fill(start + (fileColumn(layout, j) * all + first) * itemSize, 1, () => values);
    }
  });
  noteRounding(layout, context);
  return { name: context.name, format: 'npy', rows, before: first, all, columns, notes: context.notes };
}
