import type { DenseMatrix } from 'southwell';

/** The columns of a matrix as lists of numbers. */
export const columnsOf = (M: DenseMatrix): number[][] => Array.from({ length: M.cols }, (_, j) => [...M.column(j)]);
