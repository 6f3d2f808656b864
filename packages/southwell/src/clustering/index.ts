export { mixturePosteriors, nearestPrototypes } from './assign.ts';
export { BoundUpdates } from './bound.ts';
export {
  type ComponentIterate,
  neighbourScale,
  type PrincipalComponents,
  principalComponentIterates,
  project,
} from './features.ts';
export { type FewShotOptions, type FewShotResult, fewShotClassify, unitRows } from './fewShot.ts';
export { type Clustering, type KMeansOptions, type KMeansStart, kMeans, kMeansIterates } from './kMeans.ts';
export {
  type LaplacianIterate,
  type LaplacianOptions,
  type LaplacianStart,
  laplacianClustering,
  laplacianIterates,
  type Prototype,
} from './laplacian.ts';
export { adjustedRandIndex, clusterAccuracy, meanInterval, normalizedMutualInformation } from './metrics.ts';
export {
  covarianceKinds,
  gaussianMixture,
  type Mixture,
  type MixtureOptions,
  type MixtureStart,
  mixtureIterates,
} from './mixture.ts';
export type { CovarianceKind } from './mixtureCovariances.ts';
export {
  NeighbourIndex,
  type NeighbourIndexOptions,
  type NeighbourIndexState,
  type NeighbourSearch,
} from './neighbourIndex.ts';
export {
  type Affinity,
  type NeighbourIterate,
  type NeighbourOptions,
  type Neighbours,
  nearestNeighbours,
  neighbourAffinity,
  neighbourIterates,
  searches,
} from './neighbours.ts';
export { Points } from './points.ts';
export type { RestartState } from './restarts.ts';
export { type SpectralIterate, spectralIterates } from './spectral.ts';
