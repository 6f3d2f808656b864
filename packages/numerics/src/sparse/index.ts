export { amd, columnOrder } from './amd.ts';
export { CholeskyFactor, NotDefiniteError, type PlainCholesky } from './cholesky.ts';
export { type Colouring, colourColumns, type StarColouring, starColouring } from './colouring.ts';
export { nestedDissection } from './dissection.ts';
export { type Equilibrated, equilibrate, equilibrateColumns, equilibrateRows, spreadOfSizes } from './equilibrate.ts';
export { conditionEstimate, SparseFactor } from './factor.ts';
export { type PlainLdlt, type SparseInertia, SparseLdltFactor } from './ldlt/ldlt.ts';
export { analyseLu, type LuAnalysis, type LuOptions, luFromPlain, type PlainLu, sparseLu } from './lu/lu.ts';
export { SparseLuFactor } from './lu/luFactor.ts';
export { type BlockTriangular, blockTriangular, maximumMatching, structuralRank } from './matching.ts';
export { saddlePairs } from './pairs.ts';
export { type Pattern, transposed } from './pattern.ts';
export { type PlainQr, SparseQrFactor, type SparseQrOptions, sparseQr } from './qr/qr.ts';
export { type Refined, type RefineOptions, refine, type Solver } from './refine.ts';
export type { Ordering } from './supernodes.ts';
export {
  analyse,
  type LdltOptions,
  type SymmetricAnalysis,
  type SymmetricOptions,
  sparseCholesky,
  sparseLdlt,
} from './symmetric.ts';
export { fromTriangle } from './triangle.ts';
