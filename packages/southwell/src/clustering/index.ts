export {
  NeighbourIndex,
  type NeighbourIndexOptions,
  type NeighbourIndexState,
  type NeighbourIterate,
  type NeighbourOptions,
  type NeighbourSearch,
  type Neighbours,
  nearestNeighbours,
  neighbourIterates,
  Points,
  searches,
} from '@southwell/numerics/neighbours';
export { type Affinity, neighbourAffinity } from './affinity.ts';
export { BoundUpdates } from './bound.ts';
export { mixturePosteriors, nearestPrototypes } from './centres/assign.ts';
export {
  type Clustering,
  type KMeansOptions,
  type KMeansStart,
  kMeans,
  kMeansIterates,
  restartRecords,
} from './centres/kMeans.ts';
export {
  gaussianMixture,
  type Mixture,
  type MixtureOptions,
  type MixtureStart,
  mixtureIterates,
  mixtureRecords,
} from './centres/mixture.ts';
export type { CovarianceKind } from './centres/mixtureCovariances.ts';
export type { RestartState } from './centres/restarts.ts';
export {
  type ComponentIterate,
  neighbourScale,
  type PrincipalComponents,
  principalComponentIterates,
  project,
} from './features.ts';
export { type FewShotOptions, type FewShotResult, fewShotClassify, unitRows } from './fewShot.ts';
export {
  type KMedoidsOptions,
  kMedoids,
  kMedoidsIterates,
  type MedoidMetric,
  type MedoidStart,
  type MedoidState,
  type Medoids,
  medoidRecords,
} from './kMedoids.ts';
export {
  type LaplacianIterate,
  type LaplacianOptions,
  type LaplacianStart,
  laplacianClustering,
  laplacianIterates,
  laplacianRecords,
  type Prototype,
} from './laplacian.ts';
export { adjustedRandIndex, clusterAccuracy, meanInterval, normalizedMutualInformation } from './metrics.ts';
export { type SpectralIterate, spectralIterates } from './spectral.ts';
