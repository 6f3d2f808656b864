import { elasticNetPenalty } from './elasticNet.ts';
import { lHalfPenalty } from './lHalf.ts';
import { logSumPenalty } from './logSum.ts';
import { lTwoThirdsPenalty } from './lTwoThirds.ts';
import { mcpPenalty } from './mcp.ts';
import { scadPenalty } from './scad.ts';

/** Every separable penalty by name; types, checks, messages and tests are derived from this list. */
export const penalties = {
  'elastic-net': elasticNetPenalty,
  mcp: mcpPenalty,
  scad: scadPenalty,
  'l1/2': lHalfPenalty,
  'l2/3': lTwoThirdsPenalty,
  'log-sum': logSumPenalty,
} as const;

export type PenaltyName = keyof typeof penalties;

/**
 * A penalty by name, without its alpha; `{ type: 'elastic-net', l1Ratio: 1 }` is the lasso, with 0 ridge. Omitted
 * parameters have the default of the penalty.
 */
export type PenaltySpec<N extends PenaltyName = PenaltyName> = {
  [K in N]: { readonly type: K } & { readonly [P in keyof (typeof penalties)[K]['parameters']]?: number };
}[N];

export {
  type CoordinateParameters,
  type CoordinatePenalty,
  coordinatePenalty,
  type PerCoordinate,
} from './coordinate.ts';
export { box, elasticNet, l1, none, nonNegative, ridge } from './elasticNet.ts';
export { lHalf } from './lHalf.ts';
export { logSum } from './logSum.ts';
export { lTwoThirds } from './lTwoThirds.ts';
export { mcp } from './mcp.ts';
export {
  checkedParameters,
  type Penalty,
  type PenaltyConjugate,
  type PenaltyParameter,
  stationarity,
} from './penalty.ts';
export { scad } from './scad.ts';
export type { SeparablePenalty } from './separable.ts';
