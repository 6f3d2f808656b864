export type { MonotoneState } from './chainDescent.ts';
export { type Direction, type Spearman, spearman } from './data.ts';
export {
  type IsotonicFit,
  IsotonicModel,
  type IsotonicOptions,
  isotonicIterates,
  isotonicRecords,
  isotonicRegression,
  type OutOfBounds,
} from './isotonic.ts';
export {
  type MonotoneFit,
  MonotoneModel,
  type MonotoneOptions,
  monotoneIterates,
  monotoneRegression,
  type PartialOrderFit,
  type PartialOrderOptions,
  partialOrderIterates,
  partialOrderRegression,
} from './monotone.ts';
