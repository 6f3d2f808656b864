import type { DenseMatrix } from 'southwell';

/** A list of numbers a column. */
export const columnsOf = (M: DenseMatrix): number[][] => Array.from({ length: M.cols }, (_, j) => [...M.column(j)]);
