export {
  type ConsensusOptions,
  type ConsensusResult,
  consensusAdmm,
  consensusAdmmIterates,
  consensusAdmmRanks,
} from './consensusAdmm.ts';
export type { Absent, AdmmIterate, AdmmState } from './engine.ts';
export {
  type FederatedRound,
  type FederatedWls,
  type FederatedWlsOptions,
  federatedWls,
  federatedWlsIterates,
  federatedWlsRanks,
} from './federatedWls.ts';
export type { FederatedResult } from './limited.ts';
export { type LocalLoss, type LocalProx, type LossRows, lossProx } from './lossProx.ts';
export type { LinkNoise } from './noise.ts';
export type { ConsensusSettings, FederatedSettings } from './options.ts';
export { type ClientSchedule, givenSets, roundRobin, uniformSubsets } from './schedule.ts';
export {
  localSolution,
  predictedDrift,
  type WlsClient,
  type WlsMoments,
  type WlsSolution,
  wlsMoments,
  wlsReference,
} from './wls.ts';
export type { WlsForm } from './wlsClients.ts';
