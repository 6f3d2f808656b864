import { fillColumns, npyLayout, npyNames } from '../binary/npy.ts';
import { fileColumn, type NpyLayout } from '../binary/npy-header.ts';
import { RoundedIntegers, roundedNote } from '../binary/rounded.ts';
import type { Source } from '../io/source.ts';
import { type Column, categoryColumn, type ReadContext, type Table } from '../table.ts';
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
  const rounded = new RoundedIntegers();
  const firsts = await company.agree(async () => {
    if (rows === 0) return [];
    const fill = async (from: number, width: number, j: number) => {
      // Either one column at a time or rows, described as two-dimensional in both cases.
      const part = {
        ...layout,
        shape: [rows, width],
        rows,
        cols: width,
        start: from,
        end: from + rows * width * itemSize,
      };
      const own = new RoundedIntegers();
      await fillColumns(source, part, (k) => columns[j + k].values, context, width === 1 ? own : rounded);
      if (width === 1) rounded.adopt(own, j);
    };
    if (!fortranOrder) await fill(start + first * cols * itemSize, cols, 0);
    else for (let j = 0; j < cols; j++) await fill(start + (fileColumn(layout, j) * all + first) * itemSize, 1, j);
    return rounded.firsts;
  });
  const { name, notes } = context;
  const coded = new Map(firsts.flat().toReversed());
  const read: Column[] = [];
  // In the order of the columns, so that all ranks take the same steps.
  for (const [j, column] of columns.entries()) {
    const shown = coded.get(j);
    if (shown === undefined) {
      read.push(column);
      continue;
    }
    notes.push(roundedNote(column.name, shown));
    const { codes, levels } = rounded.texts(j, column.values);
    const words = [...new Set((await company.agree(() => levels)).flat())];
    const place = new Map(words.map((word, k) => [word, k]));
    const own = codes.map((code) => place.get(levels[code])!);
    read.push(categoryColumn(column.name, own, words, undefined, all));
  }
  return { name, format: 'npy', rows, before: first, all, columns: read, notes };
}
