export { amd, columnOrder } from './amd.ts';
export { CholeskyFactor, type PlainCholesky } from './cholesky.ts';
export { conditionEstimate, SparseFactor } from './factor.ts';
export { type LuOptions, type PlainLu, SparseLuFactor, sparseLu } from './lu.ts';
export { type BlockTriangular, blockTriangular, maximumMatching, structuralRank } from './matching.ts';
export type { Pattern } from './pattern.ts';
export type { Ordering } from './supernodes.ts';
export { analyse, type SymmetricAnalysis, type SymmetricOptions, sparseCholesky } from './symmetric.ts';
export { fromTriangle } from './triangle.ts';
