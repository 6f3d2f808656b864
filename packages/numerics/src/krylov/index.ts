export { splitRows } from './blockBasis.ts';
export type { SvdState } from './blockSvd.ts';
export type { EigenPairs, EigenPoint } from './eigenProblem.ts';
export { type Eigenspace, leadingEigenspace, leadingEigenspaceSteps } from './eigenspace.ts';
export {
  ended,
  type GeneralisedEigen,
  generalisedEigen,
  generalisedEigenSteps,
  SETTLED,
  settle,
} from './generalisedEigen.ts';
export { LanczosProcess, largestEigenvalueOf } from './lanczos.ts';
export { type LobpcgOptions, lobpcg, lobpcgIterates } from './lobpcg.ts';
export type { LobpcgState } from './lobpcgBlock.ts';
export type { LanczosState } from './restartedBasis.ts';
export {
  type RandomizedSvdOptions,
  randomizedSvd,
  svdResiduals,
  type TruncatedSvd,
  type TruncatedSvdOptions,
  truncatedSvd,
  truncatedSvdAsync,
  truncatedSvdIterates,
} from './svd.ts';
export {
  type LanczosOptions,
  thickRestartLanczos,
  thickRestartLanczosIterates,
} from './thickRestart.ts';
