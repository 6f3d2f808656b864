import type { Design, Table } from '@southwell/data';
import type { AnyMatrix, ColumnParts } from '@southwell/numerics/arrays';
import { inOnePlace, type SplitRows } from '@southwell/numerics/core';
import { linearSolvers } from 'southwell/linear-models';
import { gatheredTable } from '../spread/gatherTable.ts';
import type { JobRanks } from '../spread/ranks.ts';
import { splitColumns } from '../spread/splitColumns.ts';
import type { FitRequest } from './options.ts';

/** A design whose matrix may be distributed over ranks by columns. */
export type AnyDesign<M extends AnyMatrix = AnyMatrix> = Omit<Design, 'X'> & { readonly X: M };

/**
 * Whether ranks should have columns instead of rows: there are more of them, and the solver fetches only the few that
 * it needs.
 */
export function byColumns(
  { X, spread }: Pick<Design, 'X' | 'spread'>,
  { solver = 'working-sets' }: FitRequest,
): boolean {
  const { splitsColumns } = linearSolvers[solver as keyof typeof linearSolvers] as { splitsColumns?: true };
  return X.cols > spread.all && splitsColumns === true;
}

/**
 * Redistributes a table that all ranks have read together from rows to columns: values per row, and the named columns
 * of the table, are then complete on every rank. `rows`: the distribution of the table.
 */
export function inColumns(
  ranks: JobRanks,
  table: Table,
  design: Design,
  names: readonly string[],
  rows: SplitRows,
): { readonly table: Table; readonly design: AnyDesign<ColumnParts> } {
  const { spread } = design;
  const { index: _index, sparse: _sparse, ...rest } = table;
  const columns = table.columns.filter(({ name }) => names.includes(name));
  const own = design.rows ?? Int32Array.from({ length: table.rows }, (_, i) => i);
  const { y, rows: _rows, spread: _spread, X, ...described } = design;
  return {
    table: gatheredTable(ranks, { ...rest, columns }),
    design: {
      ...described,
      X: splitColumns(ranks, X, spread),
      spread: inOnePlace(spread.all),
      ...(y && { y: spread.gather(y) }),
      ...(spread.all < rows.all && {
        rows: Int32Array.from(rows.gather(Float64Array.from(own, (i) => i + rows.first))),
      }),
    },
  };
}
