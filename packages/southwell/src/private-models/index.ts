export { type AccountantOptions, PrivacyAccountant, privacyAccountant, type Spent } from './accountant.ts';
export type { ClientOptions, EncodeOptions, LdpClient, LdpMessage } from './client.ts';
export { discreteLaplace, roundedNormal } from './exactNoise.ts';
export { analyticGaussianSigma, gaussianDelta } from './gaussianSigma.ts';
export { type Privacy, privacyRecords } from './grids.ts';
export { type LdpProtocol, ldpSparseRegression } from './ldp.ts';
export {
  type BallOptions,
  ballRadius,
  type GaussianOptions,
  gaussianMechanism,
  type LaplaceOptions,
  l2BallMechanism,
  laplaceMechanism,
  type PrivateVector,
} from './mechanisms.ts';
export { type NoiseSource, secureSource, seededSource } from './noiseSource.ts';
export { type LdpPower, ldpPower, type NeededForEffect, type PowerOptions, powerRecords } from './power.ts';
export {
  clipRecords,
  type Design,
  designOf,
  type LdpMode,
  type LdpOptions,
  ldpRecords,
  oneRoundRecords,
} from './protocol.ts';
export { estimateFrom, type LdpFit, type LdpServer } from './server.ts';
export { ClippedSums, type DrawPerson, type SimulationOptions, simulateLdp } from './simulate.ts';
export { hardThreshold, softThreshold, solveFloored } from './solve.ts';
