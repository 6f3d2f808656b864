export { type FactorizeOptions, factorizeSparse, factorizeSparseIterates } from './armor/factorize.ts';
export { type Factors, factorsBytes, factorsMultiplications, factorsToDense } from './armor/factors.ts';
export type { GroupSelection } from './armor/fit.ts';
export { type BinaryPoint, type BinaryQuadraticOptions, minimizeBinaryQuadratic } from './binaryQuadratic.ts';
export { type CompressedWeights, compressedToDense } from './compressed.ts';
export { type GridOptions, quantiseToGrid } from './grid.ts';
export {
  type PrunedNetwork,
  type PruneIterativeOptions,
  type PruneState,
  pruneIterative,
  pruneIterativeIterates,
  type SolveBlock,
} from './iterative/prune.ts';
export type { LossExamples, LossNetwork } from './iterative/state.ts';
export { type Codebook, kmeans1d } from './kmeans1d.ts';
export {
  type CodebookLayer,
  type CodebookNetwork,
  type CodebooksOptions,
  type CodebooksState,
  compressToCodebooks,
  compressToCodebooksIterates,
} from './learned/compress.ts';
export { densityOf, type Pattern } from './masks.ts';
export { type CompressionMethod, type CompressionMethodName, compressionMethods, type Settings } from './methods.ts';
export { type InputMoments, MomentSums, momentsOf } from './moments.ts';
export { type CalibrateOptions, calibrate } from './networks/calibrate.ts';
export { calibrateOnRanks } from './networks/calibrateOnRanks.ts';
export {
  type CompressedLayer,
  type CompressedNetwork,
  type CompressOptions,
  type CompressState,
  compressNetwork,
  compressNetworkIterates,
} from './networks/compress.ts';
export { type LayerWeights, layersOf, matrixOf, type Network } from './networks/layers.ts';
export { packWeights } from './networks/packed.ts';
export { compressRecords } from './networks/records.ts';
export { type PrunedWeights, type PruneMethod, type PruneOptions, pruneWeights } from './prune.ts';
export {
  type CodebookOptions,
  type CodedWeights,
  fromCodes,
  fromScaledRows,
  packIndices,
  quantiseRows,
  quantiseToCodebooks,
  type ScaledRows,
  unpackIndices,
} from './quantise.ts';
export { outputError, type ReconstructOptions, reconstructWeights } from './reconstruct.ts';
export { refit } from './refit.ts';
