export * from './level1';
export * from './descent';
export { columnStats, gemv, gemvT, gemvTSubset, sgemv, sgemvT } from './level2';
export { cscColumnStats, cscGemv, cscGemvT, cscGemvTSubset, weightedGramCsr } from './sparse';
export { gemm, mirrorLower, sgemm, syrk } from './gemm';
export { backwardSolve, cholAppend, cholDelete, cholSolve, forwardSolve, potrf, trsm } from './cholesky';
export { gramGroupDescent } from './groupDescent';
