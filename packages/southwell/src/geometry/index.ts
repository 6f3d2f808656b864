export { judgePose, type PoseAgreement, type Verdict } from './agreement/verdict.ts';
export { alignPairs } from './alignPairs.ts';
export { type CoarseOptions, type CoarsePose, coarsePose } from './coarse.ts';
export { type Certainty, type CertaintyOptions, poseCertainty } from './degeneracy/certainty.ts';
export {
  analyseDegeneracy,
  type BlockAnalysis,
  type Degeneracy,
  type DegeneracyOptions,
  degeneracyRecords,
  directionName,
  hessianAbout,
  type WeakMotion,
  weakMotions,
} from './degeneracy/degeneracy.ts';
export {
  DEGENERACY_METHODS,
  type DegeneracyMethod,
  type DegenerateOptions,
  type DegenerateStep,
  degeneracyTitles,
  solveDegenerate,
} from './degeneracy/degenerateStep.ts';
export { isFree } from './degeneracy/freeMotions.ts';
export type { FreeMotion } from './degeneracy/heldStill.ts';
export type { PlaneFit } from './fittedMatches.ts';
export { KdTree } from './kdTree.ts';
export { REGISTRATION_METHODS, type RegistrationMethod } from './nearestMatches.ts';
export { type Neighbourhoods, neighbourhoods } from './normals.ts';
export { boundsOf, centreOf, diagonalOf, finitePoints, isFinite3, type PointsLike, pointsOf } from './points.ts';
export {
  composePoses,
  expRotation,
  identityPose,
  invertPose,
  logRotation,
  type Pose,
  poseDistance,
  poseMatrix,
  poseOf,
  rotateVectors,
  stepPose,
  transformPoints,
} from './pose.ts';
export {
  optimisePoseGraph,
  type PoseGraphOptions,
  type PoseGraphPoint,
  type PoseGraphSolution,
  poseGraphIterates,
} from './pose-graph/poseGraph.ts';
export { type NodeCertainty, poseGraphCertainty, withoutMotions } from './pose-graph/poseGraphCertainty.ts';
export { type PoseEdge, tiedNodes } from './pose-graph/poseGraphSystem.ts';
export type { RegistrationPoint, StepTolerances } from './pose-graph/poseSteps.ts';
export { type ManyOptions, type ManyRegistration, type PairOfMany, registerMany } from './pose-graph/registerMany.ts';
export { type PreparedCloud, type PrepareOptions, prepareCloud, prepareRecords } from './prepared.ts';
export {
  type DegeneracyHandling,
  type PointToPlaneOptions,
  poseCovariance,
  type RegisterOptions,
  type Registration,
  type RegistrationHistory,
  registerClouds,
  registerPointToPlane,
  registrationIterates,
} from './register.ts';
export {
  type Coarse,
  type PairOptions,
  type PairRegistration,
  pairRecords,
  registerPair,
} from './registerPair.ts';
export { ROBUST_KERNELS, type RobustKernel } from './robust.ts';
export { type PoseSystem, pointToPlaneHessian } from './system.ts';
export { fitsVoxels, type Voxels, voxelDownsample } from './voxels.ts';
