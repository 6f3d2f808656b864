export { type Accelerator, AcceleratorError, accelerator, type OpenBlasOptions, ThreadPool } from '@southwell/kernels';
export { columnFacts, FACTS } from './columnFacts.ts';
export { type ColumnExchange, ColumnParts } from './columnParts.ts';
export { columnSums, pieceOfRows, storedCounts } from './columnSums.ts';
export { coordinateBar } from './coordinateBar.ts';
export { CscMatrix } from './csc.ts';
export { DenseMatrix } from './dense.ts';
export {
  type AnyMatrix,
  type AnyMatrixLike,
  asMatrix,
  attachMatrix,
  checkFinite,
  type Matrix,
  type MatrixLike,
  type SharedMatrix,
} from './matrix.ts';
export { NumberCells } from './numberCells.ts';
export { useOpenBlas } from './openBlas.ts';
export { columnsOfRows } from './pieces.ts';
export { fromPlain, toPlain } from './plain.ts';
export { select } from './select.ts';
