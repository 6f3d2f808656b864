export { projectBall } from './ball.ts';
export { clamp, projectBox } from './box.ts';
export { projectSecondOrderCone } from './cone.ts';
export {
  type IsotonicBlocks,
  isotonicBlocks,
  type MonotoneConeOptions,
  poolAdjacentViolators,
  projectMonotoneCone,
} from './monotone.ts';
export { projectL1Ball, projectSimplex } from './simplex.ts';
