export { alignPairs } from './alignPairs.ts';
export { type Certainty, type CertaintyOptions, poseCertainty } from './certainty.ts';
export { type CoarseOptions, type CoarsePose, coarsePose } from './coarse.ts';
export {
  analyseDegeneracy,
  type BlockAnalysis,
  type Degeneracy,
  type DegeneracyOptions,
  directionName,
  hessianAbout,
  type WeakMotion,
  weakMotions,
} from './degeneracy.ts';
export {
  DEGENERACY_METHODS,
  type DegeneracyMethod,
  type DegenerateOptions,
  type DegenerateStep,
  solveDegenerate,
} from './degenerateStep.ts';
export type { PlaneFit } from './fittedMatches.ts';
export { type FreeMotion, isFree } from './freeMotions.ts';
export { KdTree } from './kdTree.ts';
export { REGISTRATION_METHODS, type RegistrationMethod } from './nearestMatches.ts';
export { type Neighbourhoods, neighbourhoods } from './normals.ts';
export { boundsOf, centreOf, finitePoints, isFinite3, type PointsLike, pointsOf } from './points.ts';
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
} from './poseGraph.ts';
export { type NodeCertainty, poseGraphCertainty, withoutMotions } from './poseGraphCertainty.ts';
export { type PoseEdge, tiedNodes } from './poseGraphSystem.ts';
export type { RegistrationPoint, StepTolerances } from './poseSteps.ts';
export { type PreparedCloud, type PrepareOptions, prepareCloud } from './prepared.ts';
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
export { type ManyOptions, type ManyRegistration, type PairOfMany, registerMany } from './registerMany.ts';
export {
  COARSE,
  type Coarse,
  diagonalOf,
  type PairOptions,
  type PairRegistration,
  registerPair,
} from './registerPair.ts';
export { ROBUST_KERNELS, type RobustKernel } from './robust.ts';
export { type PoseSystem, pointToPlaneHessian } from './system.ts';
export { fitsVoxels, type Voxels, voxelDownsample } from './voxels.ts';
