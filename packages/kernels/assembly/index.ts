export * from './level1';
export * from './descent';
export { columnStats, gemv, gemvT, gemvTSubset, sgemv, sgemvT, transpose, weightedStats } from './level2';
export { cscAddColumns, cscColumnStats, cscGemv, cscGemvT, cscGemvTSubset } from './sparse';
export { gemm, mirrorLower, sgemm, syrk } from './gemm';
export { backwardSolve, cholAppend, cholDelete, cholSolve, forwardSolve, potrf, trsm } from './cholesky';
export { logisticConjugate, logisticDerivatives } from './logistic';
export { cscGroupDescent, denseGroupDescent, gramGroupDescent } from './groupDescent';
export { twoSmallest } from './smallest';
