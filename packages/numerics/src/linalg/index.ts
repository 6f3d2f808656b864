export { blockGram, columnDot, columnSpreads, columnSquaredNorms, gramAbsoluteRowSums, SPREAD } from './columns.ts';
export { gramMatrix, invert, invertMMatrix, matrixProduct, nonnegativeExponential } from './dense.ts';
export { exponential } from './exponential.ts';
export { type CholeskyFactor, cholesky } from './factorisations/cholesky.ts';
export { LongProduct } from './factorisations/determinant.ts';
export { type Inertia, type LdltFactor, ldlt } from './factorisations/ldlt.ts';
export { type LuFactor, lu } from './factorisations/lu.ts';
export { estimateOneNorm } from './factorisations/oneNorm.ts';
export { type QrFactor, type QrOptions, qr } from './factorisations/qr.ts';
export { BlockReflector } from './factorisations/reflectors.ts';
export {
  type Eigen,
  type EigenOptions,
  type EigenValues,
  eigen,
  type Schur,
  schur,
} from './factorisations/spectral/eigen.ts';
export {
  type EigenSymmetricOptions,
  eigenSymmetric,
  type SymmetricEigen,
} from './factorisations/spectral/eigenSymmetric.ts';
export { type SvdOptions, svd } from './factorisations/spectral/svd.ts';
export { jacobiSvd, type SingularValues } from './jacobiSvd.ts';
export { polarFactor } from './polar.ts';
export { multiply, multiplyTransposed } from './products.ts';
export { drawNormals, innerProducts, rowGram, rowProduct, squaresOf } from './spread.ts';
export { piecewise, splitImage, splitMeans, splitProduct, splitRowSums, splitSquares, splitSum } from './spreadData.ts';
export type { Svd } from './svdTriplets.ts';
export {
  choleskyInPlace,
  choleskySolveInPlace,
  factorPositive,
  largestEigenvalue,
  type SymmetricFactor,
  symmetricEigen,
  symmetricEigenTails,
  symmetricEigenvalues,
} from './symmetric.ts';
export { isMirrored, transpose } from './transpose.ts';
export { allColumns, TreeSums } from './treeSums.ts';
export { leftProduct, orthonormaliseRows } from './wide.ts';
