export { type Aggregate, aggregate, aggregateRanks } from './aggregate.ts';
export { type Attack, type AttackedRule, type AttackedStep, attackGradients, attacks } from './attacks.ts';
export { type CenteredClippingOptions, centeredClippingIterates, centeredClippingWeights } from './clipping.ts';
export {
  type FlagMedian,
  type FlagMedianOptions,
  type FlagOptions,
  type FlagWeights,
  flagIterates,
  flagMedian,
  flagWeights,
} from './flag.ts';
export {
  type CombinationWeights,
  type GeometricMedianOptions,
  geometricMedianIterates,
  geometricMedianWeights,
} from './geometricMedian.ts';
export { type KrumOptions, type KrumWeights, krumWeights } from './krum.ts';
export {
  type AggregateOptions,
  type AggregationRule,
  aggregateRecords,
  aggregationRules,
  rulesWithFaulty,
} from './options.ts';
export type { Gradient } from './staging.ts';
