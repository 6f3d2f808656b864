export { PenaltyKind } from '@southwell/kernels';
export { lHalf, lTwoThirds, mcp, scad } from './concave.ts';
export { box, elasticNet, l1, none, nonNegative, ridge } from './convex.ts';
export {
  type CoordinateParameters,
  type CoordinatePenalty,
  coordinatePenalty,
  type PerCoordinate,
} from './coordinate.ts';
export type { SeparablePenalty } from './separable.ts';
