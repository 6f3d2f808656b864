import type { DenseMatrix } from '@southwell/numerics/arrays';

/** A core and factors that are improved by sweeps, for a tensor of unit norm. */
export interface TuckerSweep {
  readonly core: Float64Array;
  /** In kernel memory. */
  readonly factors: readonly DenseMatrix[];
  /** Updates every factor and the core once; returns an estimate of the certificate of the previous point. */
  sweep(): number;
  /** Norm of the projected gradient, a measure of non-stationarity. */
  certificate(): number;
  /** ‖tensor‖² − ‖tensor − model‖². */
  squaresKept(): number;
}
