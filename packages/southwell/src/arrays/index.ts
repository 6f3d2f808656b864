export { CscMatrix } from './csc.ts';
export { DenseMatrix } from './dense.ts';
export { asMatrix, checkFinite, type Matrix, type MatrixLike } from './matrix.ts';
